using System.Buffers.Binary;
using System.Text;
using LeptonEdge.Protocol.Buffers;

namespace LeptonEdge.Protocol.Batches;

/// <summary>The small pieces that columns are written with.</summary>
internal static class WireWriter
{
    public static void WriteByte(this PooledBufferWriter writer, byte value)
    {
        writer.GetSpan(1)[0] = value;
        writer.Advance(1);
    }

    /// <summary>Base-128, low group first: 1 to 10 bytes.</summary>
    public static void WriteVarint(this PooledBufferWriter writer, ulong value)
    {
        var span = writer.GetSpan(10);
        var length = 0;
        while (value >= 0x80)
        {
            span[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[length++] = (byte)value;
        writer.Advance(length);
    }

    public static void WriteCount(this PooledBufferWriter writer, int count) => writer.WriteVarint((ulong)count);

    public static void WriteSigned(this PooledBufferWriter writer, long value) => writer.WriteVarint(ZigZag(value));

    public static void WriteFixed64(this PooledBufferWriter writer, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(writer.GetSpan(8), value);
        writer.Advance(8);
    }

    /// <exception cref="ArgumentException">The text is longer than a reader takes.</exception>
    public static void WriteText(this PooledBufferWriter writer, string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        if (length > BatchLimits.Default.TextBytesMax)
            throw new ArgumentException(
                $"text '{text[..32]}…' has {length} bytes: at most {BatchLimits.Default.TextBytesMax}");
        writer.WriteCount(length);
        writer.Advance(Encoding.UTF8.GetBytes(text, writer.GetSpan(length)));
    }

    /// <summary>Puts the sign last, so that small negative numbers are small.</summary>
    public static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    public static long UnZigZag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);
}
