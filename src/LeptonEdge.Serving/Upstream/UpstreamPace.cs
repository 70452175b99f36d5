using LeptonEdge.Core.Metrics;

namespace LeptonEdge.Serving.Upstream;

/// <summary>How long a pool lately took to answer for one model, one row at a time. Any thread.</summary>
/// <remarks>Two histograms take turns, so that what was long ago is forgotten, and there is always one that is full
/// enough to speak.</remarks>
public sealed class UpstreamPace(TimeProvider clock)
{
    // Fewer say nothing of a 99th percentile.
    private const int CallsMin = 20;
    private static readonly TimeSpan TurnAfter = TimeSpan.FromMinutes(1);

    private readonly Lock _turning = new();
    private volatile LatencyHistogram _current = new();
    private volatile LatencyHistogram? _before;
    private long _turnedAt = clock.GetTimestamp();
    private long _answeredAt = long.MinValue;

    /// <summary>Mean and 99th percentile, seconds; null before the first answer.</summary>
    public (double MeanSeconds, double P99Seconds)? Read()
    {
        var (current, before) = (_current, _before);
        var full = current.Count >= CallsMin || before is null ? current : before;
        var count = full.Count;
        if (count == 0)
            return null;
        var mean = full.Sum.TotalSeconds / count;
        // Of an exponential time, as long as too few were seen.
        return (mean, count >= CallsMin ? full.Percentile(0.99).TotalSeconds : mean * Math.Log(100));
    }

    /// <summary>Time since the last answer; null before the first.</summary>
    public TimeSpan? Age =>
        Volatile.Read(ref _answeredAt) is > long.MinValue and var at ? clock.GetElapsedTime(at) : null;

    /// <summary>Whether enough answers were seen to speak of a 99th percentile.</summary>
    public bool IsSure => _before is not null || _current.Count >= CallsMin;

    internal void Record(TimeSpan taken)
    {
        _current.Record(taken);
        Volatile.Write(ref _answeredAt, clock.GetTimestamp());
        if (clock.GetElapsedTime(Volatile.Read(ref _turnedAt)) < TurnAfter || _current.Count < CallsMin)
            return;
        lock (_turning)
        {
            if (clock.GetElapsedTime(_turnedAt) < TurnAfter)
                return;
            (_before, _current) = (_current, new LatencyHistogram());
            Volatile.Write(ref _turnedAt, clock.GetTimestamp());
        }
    }
}
