using LeptonEdge.Protocol.Batches;
using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Hubs.Charts;

/// <summary>Writes the sums of readings by minute, hour and day, so that a chart of a year reads no more than one of an
/// hour. Called under the store's writer lock, within a transaction.</summary>
internal sealed class ChartTables(Database database, OpenCharts open)
{
    /// <summary>Sums are written when their channel's oldest has waited this long.</summary>
    public const long WaitMicros = 60_000_000;

    private const int ChannelsMax = 100_000;
    private const int ChannelsAtOnce = 200;
    private const int ChunksAtOnce = 2_000;
    private const string ThroughKey = "charts:through";
    private readonly Dictionary<long, (ChunkSummary Sum, long LastTime)> _sums = [];
    private readonly Dictionary<long, long> _folded = [];
    private readonly Statement _add = database.Prepare("""
        INSERT INTO chart (channel_id, level, bucket, count, invalid, sum, min, max, last_time, last)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        ON CONFLICT (channel_id, level, bucket) DO UPDATE SET count = count + excluded.count,
            invalid = invalid + excluded.invalid,
            sum = CASE WHEN sum IS NULL OR excluded.sum IS NULL THEN coalesce(sum, excluded.sum) ELSE sum + excluded.sum END,
            min = CASE WHEN min IS NULL OR excluded.min < min THEN coalesce(excluded.min, min) ELSE min END,
            max = CASE WHEN max IS NULL OR excluded.max > max THEN coalesce(excluded.max, max) ELSE max END,
            last = CASE WHEN excluded.last_time >= last_time THEN excluded.last ELSE last END,
            last_time = max(last_time, excluded.last_time)
        """);
    private readonly Statement _setFolded = database.Prepare("UPDATE channel SET folded = ?2 WHERE id = ?1");
    private readonly Statement _save = database.Prepare(
        "INSERT OR REPLACE INTO setting (key, value) VALUES (?1, ?2)");
    private long[] _times = [];
    private double[] _values = [];
    private long? _through;

    /// <summary>Takes a chunk that is stored in this transaction.</summary>
    public void Take(
        long channel, long chunk, in ChunkSummary summary, ReadOnlySpan<long> times, ReadOnlySpan<double> values,
        long nowMicros)
    {
        // Until the sums have caught up, they find it among the chunks.
        if (!open.IsLive)
            return;
        var chart = open.Take(channel, chunk, summary, times, values, nowMicros);
        if (chart.IsFull)
            Write(chart);
    }

    /// <summary>Reads some of the chunks that the sums lack.</summary>
    /// <returns>True when there are more.</returns>
    public bool CatchUp(long nowMicros)
    {
        var through = _through ??= Through();
        var count = 0;
        var chunks = database.Cached("""
            SELECT id, channel_id, start, end, count, invalid, sum, min, max, last, data FROM chunk WHERE id > ?1
            ORDER BY id LIMIT ?2
            """).Bind(1, through).Bind(2, ChunksAtOnce);
        for (; chunks.Step(); count++)
        {
            through = chunks.Int64(0);
            var channel = chunks.Int64(1);
            if (through > FoldedOf(channel))
                Take(chunks, channel, nowMicros);
        }

        _through = through;
        if (count == ChunksAtOnce)
            return true;
        open.GoLive();
        (_through, _times, _values) = (null, [], []);
        _folded.Clear();
        return false;
    }

    /// <summary>Writes sums that have waited long enough.</summary>
    /// <param name="olderThanMicros">Time at which they were begun, at the latest.</param>
    /// <returns>True when there are more.</returns>
    public bool WriteRipe(long olderThanMicros)
    {
        for (var i = 0; i < ChannelsAtOnce; i++)
        {
            if (open.Ripe(olderThanMicros) is { } chart)
                Write(chart);
            else
                break;
        }

        if ((open.FirstChunk() - 1 ?? _through ?? (open.IsLive ? NewestChunk() : null)) is { } through)
            _save.Bind(1, ThroughKey).Bind(2, through).Run();
        return open.Ripe(olderThanMicros) is not null;
    }

    /// <summary>The transaction failed.</summary>
    public void Forget()
    {
        open.Forget();
        _folded.Clear();
        _through = null;
    }

    private void Take(Statement chunk, long channel, long nowMicros)
    {
        var summary = new ChunkSummary(
            chunk.Int64(2), chunk.Int64(3), chunk.Int64(4), chunk.Int64(5), chunk.Double(6), chunk.Double(7),
            chunk.Double(8), BitConverter.Int64BitsToDouble(chunk.Int64(9)));
        var width = ChartLevel.Widths[0];
        var count = ChartLevel.StartOf(summary.Start, width) == ChartLevel.StartOf(summary.End, width)
            ? 0
            : SeriesCodec.Decode(chunk.Blob(10), ref _times, ref _values);
        var chart = open.Take(
            channel, chunk.Int64(0), summary, _times.AsSpan(0, count), _values.AsSpan(0, count), nowMicros);
        if (chart.IsFull)
            Write(chart);
    }

    private void Write(OpenChart chart)
    {
        for (var level = 0; level < ChartLevel.Widths.Length; level++)
        {
            _sums.Clear();
            foreach (var (start, (sum, last)) in chart.Minutes)
                OpenChart.Merge(_sums, ChartLevel.Widths[level], sum with { Start = start, End = last });
            foreach (var (start, (sum, last)) in _sums)
                Add(chart.Channel, level, start, sum, last);
        }

        _setFolded.Bind(1, chart.Channel).Bind(2, chart.LastChunk).Run();
        _folded.Remove(chart.Channel);
        open.Close(chart);
    }

    private void Add(long channel, int level, long start, in ChunkSummary sum, long last)
    {
        _add.Bind(1, channel).Bind(2, level).Bind(3, start).Bind(4, sum.Count).Bind(5, sum.Invalid).Bind(9, last)
            .Bind(10, BitConverter.DoubleToInt64Bits(sum.Last));
        if (sum.HasFinite)
            _add.Bind(6, sum.Sum).Bind(7, sum.Min).Bind(8, sum.Max);
        else
            _add.BindNull(6).BindNull(7).BindNull(8);
        _add.Run();
    }

    private long FoldedOf(long channel)
    {
        if (_folded.TryGetValue(channel, out var folded))
            return folded;
        var find = database.Cached("SELECT folded FROM channel WHERE id = ?1").Bind(1, channel);
        folded = find.Step() ? find.Int64(0) : 0;
        find.Reset();
        if (_folded.Count >= ChannelsMax)
            _folded.Clear();
        return _folded[channel] = folded;
    }

    private long Through()
    {
        var find = database.Cached("SELECT value FROM setting WHERE key = ?1").Bind(1, ThroughKey);
        var through = find.Step() ? find.Int64(0) : 0;
        find.Reset();
        return through;
    }

    private long? NewestChunk() => database.Scalar("SELECT coalesce(max(id), 0) FROM chunk");
}
