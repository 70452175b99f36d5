using System.Globalization;
using System.Runtime.InteropServices;
using Google.Protobuf;
using LeptonEdge.Inference.Graphs.Onnx;

namespace LeptonEdge.Inference.Graphs;

/// <summary>Writes a model from nothing: nodes, constants, inputs and outputs, in the order in which they are
/// added.</summary>
public sealed class GraphBuilder(string name, long opset = 13)
{
    private readonly GraphProto _graph = new() { Name = name };

    /// <summary>Adds an input of the model.</summary>
    /// <param name="tensor">Its name.</param>
    /// <param name="dims">Shape; −1 is a free dimension, named N where it is the first.</param>
    /// <param name="element">Element type.</param>
    public string Input(string tensor, long[] dims, ElementType element = ElementType.Float)
    {
        _graph.Input.Add(Protos.Value(tensor, element, dims));
        return tensor;
    }

    /// <summary>Adds an output of the model.</summary>
    public GraphBuilder Output(string tensor, long[] dims, ElementType element = ElementType.Float)
    {
        _graph.Output.Add(Protos.Value(tensor, element, dims));
        return this;
    }

    public string Constant(string tensor, float[] values, params long[] dims)
    {
        _graph.Initializer.Add(Protos.Tensor(tensor, ElementType.Float, dims, MemoryMarshal.AsBytes<float>(values)));
        return tensor;
    }

    /// <summary>Adds a list of integers, such as a shape.</summary>
    public string Integers(string tensor, params long[] values)
    {
        _graph.Initializer.Add(Protos.Tensor(
            tensor, ElementType.Int64, [values.Length], MemoryMarshal.AsBytes<long>(values)));
        return tensor;
    }

    /// <summary>Adds an operator with one output.</summary>
    /// <param name="kind">Operator, of ONNX's own.</param>
    /// <param name="output">Name of the tensor that it makes.</param>
    /// <param name="inputs">Names of the tensors that it reads.</param>
    /// <param name="attributes">long, long[], float or string values.</param>
    public string Node(
        string kind, string output, string[] inputs, params (string Name, object Value)[] attributes)
    {
        _graph.Node.Add(Protos.Node(kind, inputs, output, attributes));
        return output;
    }

    /// <summary>The model as a file.</summary>
    public byte[] ToArray() => ToModel().ToByteArray();

    internal ModelProto ToModel() => new()
    {
        IrVersion = opset >= 17 ? 8 : 7,
        ProducerName = "LeptonEdge",
        Graph = _graph,
        OpsetImport = { new OperatorSetIdProto { Domain = "", Version = opset } },
    };
}

/// <summary>Makes the messages of a model.</summary>
internal static class Protos
{
    public static NodeProto Node(
        string kind, IEnumerable<string> inputs, string output, params (string Name, object Value)[] attributes)
    {
        var node = new NodeProto { OpType = kind, Name = $"{output}/{kind}", Output = { output } };
        node.Input.Add(inputs);
        foreach (var (name, value) in attributes)
            node.Attribute.Add(Attribute(name, value));
        return node;
    }

    public static AttributeProto Attribute(string name, object value) => value switch
    {
        long number => new() { Name = name, I = number, Type = AttributeProto.Types.AttributeType.Int },
        int number => new() { Name = name, I = number, Type = AttributeProto.Types.AttributeType.Int },
        float number => new() { Name = name, F = number, Type = AttributeProto.Types.AttributeType.Float },
        string text => new()
        {
            Name = name, S = ByteString.CopyFromUtf8(text), Type = AttributeProto.Types.AttributeType.String,
        },
        long[] numbers => new() { Name = name, Ints = { numbers }, Type = AttributeProto.Types.AttributeType.Ints },
        _ => throw new ArgumentException(
            string.Create(CultureInfo.InvariantCulture, $"no attribute can be {value}"), nameof(value)),
    };

    public static TensorProto Tensor(string name, ElementType element, IEnumerable<long> dims, ReadOnlySpan<byte> raw)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)element, RawData = ByteString.CopyFrom(raw) };
        tensor.Dims.Add(dims);
        return tensor;
    }

    public static TensorProto Floats(string name, float[] values, params long[] dims) =>
        Tensor(name, ElementType.Float, dims, MemoryMarshal.AsBytes<float>(values));

    public static ValueInfoProto Value(string name, ElementType element, long[] dims) => Value(new GraphValue(
        name, new TensorType(element, [.. dims.Select((dim, i) => dim >= 0
            ? new Dimension(dim) : new Dimension(-1, i == 0 ? "N" : $"D{i}"))])));

    /// <summary>What a model says of a tensor; the shape is left out where not even the rank is known.</summary>
    public static ValueInfoProto Value(GraphValue value)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)value.Type.Element };
        if (value.Type.Dims is { } dims)
        {
            tensor.Shape = new TensorShapeProto();
            foreach (var dim in dims)
                tensor.Shape.Dim.Add(dim switch
                {
                    { IsFixed: true } => new TensorShapeProto.Types.Dimension { DimValue = dim.Value },
                    { Symbol: { } symbol } => new TensorShapeProto.Types.Dimension { DimParam = symbol },
                    _ => new TensorShapeProto.Types.Dimension(),
                });
        }

        return new ValueInfoProto { Name = value.Name, Type = new TypeProto { TensorType = tensor } };
    }
}
