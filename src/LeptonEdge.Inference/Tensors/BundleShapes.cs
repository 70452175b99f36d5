using LeptonEdge.Inference.Bundles;

namespace LeptonEdge.Inference.Tensors;

/// <summary>Compares a loaded model with what its bundle's manifest says that it takes and gives.</summary>
internal static class BundleShapes
{
    public static IReadOnlyList<string> FaultsOf(
        ModelManifest manifest, ModelVariant variant, IReadOnlyList<TensorSpec> inputs,
        IReadOnlyList<TensorSpec> outputs)
    {
        TensorSpec[] input = [new(manifest.Input.Name, TensorType.Float32, [-1, manifest.Input.Width])];
        TensorSpec[] output = [new(manifest.Output.Name, TensorType.Float32, [-1, manifest.Output.Width])];
        var cut = manifest.Stage?.Cut[variant] ?? [];
        var takes = manifest.Stage?.Index == 2 ? cut : input;
        var gives = manifest.Stage?.Index == 1
            ? [.. cut.Where(tensor => tensor.Name != manifest.Input.Name)] : output;
        var faults = takes.Select(spec => FaultOf(inputs, spec))
            .Concat(gives.Select(spec => FaultOf(outputs, spec))).OfType<string>().ToList();
        if (inputs.Count != takes.Count)
            faults.Add($"has {inputs.Count} inputs, the manifest names "
                + (takes.Count == 1 ? "one" : $"{takes.Count}"));
        return faults;
    }

    private static string? FaultOf(IReadOnlyList<TensorSpec> specs, TensorSpec expected)
    {
        var found = specs.FirstOrDefault(spec => spec.Name == expected.Name);
        if (found is null)
            return $"has no '{expected.Name}', only {string.Join(", ", specs.Select(spec => spec.Name))}";

        // A free size is as good as the right one; ONNX Runtime checks it on the first run.
        var fits = found.Type == expected.Type && found.Shape.Count == expected.Shape.Count
            && found.Shape.Zip(expected.Shape).Select((dims, i) => dims.First == -1 || dims.First == dims.Second
                || (i == 0 && dims is (1, -1))).All(same => same);
        return fits
            ? null
            : $"'{expected.Name}' is {found.Type.Name()} [{string.Join(", ", found.Shape)}], the manifest says "
                + $"{expected.Type.Name()} [{string.Join(", ", expected.Shape.Select(dim => dim == -1 ? 1 : dim))}]";
    }
}
