using YamlDotNet.RepresentationModel;

namespace LeptonEdge.Agent.Configuration;

/// <summary>One mapping of the configuration while it is read: hands out values, gathers faults, and knows which keys
/// were asked for, so that every other key is an unknown one.</summary>
internal sealed class YamlSection(
    string file, string path, YamlMappingNode node, List<ConfigurationFault> faults,
    IReadOnlyDictionary<string, string> overridden, YamlSection? below = null)
{
    private readonly HashSet<string> _known = [];

    public string File { get; } = file;

    public string Path { get; } = path;

    public List<ConfigurationFault> Faults => faults;

    /// <summary>The folder that relative paths of this section start from.</summary>
    public string Folder => System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(File))!;

    /// <summary>The keys that are written here, or in the file that this section builds upon.</summary>
    public IEnumerable<string> Keys =>
        node.Children.Keys.OfType<YamlScalarNode>().Select(key => key.Value ?? "").Union(below?.Keys ?? []);

    /// <summary>The same section with another file's mapping beneath it: what is not written here is taken from
    /// there.</summary>
    public YamlSection Over(string otherFile, YamlMappingNode other) =>
        new(File, Path, node, faults, overridden, new YamlSection(otherFile, "", other, faults, overridden));

    public void Fault(string key, string problem)
    {
        var owner = OwnerOf(key);
        var full = owner.Join(key);
        var line = owner.Find(key) is { } found ? (int)found.Start.Line : (int)owner.Node.Start.Line;
        faults.Add(overridden.TryGetValue(full, out var variable)
            ? new ConfigurationFault(variable, 0, full, problem)
            : new ConfigurationFault(owner.File, line, full, problem));
    }

    public bool Has(string key) => Look(key) is not null;

    public string? Text(string key)
    {
        switch (Look(key))
        {
            case null:
                return null;
            case YamlScalarNode { Value: { Length: > 0 } value }:
                return value;
            default:
                Fault(key, "must be a single value");
                return null;
        }
    }

    public string? Required(string key, string remedy)
    {
        if (Look(key) is not null)
            return Text(key);
        Fault(key, $"is missing: {remedy}");
        return null;
    }

    public YamlSection? Section(string key)
    {
        if (Look(key) is not { } found)
            return null;
        if (found is YamlMappingNode mapping)
        {
            var owner = OwnerOf(key);
            return new YamlSection(owner.File, owner.Join(key), mapping, faults, overridden);
        }

        Fault(key, "must be a mapping of keys to values");
        return null;
    }

    public List<YamlSection> Sections(string key)
    {
        var sections = new List<YamlSection>();
        foreach (var (child, owner, at) in Items(key))
        {
            if (child is YamlMappingNode mapping)
                sections.Add(new YamlSection(owner.File, at, mapping, faults, overridden));
            else
                faults.Add(new ConfigurationFault(
                    owner.File, (int)child.Start.Line, at, "must be a mapping of keys to values"));
        }

        return sections;
    }

    /// <summary>A list of single values; a single value alone counts as a list of one.</summary>
    public List<string> Texts(string key)
    {
        if (Look(key) is YamlScalarNode { Value: { Length: > 0 } single })
            return [single];
        var texts = new List<string>();
        foreach (var (child, owner, at) in Items(key))
        {
            if (child is YamlScalarNode { Value: { Length: > 0 } value })
                texts.Add(value);
            else
                faults.Add(new ConfigurationFault(owner.File, (int)child.Start.Line, at, "must be a single value"));
        }

        return texts;
    }

    /// <summary>Reports each key that nobody asked for. Call once everything was read.</summary>
    public void Complete()
    {
        CompleteAgainst(_known);
        below?.CompleteAgainst(_known);
    }

    private void CompleteAgainst(HashSet<string> known)
    {
        foreach (var key in node.Children.Keys)
        {
            var name = (key as YamlScalarNode)?.Value ?? key.ToString();
            if (known.Contains(name))
                continue;
            var hint = Spelling.Nearest(name, known) is { } meant
                ? $"did you mean '{meant}'?"
                : $"the keys here are {string.Join(", ", known.Order(StringComparer.Ordinal))}";
            var full = Join(name);
            faults.Add(overridden.TryGetValue(full, out var variable)
                ? new ConfigurationFault(variable, 0, full, $"is not a known key: {hint}")
                : new ConfigurationFault(File, (int)key.Start.Line, full, $"is not a known key: {hint}"));
        }
    }

    private IEnumerable<(YamlNode Child, YamlSection Owner, string At)> Items(string key)
    {
        if (Look(key) is not { } found)
            yield break;
        if (found is not YamlSequenceNode list)
        {
            Fault(key, "must be a list");
            yield break;
        }

        var owner = OwnerOf(key);
        for (var i = 0; i < list.Children.Count; i++)
            yield return (list.Children[i], owner, $"{owner.Join(key)}[{i}]");
    }

    private YamlMappingNode Node => node;

    private YamlSection OwnerOf(string key) => Find(key) is null && below?.Find(key) is not null ? below : this;

    private YamlNode? Look(string key)
    {
        _known.Add(key);
        var found = Find(key) ?? below?.Find(key);
        // "key:" with nothing after it is a key left unset.
        return found is YamlScalarNode { Value: null or "", Style: YamlDotNet.Core.ScalarStyle.Plain } ? null : found;
    }

    private YamlNode? Find(string key) =>
        node.Children.TryGetValue(new YamlScalarNode(key), out var found) ? found : null;

    private string Join(string key) => key.Length == 0 ? Path : Path.Length == 0 ? key : $"{Path}.{key}";
}
