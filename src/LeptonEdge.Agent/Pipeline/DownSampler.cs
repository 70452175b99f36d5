namespace LeptonEdge.Agent.Pipeline;

/// <summary>Mean, minimum and maximum of the readings of one interval.</summary>
/// <param name="TimeMicros">Device time at which the interval began, microseconds since 1970-01-01 UTC.</param>
/// <param name="Count">Finite readings in it, at least 1.</param>
public readonly record struct IntervalSummary(long TimeMicros, double Mean, double Min, double Max, long Count);

/// <summary>Turns a channel into one summary per interval; intervals start at whole multiples of their length since
/// 1970, so that those of different channels fall together. Readings that are NaN or infinite are left out.</summary>
public sealed class DownSampler
{
    private readonly long _intervalMicros;
    private long _startMicros = long.MinValue;
    private double _sum;
    private double _min;
    private double _max;
    private long _count;

    /// <param name="interval">Above zero.</param>
    public DownSampler(TimeSpan interval)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero);
        _intervalMicros = Math.Max(1, interval.Ticks / TimeSpan.TicksPerMicrosecond);
    }

    /// <summary>Takes one reading in.</summary>
    /// <returns>True when it closed the interval before it, whose summary is then handed out.</returns>
    public bool Add(long timeMicros, double value, out IntervalSummary summary)
    {
        summary = default;
        var start = timeMicros - (((timeMicros % _intervalMicros) + _intervalMicros) % _intervalMicros);
        var closed = start != _startMicros && TryClose(out summary);
        _startMicros = start;
        if (double.IsFinite(value))
        {
            _min = _count == 0 ? value : Math.Min(_min, value);
            _max = _count == 0 ? value : Math.Max(_max, value);
            _sum += value;
            _count++;
        }

        return closed;
    }

    private bool TryClose(out IntervalSummary summary)
    {
        summary = _count == 0 ? default : new IntervalSummary(_startMicros, _sum / _count, _min, _max, _count);
        var any = _count > 0;
        (_sum, _count) = (0, 0);
        return any;
    }
}
