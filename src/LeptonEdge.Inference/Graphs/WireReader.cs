using System.Buffers.Binary;
using System.Text;

namespace LeptonEdge.Inference.Graphs;

/// <summary>Reads the fields of one protocol buffer message in place: nothing is copied.</summary>
internal struct WireReader(ReadOnlyMemory<byte> message)
{
    public const int Varint = 0;
    public const int Fixed64 = 1;
    public const int Bytes = 2;
    public const int Fixed32 = 5;

    private const string Broken = "it is not an ONNX model, or not all of one";
    private const int TextBytesMax = 4096;

    private int _at;

    /// <summary>Number of the field that was read last.</summary>
    public int Field { get; private set; }

    /// <summary>How the field is written: one of the constants above.</summary>
    public int Wire { get; private set; }

    /// <summary>Value of a varint or of a fixed field.</summary>
    public ulong Number { get; private set; }

    /// <summary>Content of a field that has a length.</summary>
    public ReadOnlyMemory<byte> Content { get; private set; }

    /// <summary>Reads the next field.</summary>
    /// <returns>False at the end of the message.</returns>
    /// <exception cref="ModelException">The message is cut short or is no message.</exception>
    public bool Next()
    {
        var span = message.Span;
        if (_at == span.Length)
            return false;
        var tag = ReadVarint(span, ref _at);
        if (tag >> 3 is 0 or > 0x1fffffff)
            throw new ModelException(Broken);
        (Field, Wire, Content) = ((int)(tag >> 3), (int)(tag & 7), default);
        switch (Wire)
        {
            case Varint:
                Number = ReadVarint(span, ref _at);
                break;
            case Fixed64:
                Number = BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)).Span);
                break;
            case Bytes:
                var length = ReadVarint(span, ref _at);
                Content = Take(length);
                break;
            case Fixed32:
                Number = BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)).Span);
                break;
            default:
                throw new ModelException(Broken);
        }

        return true;
    }

    /// <summary>The field as text.</summary>
    /// <exception cref="ModelException">It is no text, or an absurdly long one.</exception>
    public readonly string Text()
    {
        if (Wire != Bytes)
            throw new ModelException(Broken);
        if (Content.Length > TextBytesMax)
            throw new ModelException($"it holds a name of {Content.Length} bytes; at most {TextBytesMax}");
        return Content.Length == 0 ? "" : Encoding.UTF8.GetString(Content.Span);
    }

    /// <summary>The field as the message that it holds.</summary>
    public readonly ReadOnlyMemory<byte> Message() => Wire == Bytes ? Content : throw new ModelException(Broken);

    /// <summary>Takes one varint off a packed field.</summary>
    public static ulong ReadVarint(ReadOnlySpan<byte> span, ref int at)
    {
        var value = 0ul;
        for (var shift = 0; shift < 70 && at < span.Length; shift += 7)
        {
            var part = span[at++];
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
                return value;
        }

        throw new ModelException(Broken);
    }

    private ReadOnlyMemory<byte> Take(ulong length)
    {
        if (length > (ulong)(message.Length - _at))
            throw new ModelException(Broken);
        var taken = message.Slice(_at, (int)length);
        _at += (int)length;
        return taken;
    }
}
