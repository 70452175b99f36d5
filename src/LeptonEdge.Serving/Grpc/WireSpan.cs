using System.Text;
using Grpc.Core;
using LeptonEdge.Core.Wire;

namespace LeptonEdge.Serving.Grpc;

/// <summary>Reads the fields of one protocol buffer message in place.</summary>
internal ref struct WireSpan(ReadOnlySpan<byte> message)
{
    public const int Bytes = WireFields.Bytes;

    private const int CachedBytesMax = 64;

    // Names of models and tensors, which come with every request: the newest of each hash.
    private static readonly string?[] s_names = new string?[256];

    private WireFields _fields = new(message);

    /// <summary>Value of a varint.</summary>
    public readonly ulong Number => _fields.Number;

    /// <summary>Content of a field that has a length; else empty.</summary>
    public readonly ReadOnlySpan<byte> Content => _fields.Content;

    /// <summary>Number of the field that was read last.</summary>
    public readonly int Field => _fields.Field;

    /// <summary>How the field is written.</summary>
    public readonly int Wire => _fields.Wire;

    /// <summary>Reads the next field.</summary>
    /// <returns>False at the end of the message.</returns>
    /// <exception cref="RpcException">INTERNAL: the message is cut short or is no message.</exception>
    public bool Next() => _fields.Next() || (_fields.IsBroken ? throw Broken() : false);

    /// <summary>The field is this one, and written this way.</summary>
    public readonly bool Is(int field, int wire = Bytes) => Field == field && Wire == wire;

    /// <summary>The content as text.</summary>
    public readonly string Text() => Content.Length == 0 ? "" : Encoding.UTF8.GetString(Content);

    /// <summary>The content as a text that comes again and again.</summary>
    public readonly string Name()
    {
        if (Content.Length is 0 or > CachedBytesMax)
            return Text();
        var hash = Content.Length;
        foreach (var part in Content)
            hash = hash * 31 + part;
        ref var place = ref s_names[hash & 0xff];
        if (place is { } known && Ascii.Equals(Content, known))
            return known;
        return place = Text();
    }

    public static ulong ReadVarint(ReadOnlySpan<byte> span, ref int at) =>
        WireFields.TryReadVarint(span, ref at, out var value) ? value : throw Broken();

    private static RpcException Broken() =>
        new(new Status(StatusCode.Internal, "the request is no message of its type, or not all of one"));
}
