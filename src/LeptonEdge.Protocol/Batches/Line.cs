using System.Numerics;

namespace LeptonEdge.Protocol.Batches;

/// <summary>A clock as a straight line, in fixed point: tick i is at start + ((i·slope + offset) >> shift). A sampling
/// rate that is no whole number of microseconds leaves nothing beside it, and a clock that jitters leaves its jitter
/// once, where a difference of differences would leave it four times.</summary>
internal readonly record struct Line(long Start, long Slope, long Offset, int Shift)
{
    private const int ShiftMax = 32;
    private const int CountLeast = 4;
    private const double MicrosPerSecond = 1e6;

    /// <summary>Whether a line leaves fewer bits than <paramref name="bits"/>.</summary>
    public static bool TryFit(ReadOnlySpan<long> times, long bits, out Line line)
    {
        line = default;
        if (times.Length < CountLeast)
            return false;
        var steps = times.Length - 1;
        var span = (Int128)times[^1] - times[0];
        if (span <= 0 || span > long.MaxValue >> 4)
            return false;
        var shift = Math.Min(ShiftMax, BitOperations.LeadingZeroCount((ulong)span) - 3);
        line = Through(times, (((long)span << shift) + (steps / 2)) / steps, shift, out var exact);
        if (!exact)
        {
            // The ends are rounded to whole ticks; a rate in whole Hz says more precisely what lies between.
            var rate = Math.Round(MicrosPerSecond * steps / (double)span);
            var slope = rate >= 1 ? Math.Round(MicrosPerSecond * (1L << shift) / rate) : 0;
            if (slope is >= 1 and < long.MaxValue >> 2)
            {
                var neat = Through(times, (long)slope, shift, out var neatIsExact);
                if (neatIsExact)
                    line = neat;
            }
        }

        return line.BitsLeft(times) < bits;
    }

    public void Subtract(Span<long> times)
    {
        var at = Offset;
        foreach (ref var time in times)
        {
            time = unchecked(time - Start - (at >> Shift));
            at = unchecked(at + Slope);
        }
    }

    public void Add(Span<long> times)
    {
        var at = Offset;
        foreach (ref var time in times)
        {
            time = unchecked(time + Start + (at >> Shift));
            at = unchecked(at + Slope);
        }
    }

    public void Write(ColumnWriter writer)
    {
        writer.WriteSigned(Start);
        writer.WriteSigned(Slope);
        writer.WriteSigned(Offset);
        writer.WriteByte((byte)Shift);
    }

    public static Line Read(ref WireReader reader, string what)
    {
        var line = new Line(reader.ReadSigned(what), reader.ReadSigned(what), reader.ReadSigned(what),
            reader.ReadByte(what));
        return line.Shift <= ShiftMax ? line : throw reader.Fault($"{what} has a line of unknown shift {line.Shift}");
    }

    /// <param name="exact">The line leaves nothing.</param>
    private static Line Through(ReadOnlySpan<long> times, long slope, int shift, out bool exact)
    {
        var (least, most) = (long.MaxValue, long.MinValue);
        long at = 0;
        foreach (var time in times)
        {
            var above = unchecked(((time - times[0]) << shift) - at);
            least = Math.Min(least, above);
            most = Math.Max(most, above);
            at = unchecked(at + slope);
        }

        var spread = (Int128)most - least;
        exact = spread < 1L << shift;
        // Exact: the highest of all lower bounds. Else the middle, so that what is left is small to both sides.
        var offset = exact ? most : least + (long)(spread / 2);
        return new Line(times[0], slope, offset, shift);
    }

    private long BitsLeft(ReadOnlySpan<long> times)
    {
        var at = Offset;
        long bits = 0;
        foreach (var time in times)
        {
            bits += 64 - BitOperations.LeadingZeroCount(WireWriter.ZigZag(unchecked(time - Start - (at >> Shift))));
            at = unchecked(at + Slope);
        }

        return bits;
    }
}
