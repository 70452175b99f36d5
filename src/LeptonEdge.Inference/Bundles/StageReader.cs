using LeptonEdge.Core.Identity;
using LeptonEdge.Inference.Tensors;

namespace LeptonEdge.Inference.Bundles;

/// <summary>Checks what a manifest says of a stage.</summary>
internal sealed class StageReader(
    StageDocument? stage, IReadOnlyCollection<ModelVariant> variants, Action<string, string> fault)
{
    private const int RankMax = 8;

    /// <returns>Null where the model is whole, or the stage is faulty.</returns>
    public ModelStage? Read()
    {
        if (stage is null)
            return null;
        if (stage.Index is not (1 or 2))
            fault("stage.index", $"is {(stage.Index is { } index ? $"{index}" : "missing")}; use 1 or 2");
        var cuts = new Dictionary<ModelVariant, IReadOnlyList<TensorSpec>>();
        foreach (var (key, tensors) in stage.Cut ?? [])
        {
            if (ManifestReader.VariantOf(key) is not { } variant || !variants.Contains(variant))
                fault($"stage.cut.{key}", "is not one of the files");
            else
                cuts[variant] = Tensors($"stage.cut.{key}", tensors ?? []);
        }

        foreach (var variant in variants.Where(variant => !cuts.ContainsKey(variant)))
            fault($"stage.cut.{variant.ToString().ToLowerInvariant()}", "is missing: say what crosses the cut");
        return Whole() is { } whole ? new ModelStage(whole, stage.Index ?? 0, cuts) : null;
    }

    private ModelReference? Whole()
    {
        var parts = stage!.Of?.Split('/') ?? [];
        try
        {
            if (parts.Length == 2)
                return new ModelReference(parts[0], parts[1]);
        }
        catch (FormatException)
        {
            // Told below, with what it should be.
        }

        fault(
            "stage.of",
            $"is {(stage.Of is null ? "missing" : $"'{stage.Of}'")}; use NAME/VERSION of the whole model");
        return null;
    }

    private List<TensorSpec> Tensors(string field, List<TensorDocument?> tensors)
    {
        var specs = new List<TensorSpec>();
        if (tensors.Count is 0 or > ModelStage.TensorsMax)
            fault(field, $"has {tensors.Count} tensors; 1 to {ModelStage.TensorsMax} cross a cut");
        for (var i = 0; i < Math.Min(tensors.Count, ModelStage.TensorsMax); i++)
        {
            if (Tensor($"{field}[{i}]", tensors[i]) is not { } spec)
                continue;
            if (specs.Any(other => other.Name == spec.Name))
                fault($"{field}[{i}].name", $"is '{spec.Name}' again");
            specs.Add(spec);
        }

        if (specs.Sum(spec => Bytes(spec)) > ModelStage.BytesMax)
            fault(field, $"takes more than {ModelStage.BytesMax} bytes");
        return specs;
    }

    private TensorSpec? Tensor(string field, TensorDocument? tensor)
    {
        if (string.IsNullOrEmpty(tensor?.Name))
            fault($"{field}.name", "is missing");
        if (!TensorTypes.TryParseManifest(tensor?.Type, out var type))
            fault($"{field}.type", $"is {(tensor?.Type is { } given ? $"'{given}'" : "missing")}; use float32, uint8, "
                + "int8 or another type of numbers");
        var shape = tensor?.Shape ?? [];
        if (shape.Count is 0 or > RankMax || shape.Where((dim, i) => dim < 1 && !(i == 0 && dim == -1)).Any())
        {
            fault($"{field}.shape", $"is [{string.Join(", ", shape)}]; use 1 to {RankMax} sizes, the first -1 where "
                + "the number of rows is free");
            return null;
        }

        return string.IsNullOrEmpty(tensor?.Name) || type == default
            ? null : new TensorSpec(tensor.Name, type, [.. shape.Select(dim => (long)dim)]);
    }

    // Saturates: a product of eight sizes need not fit.
    private static double Bytes(TensorSpec spec) =>
        spec.Shape.Aggregate((double)spec.Type.ElementBytes(), (product, dim) => product * Math.Max(dim, 1));
}
