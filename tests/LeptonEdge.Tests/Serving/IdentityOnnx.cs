using Google.Protobuf;
using LeptonEdge.Inference.Tensors;

namespace LeptonEdge.Tests.Serving;

/// <summary>Writes ONNX models that give back what they take, for any types and shapes.</summary>
/// <remarks>Field numbers: onnx.proto, IR version 8, operator set 13.</remarks>
public static class IdentityOnnx
{
    /// <summary>Each input NAME comes back as out_NAME.</summary>
    /// <param name="tensors">A dimension of null is free.</param>
    public static byte[] Write(params (string Name, TensorType Type, object?[] Shape)[] tensors) =>
        Model(Message(graph =>
        {
            foreach (var (name, _, _) in tensors)
                graph.Add(1, Message(node =>
                    node.Add(1, name).Add(2, $"out_{name}").Add(3, $"node_{name}").Add(4, "Identity")));
            graph.Add(2, "identity");
            foreach (var (name, type, shape) in tensors)
                graph.Add(11, Value(name, type, shape));
            foreach (var (name, type, shape) in tensors)
                graph.Add(12, Value($"out_{name}", type, shape));
        }));

    /// <summary>A table of weights: each row's input "x" (INT64) is the place of four of them, "y" (FP32).</summary>
    public static byte[] WriteTable(int rows) => Model(Message(graph => graph
        .Add(1, Message(node => node.Add(1, "table").Add(1, "x").Add(2, "y").Add(3, "gather").Add(4, "Gather")))
        .Add(2, "table")
        .Add(5, Message(weights => weights.Add(1, rows).Add(1, 4).Add(2, 1).Add(8, "table")
            .Add(9, new byte[rows * 4 * sizeof(float)])))
        .Add(11, Value("x", TensorType.Int64, [null]))
        .Add(12, Value("y", TensorType.Float32, [null, 4]))));

    private static byte[] Model(byte[] graph) => Message(model => model.Add(1, 8).Add(2, "IdentityOnnx").Add(7, graph)
        .Add(8, Message(opset => opset.Add(1, "").Add(2, 13))));

    private static byte[] Value(string name, TensorType type, object?[] shape) => Message(value => value
        .Add(1, name)
        .Add(2, Message(kind => kind.Add(1, Message(tensor => tensor
            .Add(1, OnnxType(type))
            .Add(2, Message(dimensions =>
            {
                foreach (var (size, i) in shape.Select((size, i) => (size, i)))
                    dimensions.Add(1, Message(dimension => _ = size is int fixedSize
                        ? dimension.Add(1, fixedSize)
                        : dimension.Add(2, $"d{i}")));
            })))))));

    private static long OnnxType(TensorType type) => type switch
    {
        TensorType.Float32 => 1,
        TensorType.UInt8 => 2,
        TensorType.Int8 => 3,
        TensorType.UInt16 => 4,
        TensorType.Int16 => 5,
        TensorType.Int32 => 6,
        TensorType.Int64 => 7,
        TensorType.Bytes => 8,
        TensorType.Bool => 9,
        TensorType.Float16 => 10,
        TensorType.Float64 => 11,
        TensorType.UInt32 => 12,
        TensorType.UInt64 => 13,
        _ => 16,
    };

    private static byte[] Message(Action<Fields> write)
    {
        var fields = new Fields();
        write(fields);
        return fields.ToArray();
    }

    private sealed class Fields
    {
        private readonly MemoryStream _bytes = new();

        public Fields Add(int field, long value) => Write(output =>
        {
            output.WriteTag(field, WireFormat.WireType.Varint);
            output.WriteInt64(value);
        });

        public Fields Add(int field, string value) => Add(field, System.Text.Encoding.UTF8.GetBytes(value));

        public Fields Add(int field, byte[] value) => Write(output =>
        {
            output.WriteTag(field, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(value));
        });

        public byte[] ToArray() => _bytes.ToArray();

        private Fields Write(Action<CodedOutputStream> write)
        {
            using var output = new CodedOutputStream(_bytes, leaveOpen: true);
            write(output);
            return this;
        }
    }
}
