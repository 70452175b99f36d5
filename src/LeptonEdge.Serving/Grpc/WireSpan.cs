using System.Text;
using Grpc.Core;

namespace LeptonEdge.Serving.Grpc;

/// <summary>Reads the fields of one protocol buffer message in place.</summary>
internal ref struct WireSpan(ReadOnlySpan<byte> message)
{
    public const int Bytes = 2;

    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int Fixed32 = 5;
    private const int CachedBytesMax = 64;

    // Names of models and tensors, which come with every request: the newest of each hash.
    private static readonly string?[] s_names = new string?[256];

    private readonly ReadOnlySpan<byte> _message = message;
    private int _at;

    /// <summary>Number of the field that was read last.</summary>
    public int Field { get; private set; }

    /// <summary>How the field is written.</summary>
    public int Wire { get; private set; }

    /// <summary>Value of a varint.</summary>
    public ulong Number { get; private set; }

    /// <summary>Content of a field that has a length; else empty.</summary>
    public ReadOnlySpan<byte> Content { get; private set; }

    /// <summary>Reads the next field.</summary>
    /// <returns>False at the end of the message.</returns>
    /// <exception cref="RpcException">INTERNAL: the message is cut short or is no message.</exception>
    public bool Next()
    {
        if (_at == _message.Length)
            return false;
        var tag = ReadVarint(_message, ref _at);
        if (tag >> 3 is 0 or > 0x1fffffff)
            throw Broken();
        (Field, Wire) = ((int)(tag >> 3), (int)(tag & 7));
        Content = default;
        switch (Wire)
        {
            case Varint:
                Number = ReadVarint(_message, ref _at);
                break;
            case Fixed64:
                Take(sizeof(ulong));
                break;
            case Bytes:
                Content = Take(ReadVarint(_message, ref _at));
                break;
            case Fixed32:
                Take(sizeof(uint));
                break;
            default:
                throw Broken();
        }

        return true;
    }

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

        throw Broken();
    }

    private ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)(_message.Length - _at))
            throw Broken();
        var taken = _message.Slice(_at, (int)length);
        _at += (int)length;
        return taken;
    }

    private static RpcException Broken() =>
        new(new Status(StatusCode.Internal, "the request is no message of its type, or not all of one"));
}
