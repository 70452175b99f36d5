using LeptonEdge.Inference.Graphs;
using LeptonEdge.Inference.Graphs.Onnx;

namespace LeptonEdge.Inference.Quantizing;

/// <summary>Which operators may run in int8, and how: what ONNX Runtime's own processors turn into one integer
/// kernel.</summary>
internal static class LayerRules
{
    /// <summary>Layers that have weights, or multiply two activations: what int8 is for.</summary>
    public static bool IsLayer(NodeProto node, PlainModel model) => node.OpType switch
    {
        "Conv" => IsActivation(node.Input[0], model) && FloatConstant(node, 1, model) is { Dims.Count: 3 or 4 }
            && HasPlainBias(node, model),
        "Gemm" => IsActivation(node.Input[0], model) && FloatConstant(node, 1, model) is { Dims.Count: 2 }
            && HasPlainBias(node, model) && node.Attribute.All(attribute => attribute.Name is not ("transA" or "transB"
                or "alpha" or "beta") || (attribute.Name.StartsWith("trans", StringComparison.Ordinal)
                    ? attribute.I == 0 : attribute.F == 1)),
        "MatMul" => IsActivation(node.Input[0], model) && (model.Constant(node.Input[1]) is null
            ? model.IsFloat(node.Input[1]) : FloatConstant(node, 1, model) is { Dims.Count: 2 }),
        _ => false,
    };

    /// <summary>Operators that compute on int8 once all that they read is int8 already.</summary>
    public static bool MayJoin(NodeProto node, PlainModel model)
    {
        if (model.IsOutput(node.Output[0]) || !model.IsFloat(node.Output[0]))
            return false;
        return node.OpType switch
        {
            "Add" or "Mul" => !IsBiasOfProduct(node, model)
                && node.Input.Count(input => model.Constant(input) is not null) <= 1,
            "AveragePool" => GraphEditor.Int(node, "ceil_mode", 0) == 0 && model.Types[node.Input[0]].Rank is 3 or 4,
            "Concat" => node.Input.All(input => model.Constant(input) is null),
            "GlobalAveragePool" or "Sigmoid" or "LeakyRelu" => true,
            _ => false,
        };
    }

    /// <summary>Operators that only move values, or pick some: the scale goes through them.</summary>
    public static bool Passes(NodeProto node) => node.OpType is "MaxPool" or "Reshape" or "Flatten" or "Transpose"
        or "Squeeze" or "Unsqueeze" && (node.OpType != "MaxPool" || node.Output.Count == 1);

    /// <summary>Products hand on float just as well; every other int8 operator needs its result quantized.</summary>
    public static bool MayAnswerInFloat(NodeProto node) => node.OpType is "Gemm" or "MatMul";

    /// <summary>Inputs that are activations.</summary>
    public static IEnumerable<string> Activations(NodeProto node, PlainModel model) => node.OpType switch
    {
        "Add" or "Mul" or "Concat" or "MatMul" => node.Input.Where(input => model.Constant(input) is null),
        _ => node.Input.Take(1),
    };

    /// <summary>The tensor at which a node's result is quantized: behind the ReLU or Clip that the range does
    /// instead.</summary>
    public static (string Tensor, NodeProto? Folded) Landing(NodeProto node, PlainModel model)
    {
        var output = node.Output[0];
        if (model.IsOutput(output) || model.Consumers(output) is not [var next] || next.Input[0] != output)
            return (output, null);
        return next.OpType == "Relu" || (next.OpType == "Clip" && StartsAtZero(next, model))
            ? (next.Output[0], next) : (output, null);
    }

    private static bool IsActivation(string tensor, PlainModel model) =>
        model.IsFloat(tensor) && model.Constant(tensor) is null;

    private static bool StartsAtZero(NodeProto clip, PlainModel model)
    {
        float? Bound(int input) => clip.Input.Count > input && clip.Input[input].Length > 0
            ? model.Constant(clip.Input[input]) is { } constant ? GraphEditor.Floats(constant)?[0] : float.NaN
            : null;
        return Bound(1) == 0 && Bound(2) is null or > 0;
    }

    private static bool IsBiasOfProduct(NodeProto node, PlainModel model) =>
        node.Input.Any(input => model.Constant(input) is not null)
        && node.Input.Any(input => model.Producer(input)?.OpType is "MatMul" or "Gemm");

    private static TensorProto? FloatConstant(NodeProto node, int input, PlainModel model) =>
        model.Constant(node.Input[input]) is { DataType: (int)ElementType.Float } constant ? constant : null;

    private static bool HasPlainBias(NodeProto node, PlainModel model) => node.Input.Count < 3
        || node.Input[2].Length == 0 || FloatConstant(node, 2, model) is { Dims.Count: 1 };
}
