using System.Buffers.Binary;
using System.Text;

namespace LeptonEdge.Tests.Support;

/// <summary>The frames of HTTP/2, for clients that a library would not let be as cheap, or as rude.</summary>
/// <remarks>RFC 9113, and RFC 7541 for the header blocks.</remarks>
public static class Http2Bytes
{
    public const int FrameHeader = 9;
    public const byte Data = 0;
    public const byte Headers = 1;
    public const byte Reset = 3;
    public const byte Settings = 4;
    public const byte Ping = 6;
    public const byte GoAway = 7;
    public const byte WindowUpdate = 8;
    public const byte EndStream = 1;
    public const byte EndHeaders = 4;
    public const byte Ack = 1;
    public const int Window = 1 << 30;

    /// <summary>Preface, settings and a wide window: no header table, so that every header stands as it is.</summary>
    /// <param name="window">Bytes that the server may send on each stream.</param>
    public static byte[] Opening(int window = Window)
    {
        var bytes = new List<byte>(Encoding.ASCII.GetBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
        byte[] settings = [0, 1, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(settings.AsSpan(14), window);
        Add(bytes, Settings, 0, 0, settings);
        Add(bytes, WindowUpdate, 0, 0, Number(Window));
        return [.. bytes];
    }

    /// <summary>A request's header block, each field a literal that is not indexed.</summary>
    public static byte[] RequestBlock(string authority, string path, bool isTls = false)
    {
        // :method POST and :scheme are of the static table.
        var block = new List<byte> { 0x83, (byte)(isTls ? 0x87 : 0x86) };
        Literal(block, 4, path);
        Literal(block, 1, authority);
        block.AddRange([0x0f, 31 - 15]);
        Text(block, "application/grpc");
        block.Add(0);
        Text(block, "te");
        Text(block, "trailers");
        return [.. block];
    }

    public static void Add(List<byte> bytes, byte type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        Span<byte> header = stackalloc byte[FrameHeader];
        WriteHeader(header, payload.Length, type, flags, stream);
        bytes.AddRange(header);
        bytes.AddRange(payload);
    }

    public static void WriteHeader(Span<byte> header, int length, byte type, byte flags, int stream)
    {
        BinaryPrimitives.WriteInt32BigEndian(header, length << 8);
        (header[3], header[4]) = (type, flags);
        BinaryPrimitives.WriteInt32BigEndian(header[5..], stream);
    }

    public static byte[] Number(int number)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return bytes;
    }

    /// <summary>The value of grpc-status in a header block; null where it has none.</summary>
    public static string? StatusIn(ReadOnlySpan<byte> block)
    {
        var at = 0;
        while (at < block.Length)
        {
            var first = block[at];
            if ((first & 0x80) != 0)
            {
                Integer(block, ref at, 7);
                continue;
            }

            if ((first & 0xe0) == 0x20)
            {
                Integer(block, ref at, 5);
                continue;
            }

            var index = Integer(block, ref at, (first & 0x40) != 0 ? 6 : 4);
            var name = index == 0 ? Text(block, ref at) : default;
            var value = Text(block, ref at);
            if (name.SequenceEqual("grpc-status"u8))
                return Encoding.ASCII.GetString(value);
        }

        return null;
    }

    private static int Integer(ReadOnlySpan<byte> block, ref int at, int bits)
    {
        var max = (1 << bits) - 1;
        var value = block[at++] & max;
        if (value < max)
            return value;
        for (var shift = 0; ; shift += 7)
        {
            var next = block[at++];
            value += (next & 0x7f) << shift;
            if ((next & 0x80) == 0)
                return value;
        }
    }

    private static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> block, ref int at)
    {
        var length = Integer(block, ref at, 7);
        at += length;
        return block.Slice(at - length, length);
    }

    private static void Literal(List<byte> block, byte nameIndex, string value)
    {
        block.Add(nameIndex);
        Text(block, value);
    }

    // Below 127 characters, which one byte of length holds.
    private static void Text(List<byte> block, string text)
    {
        block.Add(checked((byte)(sbyte)text.Length));
        block.AddRange(Encoding.ASCII.GetBytes(text));
    }
}
