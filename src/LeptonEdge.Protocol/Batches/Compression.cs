using System.Buffers;
using System.IO.Compression;
using LeptonEdge.Protocol.Buffers;

namespace LeptonEdge.Protocol.Batches;

/// <summary>The outer layer of a batch: version, method, size, then the columns, compressed where that helps.</summary>
internal static class Compression
{
    private const byte Version = 1;
    private const byte Stored = 0;
    private const byte Brotli = 1;

    // Below this the compressor's own overhead eats its gain.
    private const int BytesMin = 48;

    public static void Write(ReadOnlySpan<byte> columns, IBufferWriter<byte> target, int quality, int windowBits)
    {
        var head = target.GetSpan(12 + columns.Length);
        head[0] = Version;
        var at = 2;
        for (var length = (uint)columns.Length; ; length >>= 7)
        {
            head[at++] = (byte)(length >= 0x80 ? length | 0x80 : length);
            if (length < 0x80)
                break;
        }

        if (columns.Length >= BytesMin
            && BrotliEncoder.TryCompress(
                columns, head[at..(at + columns.Length - 1)], out var written, quality, windowBits))
        {
            head[1] = Brotli;
            target.Advance(at + written);
            return;
        }

        head[1] = Stored;
        columns.CopyTo(head[at..]);
        target.Advance(at + columns.Length);
    }

    /// <summary>Undoes <see cref="Write"/> into <paramref name="columns"/>, which is cleared first.</summary>
    public static void Read(ReadOnlySpan<byte> bytes, PooledBufferWriter columns, BatchLimits limits)
    {
        columns.Clear();
        var reader = new WireReader(bytes, limits);
        var version = reader.ReadByte("version");
        if (version != Version)
            throw reader.Fault($"version {version} is unknown: this reader knows {Version}");
        var method = reader.ReadByte("method");
        var length = reader.ReadCount(limits.BytesMax, "decompressed size");
        var body = reader.ReadBytes(reader.Remaining, "columns");
        switch (method)
        {
            case Stored when body.Length == length:
                body.CopyTo(columns.GetSpan(length));
                break;
            // One byte of spare room tells a stream that is too long from one that fits.
            case Brotli when BrotliDecoder.TryDecompress(
                body, columns.GetSpan(length + 1)[..(length + 1)], out var written)
                && written == length:
                break;
            case Stored or Brotli:
                throw reader.Fault($"the columns do not come to the {length} bytes they claim");
            default:
                throw reader.Fault($"compression method {method} is unknown");
        }

        columns.Advance(length);
    }
}
