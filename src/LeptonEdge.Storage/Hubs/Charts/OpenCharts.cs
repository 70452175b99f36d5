using System.Runtime.InteropServices;

namespace LeptonEdge.Storage.Hubs.Charts;

/// <summary>Sums of readings that are stored but not yet written as sums: by channel and minute. Written by the store's
/// writer, asked by queries; any thread.</summary>
/// <remarks>Sums are written together once a minute, not with each batch: a page of the table for each channel and level
/// would cost more than the readings do.</remarks>
internal sealed class OpenCharts
{
    /// <summary>Minutes of one channel that are kept; beyond it they are written early.</summary>
    public const int MinutesMax = 256;

    // Of all channels, some 30 MB.
    private const int MinutesMaxOfAll = 250_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<long, OpenChart> _open = [];
    private readonly Queue<OpenChart> _order = new();
    private int _minutes;
    private bool _isLive;

    /// <summary>Whether every stored chunk is either written as sums or here.</summary>
    public bool IsLive
    {
        get
        {
            lock (_gate)
                return _isLive;
        }
    }

    /// <summary>After a start, or a transaction that failed: what the sums lack is read from the chunks again.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            (_isLive, _minutes) = (false, 0);
            _open.Clear();
            _order.Clear();
        }
    }

    public void GoLive()
    {
        lock (_gate)
            _isLive = true;
    }

    /// <returns>The chart, which has to be written now when it <see cref="OpenChart.IsFull"/>.</returns>
    public OpenChart Take(
        long channel, long chunk, in ChunkSummary summary, ReadOnlySpan<long> times, ReadOnlySpan<double> values,
        long nowMicros)
    {
        lock (_gate)
        {
            if (!_open.TryGetValue(channel, out var chart))
            {
                _open.Add(channel, chart = new OpenChart(channel, chunk, nowMicros));
                _order.Enqueue(chart);
            }

            _minutes -= chart.Minutes.Count;
            chart.Add(chunk, summary, times, values);
            _minutes += chart.Minutes.Count;
            return chart;
        }
    }

    /// <summary>The chart that is open longest, when it is older than a time or there are too many; null when none
    /// is.</summary>
    public OpenChart? Ripe(long olderThanMicros)
    {
        lock (_gate)
        {
            return Oldest() is { } oldest && (oldest.OpenedMicros <= olderThanMicros || _minutes > MinutesMaxOfAll)
                ? oldest
                : null;
        }
    }

    /// <summary>A chart that was written, in a transaction that may still fail: then all is forgotten.</summary>
    public void Close(OpenChart chart)
    {
        lock (_gate)
        {
            if (_open.Remove(chart.Channel))
                _minutes -= chart.Minutes.Count;
        }
    }

    /// <summary>The first chunk that is not written as sums; null when all are.</summary>
    public long? FirstChunk()
    {
        lock (_gate)
            return Oldest()?.FirstChunk;
    }

    /// <summary>Start of the oldest reading here, for a query that adds them; <see cref="long.MaxValue"/> when there is
    /// none, null when the sums cannot be used yet.</summary>
    public long? OldestOf(long channel)
    {
        lock (_gate)
        {
            if (!_isLive)
                return null;
            return _open.TryGetValue(channel, out var chart) ? chart.OldestMicros : long.MaxValue;
        }
    }

    // A chart that was written early stays in the queue until it is first.
    private OpenChart? Oldest()
    {
        while (_order.TryPeek(out var chart))
        {
            if (_open.TryGetValue(chart.Channel, out var open) && ReferenceEquals(open, chart))
                return chart;
            _order.Dequeue();
        }

        return null;
    }
}

/// <summary>What one channel gathered since its sums were written last.</summary>
internal sealed class OpenChart(long channel, long firstChunk, long openedMicros)
{
    private readonly Dictionary<long, (ChunkSummary Sum, long LastTime)> _minutes = [];

    public long Channel => channel;

    public long FirstChunk => firstChunk;

    public long LastChunk { get; private set; }

    public long OpenedMicros => openedMicros;

    public long OldestMicros { get; private set; } = long.MaxValue;

    public bool IsFull => _minutes.Count > OpenCharts.MinutesMax;

    public IReadOnlyDictionary<long, (ChunkSummary Sum, long LastTime)> Minutes => _minutes;

    public void Add(
        long chunk, in ChunkSummary summary, ReadOnlySpan<long> times, ReadOnlySpan<double> values)
    {
        LastChunk = Math.Max(LastChunk, chunk);
        OldestMicros = Math.Min(OldestMicros, summary.Start);
        var width = ChartLevel.Widths[0];
        if (ChartLevel.StartOf(summary.Start, width) == ChartLevel.StartOf(summary.End, width))
        {
            Merge(_minutes, width, summary);
            return;
        }

        var begin = 0;
        for (var i = 1; i <= times.Length; i++)
        {
            if (i < times.Length
                && ChartLevel.StartOf(times[i], width) == ChartLevel.StartOf(times[begin], width))
                continue;
            Merge(_minutes, width, ChunkSummary.Of(times[begin..i], values[begin..i]));
            begin = i;
        }
    }

    /// <summary>Adds a part, which lies within one stretch, to the sums of its stretch.</summary>
    public static void Merge(
        Dictionary<long, (ChunkSummary Sum, long LastTime)> sums, long width, in ChunkSummary part)
    {
        ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(
            sums, ChartLevel.StartOf(part.Start, width), out var known);
        sum = known
            ? (sum.Sum.With(part, isNewer: part.End >= sum.LastTime), Math.Max(sum.LastTime, part.End))
            : (part, part.End);
    }
}
