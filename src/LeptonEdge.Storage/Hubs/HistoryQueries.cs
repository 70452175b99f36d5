using LeptonEdge.Core.Identity;
using LeptonEdge.Protocol.Batches;
using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Hubs;

/// <summary>Which samples of a channel a job reads.</summary>
/// <param name="FromMicros">Device time, [from, to).</param>
/// <param name="ThroughBatch">The newest batch that counts: what arrives later does not change the history.</param>
public sealed record HistoryRange(
    TenantId Tenant, DeviceId Device, ChannelName Channel, long FromMicros, long ToMicros, long ThroughBatch);

/// <summary>Samples in the order of time, read into memory that is used again. One thread at a time.</summary>
public sealed class HistoryBuffer
{
    // Of chunks that overlap in time all have to be at hand before the oldest reading is known.
    private const int OverlapMax = 8;

    private readonly int _samplesMax;
    private long[] _times;
    private double[] _values;
    private long[] _chunkTimes = [];
    private double[] _chunkValues = [];

    /// <param name="samplesMax">Samples that one read brings at most, 1 to 2^22.</param>
    public HistoryBuffer(int samplesMax)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(samplesMax, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(samplesMax, 1 << 22);
        _samplesMax = samplesMax;
        (_times, _values) = (new long[samplesMax], new double[samplesMax]);
    }

    /// <summary>Samples of the last read.</summary>
    public int Count { get; private set; }

    /// <summary>Whether the history goes on behind them.</summary>
    public bool HasMore { get; private set; }

    /// <summary>Device times, rising, at least half a period apart.</summary>
    public ReadOnlySpan<long> Times => _times.AsSpan(0, Count);

    public ReadOnlySpan<double> Values => _values.AsSpan(0, Count);

    internal long Newest { get; private set; } = long.MinValue;

    internal bool IsFull => Count > _samplesMax;

    internal void Clear() => (Count, HasMore, Newest) = (0, false, long.MinValue);

    internal void AddChunk(ReadOnlySpan<byte> chunk, long from, long to)
    {
        var count = SeriesCodec.Decode(chunk, ref _chunkTimes, ref _chunkValues);
        for (var i = 0; i < count; i++)
        {
            if (_chunkTimes[i] >= from && _chunkTimes[i] < to)
                Add(_chunkTimes[i], _chunkValues[i]);
        }
    }

    internal void Add(long time, double value)
    {
        if (Count == _times.Length)
        {
            if (Count >= (long)_samplesMax * OverlapMax + BatchLimits.Default.RecordsMax)
                throw new InvalidDataException(
                    $"the history has more than {Count} samples around one time: the device's clock was set back again "
                    + "and again; narrow the range");
            Array.Resize(ref _times, Count * 2);
            Array.Resize(ref _values, Count * 2);
        }

        (_times[Count], _values[Count]) = (time, value);
        Newest = Math.Max(Newest, time);
        Count++;
    }

    /// <summary>Puts what was read into order, and leaves out what stands there twice.</summary>
    internal void Settle(long periodMicros)
    {
        if (!IsRising())
            Sort();
        HasMore = Count > _samplesMax;
        var kept = 0;
        var last = 0L;
        for (var i = 0; i < Math.Min(Count, _samplesMax); i++)
        {
            // A window that two alarms asked for is stored twice, its times rounded once each.
            if (kept > 0 && _times[i] - last < Math.Max(periodMicros / 2, 1))
                continue;
            last = _times[i];
            (_times[kept], _values[kept]) = (_times[i], _values[i]);
            kept++;
        }

        Count = kept;
    }

    private bool IsRising()
    {
        for (var i = 1; i < Count; i++)
        {
            if (_times[i] < _times[i - 1])
                return false;
        }

        return true;
    }

    private void Sort()
    {
        // Stable, so that of two samples of one time the same comes first every time.
        var order = Enumerable.Range(0, Count).OrderBy(i => _times[i]).ToArray();
        var (times, values) = (_times, _values);
        (_times, _values) = (new long[times.Length], new double[values.Length]);
        for (var i = 0; i < order.Length; i++)
            (_times[i], _values[i]) = (times[order[i]], values[order[i]]);
    }
}

/// <summary>A channel's stored samples, oldest first, some at a time.</summary>
public static class HistoryQueries
{
    /// <summary>The newest batch in the store; 0 when there is none.</summary>
    public static long NewestBatch(this HubStore store) =>
        store.Read(database => database.Scalar("SELECT coalesce(max(id), 0) FROM batch"));

    /// <summary>About how many readings the range holds: chunks that it cuts count whole.</summary>
    public static long CountReadings(this HubStore store, HistoryRange range) => store.Read(database =>
    {
        if (KeyOf(database, range) is not var (key, span))
            return 0;
        var sum = database.Cached($"SELECT coalesce(sum(count), 0) FROM chunk WHERE {Overlap}");
        Bind(sum, range, key, span, range.FromMicros);
        return sum.Step() ? sum.Int64(0) : 0;
    });

    /// <summary>Readings from a time on.</summary>
    /// <param name="periodMicros">Between two samples.</param>
    public static void ReadReadings(
        this HubStore store, HistoryRange range, long fromMicros, long periodMicros, HistoryBuffer into) =>
        store.Read(database =>
        {
            into.Clear();
            if (KeyOf(database, range) is not var (key, span))
                return 0;
            var chunks = database.Cached($"SELECT start, data FROM chunk WHERE {Overlap} ORDER BY start, id");
            Bind(chunks, range, key, span, fromMicros);
            while (chunks.Step())
            {
                // Chunks come by their start: once enough is there, one that starts later has nothing older to add.
                if (into.IsFull && chunks.Int64(0) > into.Newest)
                    break;
                into.AddChunk(chunks.Blob(1), fromMicros, range.ToMicros);
            }

            chunks.Reset();
            into.Settle(periodMicros);
            return 0;
        });

    /// <summary>About how many samples raw windows of a rate hold in the range.</summary>
    public static long CountRawSamples(this HubStore store, HistoryRange range, double rateHz) =>
        store.Read(database =>
        {
            var rows = RawWindows(database, range, range.FromMicros);
            var count = 0L;
            while (rows.Step())
                count += IsOfRate(rows, rateHz) ? SamplesCodec.Decode(rows.Blob(2)).Length : 0;
            return count;
        });

    /// <summary>The rate of the oldest raw window in the range; null when there is none.</summary>
    public static double? RawRate(this HubStore store, HistoryRange range) => store.Read<double?>(database =>
    {
        var rows = RawWindows(database, range, range.FromMicros);
        return rows.Step() ? BitConverter.Int64BitsToDouble(rows.Int64(1)) : null;
    });

    /// <summary>Samples of raw windows from a time on; windows of another rate are left out.</summary>
    /// <param name="startMicros">No window that began earlier reaches to <paramref name="fromMicros"/>.</param>
    public static void ReadRawWindows(
        this HubStore store, HistoryRange range, long startMicros, long fromMicros, double rateHz,
        HistoryBuffer into) => store.Read(database =>
        {
            into.Clear();
            var rows = RawWindows(database, range, startMicros);
            while (rows.Step())
            {
                if (into.IsFull && rows.Int64(0) > into.Newest)
                    break;
                if (!IsOfRate(rows, rateHz))
                    continue;
                var samples = SamplesCodec.Decode(rows.Blob(2));
                for (var i = 0; i < samples.Length; i++)
                {
                    var time = rows.Int64(0) + (long)Math.Round(i * 1e6 / rateHz);
                    if (time >= fromMicros && time < range.ToMicros)
                        into.Add(time, samples[i]);
                }
            }

            rows.Reset();
            into.Settle((long)(1e6 / rateHz));
            return 0;
        });

    /// <summary>The start of the raw window that holds a time, or of the next one; the end of the range when there is
    /// none.</summary>
    public static long RawWindowStart(this HubStore store, HistoryRange range, long startMicros, long timeMicros) =>
        store.Read(database =>
        {
            var rows = RawWindows(database, range, startMicros);
            while (rows.Step())
            {
                var rate = BitConverter.Int64BitsToDouble(rows.Int64(1));
                var end = rows.Int64(0) + (SamplesCodec.Decode(rows.Blob(2)).Length * 1e6 / rate);
                if (end > timeMicros)
                    return rows.Int64(0);
            }

            return range.ToMicros;
        });

    private const string Overlap =
        "channel_id = ?1 AND start >= ?2 AND start < ?3 AND end >= ?4 AND chunk.id < ?5";

    private static (long Key, long Span)? KeyOf(Database database, HistoryRange range)
    {
        var find = database.Cached("""
            SELECT channel.id, span_max FROM channel JOIN device ON device.id = device_id
            WHERE tenant = ?1 AND device = ?2 AND name = ?3
            """).Bind(1, range.Tenant.Value).Bind(2, range.Device.Value).Bind(3, range.Channel.Value);
        (long, long)? found = find.Step() ? (find.Int64(0), find.Int64(1)) : null;
        find.Reset();
        return found;
    }

    private static void Bind(Statement chunks, HistoryRange range, long key, long span, long from)
    {
        // No chunk of this channel is longer than the span, so none that starts before this reaches into the range.
        var earliest = (Int128)from - span;
        chunks.Bind(1, key).Bind(2, earliest < long.MinValue ? long.MinValue : (long)earliest)
            .Bind(3, range.ToMicros).Bind(4, from).Bind(5, (range.ThroughBatch + 1) << HubSchema.PartBits);
    }

    private static Statement RawWindows(Database database, HistoryRange range, long startMicros) => database.Cached("""
        SELECT start, rate, data FROM raw_window JOIN device ON device.id = device_id
        WHERE tenant = ?1 AND device = ?2 AND channel = ?3 AND start >= ?4 AND start < ?5 AND raw_window.id < ?6
        ORDER BY start, raw_window.id
        """).Bind(1, range.Tenant.Value).Bind(2, range.Device.Value).Bind(3, range.Channel.Value)
        .Bind(4, startMicros).Bind(5, range.ToMicros).Bind(6, (range.ThroughBatch + 1) << HubSchema.PartBits);

    private static bool IsOfRate(Statement row, double rateHz) =>
        Math.Abs(BitConverter.Int64BitsToDouble(row.Int64(1)) - rateHz) <= rateHz * 0.001;
}
