using LeptonEdge.Inference.Graphs;
using LeptonEdge.Inference.Splitting;
using LeptonEdge.Inference.Tensors;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace LeptonEdge.Inference.Profiling;

/// <summary>Inputs to profile a model with.</summary>
internal static class ProfileInputs
{
    /// <exception cref="ProfilerException">An input has no shape that could be drawn.</exception>
    public static IReadOnlyList<Tensor> Draw(ModelGraph graph, ProfilerOptions options)
    {
        var unknown = options.Shapes.Keys.FirstOrDefault(name => graph.Inputs.All(input => input.Name != name));
        if (unknown is not null)
            throw new ProfilerException($"the model has no input '{unknown}', only "
                + string.Join(", ", graph.Inputs.Select(input => $"'{input.Name}'")));
        var random = new Random(1);
        return [.. graph.Inputs.Select(input => RandomTensor.Draw(Spec(input), Shape(input, options), random))];
    }

    private static TensorSpec Spec(GraphValue input) =>
        new(input.Name, TensorTypes.FromOnnx((TensorElementType)(int)input.Type.Element)
            ?? throw new ProfilerException($"input '{input.Name}' is {input.Type.Element}: none can be drawn"), []);

    private static long[] Shape(GraphValue input, ProfilerOptions options)
    {
        if (options.Shapes.TryGetValue(input.Name, out var given))
            return given;
        if (input.Type.Dims is not { } dims || dims.Skip(1).Any(dim => !dim.IsFixed))
            throw new ProfilerException($"input '{input.Name}' leaves its shape {input.Type.Shape} free: give one with "
                + $"--shape {input.Name}=1x3x224x224");
        return [.. dims.Select(dim => dim.IsFixed ? dim.Value : options.Rows)];
    }
}
