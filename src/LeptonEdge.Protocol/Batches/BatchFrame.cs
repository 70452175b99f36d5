using System.Buffers;
using System.IO.Compression;
using LeptonEdge.Protocol.Buffers;

namespace LeptonEdge.Protocol.Batches;

/// <summary>The outer layer of a batch: version, method, sizes, the plain bytes (compressed where that pays), the
/// packed bits, and zeros where a reader would otherwise be asked for more than the size of its input allows.</summary>
internal static class BatchFrame
{
    public const byte Version2 = 2;
    public const byte Version3 = 3;

    private const byte Version1 = 1;
    private const byte Stored = 0;
    private const byte Brotli = 1;
    private const int HeadBytesMax = 16;

    // Below this the compressor's own overhead eats its gain.
    private const int BytesMin = 64;

    // A gain of less than 1/16 is not worth the reader's time.
    private const int GainShift = 4;

    private const int Quality = 1;
    private const int WindowBits = 16;

    public static void Write(ColumnWriter columns, byte version, IBufferWriter<byte> target)
    {
        var plain = columns.Plain.WrittenSpan;
        var packed = columns.Packed.WrittenSpan;
        var span = target.GetSpan(HeadBytesMax + plain.Length + packed.Length);
        span[0] = version;
        var at = 2 + WriteNumber(span[2..], plain.Length);
        if (plain.Length >= BytesMin
            && BrotliEncoder.TryCompress(
                plain, span.Slice(HeadBytesMax, plain.Length - (plain.Length >> GainShift)), out var length, Quality,
                WindowBits))
        {
            span[1] = Brotli;
            at += WriteNumber(span[at..], length);
            span.Slice(HeadBytesMax, length).CopyTo(span[at..]);
            at += length;
        }
        else
        {
            span[1] = Stored;
            plain.CopyTo(span[at..]);
            at += plain.Length;
        }

        packed.CopyTo(span[at..]);
        at += packed.Length;
        target.Advance(at);
        var padding = (int)Math.Max(0, Asking.Least(columns.Asked + plain.Length) - at);
        if (padding == 0)
            return;
        target.GetSpan(padding)[..padding].Clear();
        target.Advance(padding);
    }

    /// <summary>Undoes <see cref="Write"/>, and reads what version 1 wrote.</summary>
    /// <param name="scratch">Holds the plain bytes while the reader is in use.</param>
    public static WireReader Open(ReadOnlySpan<byte> bytes, PooledBufferWriter scratch, BatchLimits limits)
    {
        var version1 = bytes.Length > 0 && bytes[0] == Version1;
        var most = Asking.Most(bytes.Length, version1);
        var reader = new WireReader(bytes, [], bytes.Length > 0 ? bytes[0] : (byte)0, most, limits);
        var version = reader.ReadByte("version");
        if (version is < Version1 or > Version3)
            throw reader.Fault($"version {version} is unknown: this reader knows {Version1} to {Version3}");
        var method = reader.ReadByte("method");
        if (method > Brotli)
            throw reader.Fault($"compression method {method} is unknown");
        var length = reader.ReadCount(limits.BytesMax, "decompressed size");
        reader.Ask(length, 1, "decompressed size");
        var stored = (version1, method) switch
        {
            (true, _) => reader.Remaining,
            (_, Stored) => length,
            _ => reader.ReadCount(reader.Remaining, "compressed size"),
        };
        var body = reader.ReadBytes(stored, "plain columns");
        var packed = bytes[reader.Position..];
        if (method == Brotli)
        {
            scratch.Clear();
            // One byte of spare room tells a stream that is too long from one that fits.
            if (!BrotliDecoder.TryDecompress(body, scratch.GetSpan(length + 1)[..(length + 1)], out var written)
                || written != length)
                throw reader.Fault($"the columns do not come to the {length} bytes they claim");
            scratch.Advance(length);
            body = scratch.WrittenSpan;
        }
        else if (body.Length != length)
        {
            throw reader.Fault($"the columns do not come to the {length} bytes they claim");
        }

        return new WireReader(body, packed, version, most - length, limits);
    }

    private static int WriteNumber(Span<byte> span, int number)
    {
        var at = 0;
        for (; number >= 0x80; number >>= 7)
            span[at++] = (byte)(number | 0x80);
        span[at++] = (byte)number;
        return at;
    }
}
