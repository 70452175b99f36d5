using LeptonEdge.Inference.Graphs;
using LeptonEdge.Inference.Graphs.Onnx;

namespace LeptonEdge.Inference.Quantizing;

/// <summary>Brings dense layers into one form: Gemm with weights (in, out) and a bias (out,), nothing scaled.</summary>
internal static class Products
{
    public static void Simplify(GraphEditor editor, IReadOnlyDictionary<string, TensorType> types)
    {
        foreach (var node in editor.Graph.Node.ToArray())
        {
            if (node.OpType == "MatMul")
                TakeBias(editor, node, types);
            else if (node.OpType == "Gemm")
                Straighten(editor, node);
        }
    }

    /// <summary>MatMul of a matrix, then a bias: what Gemm does in one.</summary>
    private static void TakeBias(
        GraphEditor editor, NodeProto product, IReadOnlyDictionary<string, TensorType> types)
    {
        if (types.GetValueOrDefault(product.Input[0])?.Rank != 2
            || editor.Constant(product.Input[1]) is not { Dims.Count: 2 } weights || GraphEditor.Floats(weights) is null
            || editor.Consumers(product.Output[0]) is not [{ OpType: "Add" } sum] || !editor.FeedsOnly(product, sum))
        {
            return;
        }

        var other = sum.Input[0] == product.Output[0] ? sum.Input[1] : sum.Input[0];
        if (editor.Floats(other) is not { } bias || bias.Length != weights.Dims[1])
            return;
        product.OpType = "Gemm";
        product.Input.Add(editor.AddFloats($"{sum.Output[0]}/bias", bias, bias.Length));
        product.Output[0] = sum.Output[0];
        editor.Graph.Node.Remove(sum);
    }

    private static void Straighten(GraphEditor editor, NodeProto gemm)
    {
        if (editor.Constant(gemm.Input[1]) is not { Dims.Count: 2 } kept || GraphEditor.Floats(kept) is not { } weights
            || GraphEditor.Int(gemm, "transA", 0) != 0)
        {
            return;
        }

        var hasBias = gemm.Input.Count > 2 && gemm.Input[2].Length > 0;
        var bias = hasBias ? editor.Floats(gemm.Input[2]) : null;
        var turned = GraphEditor.Int(gemm, "transB", 0) != 0;
        var (rows, columns) = turned ? (kept.Dims[1], kept.Dims[0]) : (kept.Dims[0], kept.Dims[1]);
        if (hasBias && bias?.Length != columns)
            return;
        var (alpha, beta) = (GraphEditor.Float(gemm, "alpha", 1), GraphEditor.Float(gemm, "beta", 1));
        if (turned || alpha != 1)
        {
            var straight = new float[weights.Length];
            for (var row = 0L; row < rows; row++)
            {
                for (var column = 0L; column < columns; column++)
                    straight[(row * columns) + column] =
                        alpha * weights[turned ? (column * rows) + row : (row * columns) + column];
            }

            gemm.Input[1] = editor.AddFloats($"{gemm.Output[0]}/weight", straight, rows, columns);
        }

        if (hasBias)
            gemm.Input[2] = editor.AddFloats(
                $"{gemm.Output[0]}/bias", [.. bias!.Select(value => beta * value)], columns);
        foreach (var name in new[] { "transB", "alpha", "beta" })
            GraphEditor.Drop(gemm, name);
    }
}
