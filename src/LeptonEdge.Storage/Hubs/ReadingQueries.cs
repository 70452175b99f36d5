using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Batches;
using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Hubs;

/// <summary>Readings by range, as they are or down-sampled. Chunks that lie within one bucket are never
/// decoded.</summary>
public static class ReadingQueries
{
    /// <summary>Buckets that one query returns at most.</summary>
    public const int BucketsMax = 100_000;

    private const string ChunksSql = """
        SELECT start, end, count, invalid, sum, min, max, last, chunk.id FROM chunk
        WHERE channel_id = ?1 AND start >= ?2 AND start < ?3 AND end >= ?4 ORDER BY start, chunk.id
        """;

    /// <summary>The readings of [<paramref name="fromMicros"/>, <paramref name="toMicros"/>) by device time.</summary>
    /// <param name="readingsMax">1 or more.</param>
    public static ReadingRange ReadReadings(this HubStore store, TenantId tenant, DeviceId device, ChannelName channel,
        long fromMicros, long toMicros, int readingsMax = 100_000) => store.Read(database =>
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(readingsMax, 1);
        var chunks = Overlapping(database, tenant, device, channel, fromMicros, toMicros);
        if (chunks is null)
            return new ReadingRange([], false);
        var readings = new List<Reading>();
        var decoder = new ChunkDecoder(database);
        var newest = long.MinValue;
        while (chunks.Step())
        {
            // Chunks come by their start: once enough is there, one that starts later has nothing older to add.
            if (readings.Count > readingsMax && chunks.Int64(0) > newest)
                break;
            decoder.Decode(chunks.Int64(8));
            for (var i = 0; i < decoder.Count; i++)
            {
                if (decoder.Times[i] < fromMicros || decoder.Times[i] >= toMicros)
                    continue;
                readings.Add(new Reading(decoder.Times[i], decoder.Values[i]));
                newest = Math.Max(newest, decoder.Times[i]);
            }
        }

        // A stable sort: readings of one time stay in the order they were read.
        var sorted = readings.OrderBy(reading => reading.TimeMicros).Take(readingsMax).ToList();
        return new ReadingRange(sorted, readings.Count > readingsMax);
    });

    /// <summary>The readings of [<paramref name="fromMicros"/>, <paramref name="toMicros"/>) in buckets of equal width
    /// that begin at multiples of it; buckets without readings are left out.</summary>
    /// <exception cref="ArgumentException">The width is below 1, or the answer would exceed
    /// <see cref="BucketsMax"/>.</exception>
    public static IReadOnlyList<ReadingBucket> ReadBuckets(this HubStore store, TenantId tenant, DeviceId device,
        ChannelName channel, long fromMicros, long toMicros, long bucketMicros)
    {
        if (bucketMicros < 1)
            throw new ArgumentException(
                $"a bucket of {bucketMicros} µs: give it a width of 1 or more", nameof(bucketMicros));
        return store.Read(database =>
        {
            var chunks = Overlapping(database, tenant, device, channel, fromMicros, toMicros);
            if (chunks is null)
                return (IReadOnlyList<ReadingBucket>)[];
            var buckets = new BucketTable(bucketMicros, BucketsMax);
            var decoder = new ChunkDecoder(database);
            while (chunks.Step())
            {
                var (start, end) = (chunks.Int64(0), chunks.Int64(1));
                if (start >= fromMicros && end < toMicros && buckets.KeyOf(start) == buckets.KeyOf(end))
                {
                    buckets.Add(new ChunkSummary(start, end, chunks.Int64(2), chunks.Int64(3), chunks.Double(4),
                        chunks.Double(5), chunks.Double(6), BitConverter.Int64BitsToDouble(chunks.Int64(7))));
                    continue;
                }

                decoder.Decode(chunks.Int64(8));
                for (var i = 0; i < decoder.Count; i++)
                {
                    if (decoder.Times[i] >= fromMicros && decoder.Times[i] < toMicros)
                        buckets.Add(decoder.Times[i], decoder.Values[i]);
                }
            }

            return buckets.ToList();
        });
    }

    private static Statement? Overlapping(
        Database database, TenantId tenant, DeviceId device, ChannelName channel, long fromMicros, long toMicros)
    {
        var find = database.Cached("""
            SELECT channel.id, span_max FROM channel JOIN device ON device.id = device_id
            WHERE tenant = ?1 AND device = ?2 AND name = ?3
            """).Bind(1, tenant.Value).Bind(2, device.Value).Bind(3, channel.Value);
        if (!find.Step())
            return null;
        var (key, span) = (find.Int64(0), find.Int64(1));
        // No chunk of this channel is longer than the span, so none that starts before this reaches into the range.
        var earliest = (Int128)fromMicros - span;
        return database.Cached(ChunksSql).Bind(1, key)
            .Bind(2, earliest < long.MinValue ? long.MinValue : (long)earliest)
            .Bind(3, toMicros).Bind(4, fromMicros);
    }

    private sealed class ChunkDecoder(Database database)
    {
        private readonly Statement _data = database.Cached("SELECT data FROM chunk WHERE id = ?1");
        private long[] _times = [];
        private double[] _values = [];

        public int Count { get; private set; }

        public long[] Times => _times;

        public double[] Values => _values;

        public void Decode(long id)
        {
            _data.Bind(1, id);
            Count = _data.Step() ? SeriesCodec.Decode(_data.Blob(0), ref _times, ref _values) : 0;
            _data.Reset();
        }
    }
}

/// <summary>Gathers readings and whole chunks into buckets.</summary>
internal sealed class BucketTable(long widthMicros, int countMax)
{
    private readonly Dictionary<long, (ChunkSummary Sum, long LastTime)> _buckets = [];

    /// <summary>Start of the bucket that a time falls in.</summary>
    public long KeyOf(long time)
    {
        var rest = time % widthMicros;
        // Times before 1970 round down too; the lowest bucket of all is cut at the end of the scale.
        return rest < 0 ? (time - long.MinValue < rest + widthMicros ? long.MinValue : time - rest - widthMicros)
            : time - rest;
    }

    public void Add(long time, double value)
    {
        var finite = double.IsFinite(value);
        Add(new ChunkSummary(time, time, 1, finite ? 0 : 1, finite ? value : 0, value, value, value));
    }

    /// <param name="part">Lies within one bucket.</param>
    public void Add(in ChunkSummary part)
    {
        var key = KeyOf(part.Start);
        if (!_buckets.TryGetValue(key, out var bucket))
        {
            if (_buckets.Count >= countMax)
                throw new ArgumentException(
                    $"the range holds more than {countMax} buckets: narrow it or widen the buckets");
            bucket = (
                new ChunkSummary(0, 0, 0, 0, 0, double.PositiveInfinity, double.NegativeInfinity, 0), long.MinValue);
        }

        var sum = bucket.Sum with { Count = bucket.Sum.Count + part.Count,
            Invalid = bucket.Sum.Invalid + part.Invalid };
        if (part.HasFinite)
        {
            sum = sum with
            {
                Sum = sum.Sum + part.Sum,
                Min = Math.Min(sum.Min, part.Min),
                Max = Math.Max(sum.Max, part.Max),
            };
        }

        if (part.End >= bucket.LastTime)
            sum = sum with { Last = part.Last };
        _buckets[key] = (sum, Math.Max(bucket.LastTime, part.End));
    }

    public List<ReadingBucket> ToList() =>
        [.. _buckets.OrderBy(pair => pair.Key).Select(pair => ToBucket(pair.Key, pair.Value.Sum))];

    private static ReadingBucket ToBucket(long start, ChunkSummary sum) => sum.HasFinite
        ? new ReadingBucket(
            start, sum.Count, sum.Min, sum.Max, sum.Sum / (sum.Count - sum.Invalid), sum.Last, sum.Invalid)
        : new ReadingBucket(start, sum.Count, double.NaN, double.NaN, double.NaN, sum.Last, sum.Invalid);
}
