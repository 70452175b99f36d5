namespace LeptonEdge.Core.Signals;

/// <summary>Reads the fields of one specification and notes what is wrong with them, with the field's full
/// path.</summary>
internal readonly struct CheckedSpec(TransformSpec value, string path, List<string> faults)
{
    public TransformSpec Value { get; } = value;

    public string Path { get; } = path;

    public List<string> Faults { get; } = faults;

    public string Kind => Value.Kind;

    public T? Fault<T>(string field, string what)
        where T : class
    {
        Faults.Add($"{Path}.{field}: {what}");
        return null;
    }

    public Stage? UnknownKind() => Fault<Stage>(
        "kind", $"'{Kind}' is not known; use one of {string.Join(", ", TransformKinds.All)}");

    /// <summary>A field that a kind ignores is most likely meant for another: say so rather than run without
    /// it.</summary>
    public void OnlyFields(params ReadOnlySpan<string> allowed)
    {
        ReadOnlySpan<(string Name, bool Given)> fields =
        [
            ("order", Value.Order is not null), ("function", Value.Function is not null),
            ("epsilon", Value.Epsilon is not null), ("mean", Value.Mean is not null),
            ("scale", Value.Scale is not null),
            ("limit", Value.Limit is not null),
            ("start", Value.Start is not null), ("count", Value.Count is not null),
            ("low_hz", Value.LowHz is not null),
            ("high_hz", Value.HighHz is not null), ("size", Value.Size is not null),
            ("branches", Value.Branches is not null),
        ];
        foreach (var (name, given) in fields)
        {
            if (given && !allowed.Contains(name))
                Faults.Add($"{Path}.{name}: {Kind} takes no such field");
        }
    }

    public int? Integer(string field, int? given, int min, int max)
    {
        if (given is { } number && number >= min && number <= max)
            return number;
        Faults.Add($"{Path}.{field}: {(given is null ? "is missing" : $"is {given}")}; use {min} to {max}");
        return null;
    }

    public double? Number(string field, double? given, double above, double max)
    {
        if (given is { } number && number > above && number <= max)
            return number;
        var what = given is null ? "is missing" : $"is {given}";
        Faults.Add($"{Path}.{field}: {what}; use more than {above}, up to {max}");
        return null;
    }

    /// <summary>One finite value, or <paramref name="length"/> of them.</summary>
    public float[]? Values(string field, IReadOnlyList<float>? given, int length)
    {
        if (given is null || (given.Count != 1 && given.Count != length))
        {
            Faults.Add($"{Path}.{field}: has {given?.Count ?? 0} values, but this transform's input has {length}");
            return null;
        }

        for (var i = 0; i < given.Count; i++)
        {
            if (!float.IsFinite(given[i]))
            {
                Faults.Add($"{Path}.{field}[{i}]: is {given[i]}; it must be finite");
                return null;
            }
        }

        return [.. given];
    }
}
