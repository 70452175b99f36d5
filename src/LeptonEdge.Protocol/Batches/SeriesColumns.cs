using System.Buffers;

namespace LeptonEdge.Protocol.Batches;

/// <summary>The two columns of a series.</summary>
internal static class SeriesColumns
{
    private const byte OwnTimes = 0;
    private const byte TimesOfPrevious = 1;

    /// <param name="previous">Times of the series before this one: channels read together share one clock.</param>
    public static void Encode(
        ColumnWriter writer, ReadOnlySpan<long> times, ReadOnlySpan<double> values, ReadOnlySpan<long> previous)
    {
        if (times.Length > 0 && times.SequenceEqual(previous))
        {
            writer.WriteByte(TimesOfPrevious);
        }
        else
        {
            writer.WriteByte(OwnTimes);
            var column = ArrayPool<long>.Shared.Rent(Math.Max(times.Length, 1));
            times.CopyTo(column);
            IntegerColumn.Encode(writer, column.AsSpan(0, times.Length), isClock: true);
            ArrayPool<long>.Shared.Return(column);
        }

        ValueColumn.Encode(writer, values);
    }

    public static void Decode(ref WireReader reader, Span<long> times, Span<double> values, ReadOnlySpan<long> previous)
    {
        switch (reader.ReadByte("times of a series"))
        {
            case OwnTimes:
                IntegerColumn.Decode(ref reader, times, "times of a series");
                break;
            case TimesOfPrevious when previous.Length == times.Length:
                previous.CopyTo(times);
                break;
            default:
                throw reader.Fault("times of a series refer to no series of the same length");
        }

        ValueColumn.Decode(ref reader, values, "values of a series");
    }
}
