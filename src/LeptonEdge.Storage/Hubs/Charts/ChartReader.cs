using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Hubs.Charts;

/// <summary>A channel as a chart's query finds it.</summary>
/// <param name="Span">No chunk is longer, microseconds.</param>
/// <param name="Folded">The newest chunk that is in the sums.</param>
internal readonly record struct ChartChannel(long Key, long Span, long Folded);

/// <summary>Gathers one range of a channel: whole days, hours and minutes from the sums, both ends and what is not
/// summed yet from the chunks. Within one read transaction.</summary>
internal sealed class ChartReader(Database database, ChartChannel channel, BucketTable buckets)
{
    private readonly ChunkDecoder _decoder = new(database);

    /// <param name="oldestOpen">Start of the oldest reading that is in no sum; null unknown.</param>
    public void Read(long from, long to, int level, long? oldestOpen)
    {
        Collect(from, to, level);
        AddChunks(from, to, Math.Max(Earliest(from), oldestOpen ?? long.MinValue), channel.Folded, long.MaxValue);
    }

    private void Collect(long from, long to, int level)
    {
        if (from >= to)
            return;
        if (level == ChartLevel.None)
        {
            AddChunks(from, to, Earliest(from), long.MinValue, channel.Folded);
            return;
        }

        var width = ChartLevel.Widths[level];
        if (ChartLevel.StartFrom(from, width) is { } first && ChartLevel.StartOf(to, width) is var end && first < end)
        {
            Collect(from, first, level - 1);
            AddSums(first, end, level);
            Collect(end, to, level - 1);
        }
        else
        {
            Collect(from, to, level - 1);
        }
    }

    private long Earliest(long from)
    {
        // No chunk that starts before this reaches into the range.
        var earliest = (Int128)from - channel.Span;
        return earliest < long.MinValue ? long.MinValue : (long)earliest;
    }

    private void AddSums(long first, long end, int level)
    {
        var sums = database.Cached("""
            SELECT bucket, count, invalid, sum, min, max, last_time, last FROM chart
            WHERE channel_id = ?1 AND level = ?2 AND bucket >= ?3 AND bucket < ?4
            """).Bind(1, channel.Key).Bind(2, (long)level).Bind(3, first).Bind(4, end);
        while (sums.Step())
            buckets.Add(new ChunkSummary(
                sums.Int64(0), sums.Int64(6), sums.Int64(1), sums.Int64(2), sums.Double(3), sums.Double(4),
                sums.Double(5), BitConverter.Int64BitsToDouble(sums.Int64(7))));
    }

    /// <summary>Chunks numbered above <paramref name="after"/> up to <paramref name="through"/>. Those that lie within
    /// one bucket are never decoded.</summary>
    private void AddChunks(long from, long to, long earliest, long after, long through)
    {
        // The plus keeps the search by time: by number it would read what other channels stored.
        var chunks = database.Cached("""
            SELECT start, end, count, invalid, sum, min, max, last, id FROM chunk
            WHERE channel_id = ?1 AND start >= ?2 AND start < ?3 AND +id > ?5 AND +id <= ?6 AND end >= ?4
            ORDER BY start, id
            """).Bind(1, channel.Key).Bind(2, earliest).Bind(3, to).Bind(4, from).Bind(5, after).Bind(6, through);
        while (chunks.Step())
        {
            var (start, end) = (chunks.Int64(0), chunks.Int64(1));
            if (start >= from && end < to && buckets.KeyOf(start) == buckets.KeyOf(end))
            {
                buckets.Add(new ChunkSummary(
                    start, end, chunks.Int64(2), chunks.Int64(3), chunks.Double(4), chunks.Double(5),
                    chunks.Double(6), BitConverter.Int64BitsToDouble(chunks.Int64(7))));
                continue;
            }

            _decoder.Decode(chunks.Int64(8));
            for (var i = 0; i < _decoder.Count; i++)
            {
                if (_decoder.Times[i] >= from && _decoder.Times[i] < to)
                    buckets.Add(_decoder.Times[i], _decoder.Values[i]);
            }
        }
    }
}
