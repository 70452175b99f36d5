namespace LeptonEdge.Inference.Graphs;

/// <summary>
/// Element type and shape of every tensor, as far as the operators that the quantizer covers tell them; of the others,
/// what the model itself says. A free dimension stays free.
/// </summary>
public static class ShapeInference
{
    /// <summary>Infers the types of a linked graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="opset">Version of ONNX's own operators.</param>
    /// <returns>Type by tensor name; a tensor of which nothing is known is absent.</returns>
    /// <exception cref="ModelException">Two shapes or types do not fit together.</exception>
    public static IReadOnlyDictionary<string, TensorType> Run(ModelGraph graph, long opset)
    {
        var types = new Dictionary<string, TensorType>();
        var declared = new Dictionary<string, TensorType>();
        foreach (var value in graph.Content.Values.Concat(graph.Content.Outputs).Where(value => value.IsTensor))
            declared[value.Name] = value.Type;
        foreach (var input in graph.Content.Inputs.Where(input => input.IsTensor))
            types[input.Name] = input.Type;
        foreach (var tensor in graph.Content.Initializers)
            types[tensor.Name] = TypeOf(tensor);
        foreach (var node in graph.Order)
        {
            var inferred = node.IsStandard ? Infer(new NodeTypes(node, graph, types, opset)) : null;
            for (var i = 0; i < node.Outputs.Count; i++)
            {
                var name = node.Outputs[i];
                if (name.Length > 0 && Merge(node, name, i == 0 ? inferred : null, declared.GetValueOrDefault(name))
                    is { } type)
                {
                    types[name] = type;
                }
            }
        }

        return types;
    }

    internal static TensorType TypeOf(GraphTensor tensor) =>
        new(tensor.Element, [.. tensor.Dims.Select(dim => new Dimension(dim))]);

    private static TensorType? Infer(NodeTypes node) => node.Operator switch
    {
        "Conv" => SpatialShapes.Conv(node),
        "MaxPool" or "AveragePool" or "LpPool" => SpatialShapes.Pool(node),
        "GlobalAveragePool" or "GlobalMaxPool" or "GlobalLpPool" => SpatialShapes.GlobalPool(node),
        "Gemm" => MatrixShapes.Gemm(node),
        "MatMul" => MatrixShapes.MatMul(node),
        "Add" or "Sub" or "Mul" or "Div" => MatrixShapes.Broadcast(node),
        "Relu" or "LeakyRelu" or "Elu" or "Selu" or "Sigmoid" or "Tanh" or "Softmax" or "LogSoftmax" or "Clip"
            or "Identity" or "Dropout" or "Erf" or "Exp" or "Log" or "Sqrt" or "Neg" or "Abs" or "HardSigmoid"
            or "HardSwish" or "Softplus" or "LayerNormalization" or "Gelu" or "Mish" or "Reciprocal"
            or "InstanceNormalization" => node.Type(0),
        "BatchNormalization" => SpatialShapes.BatchNormalization(node),
        "QuantizeLinear" => node.Type(0) is { } real
            ? real with { Element = node.Type(2)?.Element ?? ElementType.UInt8 } : null,
        "DequantizeLinear" => node.Type(0) is { } whole
            ? whole with { Element = node.Type(1)?.Element ?? ElementType.Float } : null,
        "Constant" => node.Attribute("value")?.Tensor is { } tensor ? TypeOf(tensor) : null,
        "Concat" => LayoutShapes.Concat(node),
        "Reshape" => LayoutShapes.Reshape(node),
        "Flatten" => LayoutShapes.Flatten(node),
        "Transpose" => LayoutShapes.Transpose(node),
        "Squeeze" => LayoutShapes.Squeeze(node),
        "Unsqueeze" => LayoutShapes.Unsqueeze(node),
        _ => null,
    };

    /// <summary>What the operator says and what the model says, where they agree.</summary>
    private static TensorType? Merge(GraphNode node, string name, TensorType? inferred, TensorType? declared)
    {
        if (inferred is null)
            return declared;
        if (inferred.Dims is { } shape && (shape.Any(dim => dim.Value > GraphTensor.ElementsMax)
            || inferred.Count > GraphTensor.ElementsMax))
        {
            throw new ModelException($"{node.Title} makes tensor '{name}' of shape {inferred.Shape}; at most "
                + $"{GraphTensor.ElementsMax:#,0} elements");
        }

        if (declared is null)
            return inferred;
        if (inferred.Element != ElementType.Undefined && declared.Element != ElementType.Undefined
            && inferred.Element != declared.Element)
        {
            throw new ModelException($"{node.Title} makes tensor '{name}' of {inferred.Element}, but the model says "
                + $"{declared.Element}");
        }

        var element = inferred.Element == ElementType.Undefined ? declared.Element : inferred.Element;
        if (inferred.Dims is null || declared.Dims is null)
            return new TensorType(element, inferred.Dims ?? declared.Dims);
        if (inferred.Dims.Count != declared.Dims.Count || inferred.Dims.Zip(declared.Dims).Any(Differ))
            throw new ModelException($"{node.Title} makes tensor '{name}' of shape {inferred.Shape}, but the model "
                + $"says {declared.Shape}");
        return new TensorType(element, [.. inferred.Dims.Zip(declared.Dims, (ours, theirs) =>
            ours.IsFixed || (!theirs.IsFixed && ours.Symbol is not null) ? ours : theirs)]);
    }

    private static bool Differ((Dimension Ours, Dimension Theirs) dims) =>
        dims.Ours.IsFixed && dims.Theirs.IsFixed && dims.Ours.Value != dims.Theirs.Value;
}

/// <summary>One node with what is known of its inputs.</summary>
internal sealed class NodeTypes(
    GraphNode node, ModelGraph graph, IReadOnlyDictionary<string, TensorType> types, long opset)
{
    public string Operator => node.Operator;

    public GraphNode Node => node;

    public long Opset => opset;

    public TensorType? Type(int input) => types.GetValueOrDefault(node.Input(input));

    public IReadOnlyList<Dimension>? Dims(int input) => Type(input)?.Dims;

    public GraphAttribute? Attribute(string name) => node.Attributes.GetValueOrDefault(name);

    /// <summary>Integers of a constant input; null where it is not constant.</summary>
    public long[]? Integers(int input)
    {
        var name = node.Input(input);
        return graph.Initializer(name)?.Integers()
            ?? (graph.Producer(name) is { Operator: "Constant" } constant
                ? constant.Attributes.GetValueOrDefault("value")?.Tensor?.Integers()
                    ?? constant.Ints("value_ints")?.ToArray()
                : null);
    }

    public ModelException Fault(string what) => new($"{node.Title} {what}");

    public void SameElement(int first, int second)
    {
        if (Type(first) is { Element: not ElementType.Undefined and var one }
            && Type(second) is { Element: not ElementType.Undefined and var other } && one != other)
        {
            throw Fault($"reads {one} from '{node.Input(first)}', but {other} from '{node.Input(second)}'");
        }
    }

    /// <summary>An axis of a tensor of some rank, counted from its start.</summary>
    public int Axis(long axis, int rank) => axis >= -rank && axis < rank
        ? (int)(axis < 0 ? axis + rank : axis)
        : throw Fault($"names axis {axis} of a tensor of {rank} dimensions");
}
