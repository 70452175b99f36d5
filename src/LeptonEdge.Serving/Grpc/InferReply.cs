using System.Buffers;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using LeptonEdge.Inference.Tensors;
using LeptonEdge.Protocol.Inference;

namespace LeptonEdge.Serving.Grpc;

/// <summary>A ModelInferResponse, written without the objects that generated code makes of one; the elements are raw,
/// as the stock servers send them.</summary>
/// <param name="error">On a stream: why there is no answer; empty where there is one.</param>
public sealed class InferReply(string model, string version, string id, Tensor[] outputs, string error = "")
{
    /// <summary>The answer to a call.</summary>
    public static Marshaller<InferReply> Marshaller { get; } = Marshallers.Create(
        static (reply, context) => Write(reply, context, isStream: false), NoReader);

    /// <summary>An answer on a stream.</summary>
    public static Marshaller<InferReply> StreamMarshaller { get; } = Marshallers.Create(
        static (reply, context) => Write(reply, context, isStream: true), NoReader);

    // Texts are joined once: their size is asked for, then they are written.
    private readonly ReadOnlyMemory<byte>[]? _joined = Array.Exists(outputs, static o => o.Type == TensorType.Bytes)
        ? Array.ConvertAll(outputs, static o => o.Type == TensorType.Bytes ? RawStrings.Join(o) : o.Data)
        : null;

    private static InferReply NoReader(DeserializationContext context) =>
        throw new NotSupportedException("a server reads no replies");

    private static void Write(InferReply reply, SerializationContext context, bool isStream)
    {
        var own = reply.Size();
        var size = isStream ? OptionalSize(reply.Error) + FieldSize(own) : own;
        context.SetPayloadLength(size);
        var buffer = context.GetBufferWriter();
        var writer = new WireWriter(buffer.GetSpan(Math.Max(size, 1))[..size]);
        if (isStream)
        {
            writer.Text(ModelStreamInferResponse.ErrorMessageFieldNumber, reply.Error);
            writer.Header(ModelStreamInferResponse.InferResponseFieldNumber, own);
        }

        reply.Write(ref writer);
        buffer.Advance(size);
        context.Complete();
    }

    private string Error => error;

    private ReadOnlyMemory<byte> Raw(int output) => _joined is null ? outputs[output].Data : _joined[output];

    private int Size()
    {
        var size = OptionalSize(model) + OptionalSize(version) + OptionalSize(id);
        for (var i = 0; i < outputs.Length; i++)
            size += FieldSize(Size(outputs[i])) + FieldSize(Raw(i).Length);
        return size;
    }

    private void Write(ref WireWriter writer)
    {
        writer.Text(ModelInferResponse.ModelNameFieldNumber, model);
        writer.Text(ModelInferResponse.ModelVersionFieldNumber, version);
        writer.Text(ModelInferResponse.IdFieldNumber, id);
        foreach (var output in outputs)
        {
            writer.Header(ModelInferResponse.OutputsFieldNumber, Size(output));
            writer.Text(ModelInferResponse.Types.InferOutputTensor.NameFieldNumber, output.Name);
            writer.Text(ModelInferResponse.Types.InferOutputTensor.DatatypeFieldNumber, output.Type.Name());
            if (output.Shape.Length == 0)
                continue;
            writer.Header(ModelInferResponse.Types.InferOutputTensor.ShapeFieldNumber, ShapeSize(output));
            foreach (var dimension in output.Shape)
                writer.Varint((ulong)dimension);
        }

        for (var i = 0; i < outputs.Length; i++)
            writer.Bytes(ModelInferResponse.RawOutputContentsFieldNumber, Raw(i).Span);
    }

    private static int Size(Tensor output) => OptionalSize(output.Name) + OptionalSize(output.Type.Name())
        + (output.Shape.Length == 0 ? 0 : FieldSize(ShapeSize(output)));

    private static int ShapeSize(Tensor output)
    {
        var size = 0;
        foreach (var dimension in output.Shape)
            size += CodedOutputStream.ComputeInt64Size(dimension);
        return size;
    }

    // All field numbers are below 16, so that a tag is one byte.
    private static int FieldSize(int content) => 1 + CodedOutputStream.ComputeLengthSize(content) + content;

    private static int OptionalSize(string text) =>
        text.Length == 0 ? 0 : FieldSize(Encoding.UTF8.GetByteCount(text));
}

/// <summary>Writes fields that have a length, and whose numbers are below 16, where there is room for them.</summary>
internal ref struct WireWriter(Span<byte> into)
{
    private readonly Span<byte> _into = into;
    private int _at;

    public void Header(int field, int length)
    {
        _into[_at++] = (byte)(field << 3 | WireSpan.Bytes);
        Varint((ulong)length);
    }

    /// <summary>Nothing for an empty one.</summary>
    public void Text(int field, string text)
    {
        if (text.Length == 0)
            return;
        Header(field, Encoding.UTF8.GetByteCount(text));
        _at += Encoding.UTF8.GetBytes(text, _into[_at..]);
    }

    public void Bytes(int field, ReadOnlySpan<byte> content)
    {
        Header(field, content.Length);
        content.CopyTo(_into[_at..]);
        _at += content.Length;
    }

    public void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            _into[_at++] = (byte)(value | 0x80);
        _into[_at++] = (byte)value;
    }
}
