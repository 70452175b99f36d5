using LeptonEdge.Inference.Graphs.Onnx;

namespace LeptonEdge.Inference.Quantizing;

/// <summary>Folds batch normalisation into the convolution or dense layer before it.</summary>
internal static class BatchNorms
{
    public static void Fold(GraphEditor editor)
    {
        foreach (var norm in editor.Graph.Node.Where(node => node.OpType == "BatchNormalization").ToArray())
        {
            if (editor.Producer(norm.Input[0]) is { } layer && layer.OpType is "Conv" or "Gemm"
                && editor.FeedsOnly(layer, norm) && Affine(norm, editor) is var (gain, shift))
            {
                Fold(editor, layer, norm, gain, shift);
            }
        }
    }

    /// <summary>y = gain · x + shift, channel by channel.</summary>
    private static (float[] Gain, float[] Shift)? Affine(NodeProto norm, GraphEditor editor)
    {
        if (editor.Floats(norm.Input[1]) is not { } scale || editor.Floats(norm.Input[2]) is not { } bias
            || editor.Floats(norm.Input[3]) is not { } mean || editor.Floats(norm.Input[4]) is not { } variance
            || GraphEditor.Int(norm, "training_mode", 0) != 0)
        {
            return null;
        }

        var epsilon = GraphEditor.Float(norm, "epsilon", 1e-5f);
        var (gain, shift) = (new float[scale.Length], new float[scale.Length]);
        for (var i = 0; i < scale.Length; i++)
        {
            gain[i] = (float)(scale[i] / Math.Sqrt((double)variance[i] + epsilon));
            shift[i] = bias[i] - (mean[i] * gain[i]);
        }

        return (gain, shift);
    }

    private static void Fold(GraphEditor editor, NodeProto layer, NodeProto norm, float[] gain, float[] shift)
    {
        if (editor.Constant(layer.Input[1]) is not { } kept || GraphEditor.Floats(kept) is not { } weights
            || (layer.OpType == "Gemm" && (GraphEditor.Float(layer, "alpha", 1) != 1
                || GraphEditor.Float(layer, "beta", 1) != 1)))
        {
            return;
        }

        var hasBias = layer.Input.Count > 2 && layer.Input[2].Length > 0;
        var bias = hasBias ? editor.Floats(layer.Input[2]) : new float[gain.Length];
        if (bias is null || bias.Length != gain.Length)
            return;
        var firstIsChannel = layer.OpType == "Conv" || GraphEditor.Int(layer, "transB", 0) != 0;
        var inner = weights.Length / gain.Length;
        for (var i = 0; i < weights.Length; i++)
            weights[i] *= gain[firstIsChannel ? i / inner : i % gain.Length];
        for (var i = 0; i < bias.Length; i++)
            bias[i] = (bias[i] * gain[i]) + shift[i];
        var output = norm.Output[0];
        layer.Input[1] = editor.AddFloats($"{output}/weight", weights, [.. kept.Dims]);
        var name = editor.AddFloats($"{output}/bias", bias, bias.Length);
        if (layer.Input.Count > 2)
            layer.Input[2] = name;
        else
            layer.Input.Add(name);
        editor.Graph.Node.Remove(norm);
        layer.Output[0] = output;
    }
}
