using System.Buffers.Binary;
using System.Text;

namespace LeptonEdge.Protocol.Batches;

/// <summary>The small pieces that columns are written with.</summary>
internal static class WireWriter
{
    public static void WriteByte(this ColumnWriter writer, byte value)
    {
        writer.Plain.GetSpan(1)[0] = value;
        writer.Plain.Advance(1);
    }

    /// <summary>Base-128, low group first: 1 to 10 bytes.</summary>
    public static void WriteVarint(this ColumnWriter writer, ulong value)
    {
        var span = writer.Plain.GetSpan(10);
        var length = 0;
        while (value >= 0x80)
        {
            span[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[length++] = (byte)value;
        writer.Plain.Advance(length);
    }

    public static void WriteCount(this ColumnWriter writer, int count) => writer.WriteVarint((ulong)count);

    public static void WriteSigned(this ColumnWriter writer, long value) => writer.WriteVarint(ZigZag(value));

    public static void WriteFixed64(this ColumnWriter writer, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(writer.Plain.GetSpan(8), value);
        writer.Plain.Advance(8);
    }

    /// <exception cref="ArgumentException">The text is longer than a reader takes.</exception>
    public static void WriteText(this ColumnWriter writer, string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        if (length > BatchLimits.Default.TextBytesMax)
            throw new ArgumentException(
                $"text '{text[..32]}…' has {length} bytes: at most {BatchLimits.Default.TextBytesMax}");
        writer.WriteCount(length);
        writer.Asked += Asking.Text;
        writer.Plain.Advance(Encoding.UTF8.GetBytes(text, writer.Plain.GetSpan(length)));
    }

    /// <summary>Puts the sign last, so that small negative numbers are small.</summary>
    public static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    public static long UnZigZag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);
}
