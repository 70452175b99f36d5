using System.Text;
using LeptonEdge.Core.Wire;

namespace LeptonEdge.Inference.Graphs;

/// <summary>Reads the fields of one protocol buffer message in place: nothing is copied.</summary>
internal struct WireReader(ReadOnlyMemory<byte> message)
{
    public const int Varint = WireFields.Varint;
    public const int Fixed64 = WireFields.Fixed64;
    public const int Bytes = WireFields.Bytes;
    public const int Fixed32 = WireFields.Fixed32;

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
        var fields = new WireFields(message.Span, _at);
        if (!fields.Next())
            return fields.IsBroken ? throw new ModelException(Broken) : false;
        (Field, Wire, Number, _at) = (fields.Field, fields.Wire, fields.Number, fields.At);
        Content = message.Slice(_at - fields.Content.Length, fields.Content.Length);
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
    public static ulong ReadVarint(ReadOnlySpan<byte> span, ref int at) =>
        WireFields.TryReadVarint(span, ref at, out var value) ? value : throw new ModelException(Broken);
}
