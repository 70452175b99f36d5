using Google.Protobuf;
using LeptonEdge.Inference.Graphs;
using LeptonEdge.Inference.Graphs.Onnx;

namespace LeptonEdge.Inference.Quantizing;

/// <summary>Brings an fp32 model into the plain form that is quantized: the same function, fewer kinds of
/// node.</summary>
internal static class FloatGraph
{
    /// <summary>Operators whose older versions say the same in the same words as those of operator set 13.</summary>
    private static readonly HashSet<string> Unchanged =
    [
        "Conv", "Gemm", "MatMul", "Add", "Sub", "Mul", "Div", "Relu", "LeakyRelu", "Sigmoid", "Tanh", "MaxPool",
        "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "Concat", "Reshape", "Flatten", "Transpose", "Identity",
        "Constant", "BatchNormalization", "InstanceNormalization", "Elu", "Exp", "Log", "Sqrt", "Neg", "Abs", "Erf",
        "Pow", "Shape", "Gather", "Slice", "Cast", "Clip", "Pad", "Resize", "ReduceMax", "ReduceMin", "ReduceMean",
        "HardSigmoid", "PRelu", "Expand", "Where", "Unsqueeze", "Squeeze", "Softmax", "LogSoftmax", "Dropout",
    ];

    /// <summary>The plain form of a checked model.</summary>
    /// <param name="file">The model's bytes.</param>
    /// <param name="folder">Where tensors in other files lie.</param>
    /// <exception cref="QuantizerException">Its operator set is too old to be lifted.</exception>
    public static ModelProto Plain(byte[] file, string folder)
    {
        var model = ModelProto.Parser.ParseFrom(file);
        var editor = new GraphEditor(model.Graph);
        ExternalTensors.Inline(model.Graph, folder);
        Lift(model, file, editor);
        foreach (var node in model.Graph.Node.ToArray())
        {
            if (node.OpType == "Constant")
                MakeInitializer(node, editor);
            else if (node.OpType is "Identity" or "Dropout" && node.Output.Skip(1).All(name => name.Length == 0
                || editor.Consumers(name).Length == 0))
                editor.Bypass(node);
        }

        BatchNorms.Fold(editor);
        Products.Simplify(editor, Types(model));
        editor.Prune();
        return model;
    }

    /// <summary>What is known of every tensor of a model.</summary>
    public static IReadOnlyDictionary<string, TensorType> Types(ModelProto model) =>
        ShapeInference.Run(ModelGraph.Read(model.ToByteArray()), model.OpsetImport.First(IsStandard).Version);

    private static bool IsStandard(OperatorSetIdProto opset) => opset.Domain is "" or "ai.onnx";

    private static void Lift(ModelProto model, byte[] file, GraphEditor editor)
    {
        var opset = model.OpsetImport.First(IsStandard);
        if (opset.Version >= 13)
            return;
        var types = ShapeInference.Run(ModelGraph.Read(file), opset.Version);
        foreach (var node in model.Graph.Node.ToArray())
        {
            var fits = opset.Version >= 11 && Unchanged.Contains(node.OpType) && node.OpType switch
            {
                "Squeeze" or "Unsqueeze" => AxesToInput(node, editor),
                "Softmax" or "LogSoftmax" => AxisIsLast(node, types),
                "Dropout" => GraphEditor.Attribute(node, "ratio") is null,
                _ => true,
            };
            if (!fits)
                throw new QuantizerException($"{node.OpType} '{node.Name}' of operator set {opset.Version} cannot be "
                    + "lifted to 13, which scales per channel need: export the model with operator set 13 or later");
        }

        opset.Version = 13;
        model.IrVersion = Math.Max(model.IrVersion, 7);
    }

    private static bool AxesToInput(NodeProto node, GraphEditor editor)
    {
        if (GraphEditor.Attribute(node, "axes") is { } axes)
        {
            var name = editor.Free($"{node.Output[0]}/axes");
            editor.Graph.Initializer.Add(Protos.Tensor(
                name, ElementType.Int64, [axes.Ints.Count],
                System.Runtime.InteropServices.MemoryMarshal.AsBytes<long>(axes.Ints.ToArray())));
            node.Input.Add(name);
            node.Attribute.Remove(axes);
        }

        return true;
    }

    // Before 13, what came after the axis was one long row; the same only where nothing comes after it.
    private static bool AxisIsLast(NodeProto node, IReadOnlyDictionary<string, TensorType> types)
    {
        if (types.GetValueOrDefault(node.Input[0])?.Rank is not { } rank)
            return false;
        var axis = GraphEditor.Int(node, "axis", 1);
        GraphEditor.Set(node, "axis", -1L);
        return axis == -1 || axis == rank - 1;
    }

    private static void MakeInitializer(NodeProto node, GraphEditor editor)
    {
        if (GraphEditor.Attribute(node, "value")?.T is not { } value || editor.IsOutput(node.Output[0]))
            return;
        var tensor = value.Clone();
        tensor.Name = node.Output[0];
        editor.Graph.Initializer.Add(tensor);
        editor.Graph.Node.Remove(node);
    }
}
