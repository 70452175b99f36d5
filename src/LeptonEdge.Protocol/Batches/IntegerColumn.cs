using System.Numerics;
using LeptonEdge.Protocol.Buffers;

namespace LeptonEdge.Protocol.Batches;

/// <summary>A column of 64-bit integers: differenced 0, 1 or 2 times (whichever leaves least), divided by what all
/// differences share, and laid out byte plane by byte plane, so that a regular clock costs nothing and a compressor
/// finds the slow bytes side by side. All arithmetic wraps, so every column comes back as it was.</summary>
internal static class IntegerColumn
{
    private const int OrderBits = 2;

    /// <param name="values">Shape (N,). Overwritten: the column is differenced in place.</param>
    public static void Encode(PooledBufferWriter writer, Span<long> values)
    {
        if (values.IsEmpty)
            return;
        var order = ChooseOrder(values);
        var (first, second) = (values[0], values.Length > 1 ? unchecked(values[1] - values[0]) : 0);
        for (var pass = 0; pass < order; pass++)
        {
            for (var i = values.Length - 1; i > pass; i--)
                values[i] = unchecked(values[i] - values[i - 1]);
        }

        var rest = values[order..];
        var least = order == 0 ? Least(rest) : 0;
        var divisor = ToResiduals(rest, order == 0, least);
        ulong all = 0;
        foreach (var residual in rest)
            all |= (ulong)residual;
        var width = (64 - BitOperations.LeadingZeroCount(all) + 7) / 8;

        writer.WriteByte((byte)(order | (width << OrderBits)));
        if (order == 0)
            writer.WriteSigned(least);
        if (order > 0)
            writer.WriteSigned(first);
        if (order > 1)
            writer.WriteSigned(second);
        if (width == 0)
            return;
        writer.WriteVarint(divisor);
        WritePlanes(writer, rest, width);
    }

    /// <param name="values">Shape (N,), receives the column; N was proven against the limits by the caller.</param>
    public static void Decode(ref WireReader reader, Span<long> values, string what)
    {
        if (values.IsEmpty)
            return;
        var head = reader.ReadByte(what);
        var order = head & ((1 << OrderBits) - 1);
        var width = head >> OrderBits;
        if (order > 2 || order > values.Length || width > 8)
            throw reader.Fault($"{what} is laid out in an unknown way ({head})");
        var start = reader.ReadSigned(what);
        var second = order > 1 ? reader.ReadSigned(what) : 0;
        var rest = values[order..];
        if (width == 0)
        {
            rest.Clear();
        }
        else
        {
            var divisor = reader.ReadVarint(what);
            ReadPlanes(reader.ReadBytes((long)rest.Length * width, what), rest, width);
            FromResiduals(rest, order == 0, divisor);
        }

        Integrate(values, order, start, second);
    }

    private static void Integrate(Span<long> values, int order, long start, long second)
    {
        if (order == 0)
        {
            foreach (ref var value in values)
                value = unchecked(value + start);
            return;
        }

        values[0] = start;
        if (order == 2)
        {
            values[1] = second;
            for (var i = 2; i < values.Length; i++)
                values[i] = unchecked(values[i] + values[i - 1]);
        }

        for (var i = 1; i < values.Length; i++)
            values[i] = unchecked(values[i] + values[i - 1]);
    }

    private static int ChooseOrder(ReadOnlySpan<long> values)
    {
        if (values.Length < 2)
            return 0;
        var middle = values[values.Length / 2];
        var (plain, once, twice) = (0L, 0L, 0L);
        var difference = unchecked(values[1] - values[0]);
        plain = Bits(unchecked(values[0] - middle)) + Bits(unchecked(values[1] - middle));
        once = Bits(difference);
        for (var i = 2; i < values.Length; i++)
        {
            var next = unchecked(values[i] - values[i - 1]);
            plain += Bits(unchecked(values[i] - middle));
            once += Bits(next);
            twice += Bits(unchecked(next - difference));
            difference = next;
        }

        if (values.Length > 2 && twice < once && twice < plain)
            return 2;
        return once < plain ? 1 : 0;
    }

    private static int Bits(long value) => 64 - BitOperations.LeadingZeroCount(WireWriter.ZigZag(value));

    private static long Least(ReadOnlySpan<long> values)
    {
        var least = long.MaxValue;
        foreach (var value in values)
            least = Math.Min(least, value);
        return least;
    }

    /// <summary>Makes every value non-negative and as small as may be; returns the divisor that was taken
    /// out.</summary>
    private static ulong ToResiduals(Span<long> values, bool fromLeast, long least)
    {
        ulong divisor = 0;
        foreach (ref var value in values)
        {
            if (fromLeast)
                value = unchecked(value - least);
            if (divisor != 1)
                divisor = Gcd(fromLeast ? (ulong)value : Magnitude(value), divisor);
        }

        foreach (ref var value in values)
        {
            if (fromLeast)
                value = divisor > 1 ? (long)((ulong)value / divisor) : value;
            else
                value = (long)WireWriter.ZigZag(divisor > 1 ? DivideSigned(value, divisor) : value);
        }

        return divisor;
    }

    private static void FromResiduals(Span<long> values, bool fromLeast, ulong divisor)
    {
        foreach (ref var value in values)
        {
            if (!fromLeast)
                value = WireWriter.UnZigZag((ulong)value);
            value = unchecked(value * (long)divisor);
        }
    }

    private static ulong Magnitude(long value) => value < 0 ? unchecked((ulong)-value) : (ulong)value;

    private static long DivideSigned(long value, ulong divisor)
    {
        var magnitude = (long)(Magnitude(value) / divisor);
        return value < 0 ? -magnitude : magnitude;
    }

    private static ulong Gcd(ulong a, ulong b)
    {
        while (b != 0)
            (a, b) = (b, a % b);
        return a;
    }

    private static void WritePlanes(PooledBufferWriter writer, ReadOnlySpan<long> values, int width)
    {
        for (var plane = 0; plane < width; plane++)
        {
            var span = writer.GetSpan(values.Length)[..values.Length];
            var shift = 8 * plane;
            for (var i = 0; i < span.Length; i++)
                span[i] = (byte)(values[i] >> shift);
            writer.Advance(span.Length);
        }
    }

    private static void ReadPlanes(ReadOnlySpan<byte> planes, Span<long> values, int width)
    {
        values.Clear();
        for (var plane = 0; plane < width; plane++)
        {
            var span = planes.Slice(plane * values.Length, values.Length);
            var shift = 8 * plane;
            for (var i = 0; i < span.Length; i++)
                values[i] |= (long)span[i] << shift;
        }
    }
}
