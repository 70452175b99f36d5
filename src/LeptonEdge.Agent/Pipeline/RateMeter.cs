namespace LeptonEdge.Agent.Pipeline;

/// <summary>How many per second, over the last five seconds. Any thread; allocates nothing after creation.</summary>
public sealed class RateMeter(TimeProvider clock)
{
    private const int Slices = 10;

    private static readonly TimeSpan SliceLength = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private readonly long[] _counts = new long[Slices];
    private long _origin = -1;
    private long _slice;
    private long _total;

    /// <summary>All that was ever counted; never falls.</summary>
    public long Total => Interlocked.Read(ref _total);

    public double PerSecond
    {
        get
        {
            lock (_gate)
            {
                if (_origin < 0)
                    return 0;
                var elapsed = Turn();
                long sum = 0;
                foreach (var count in _counts)
                    sum += count;
                // The oldest slice is gone and the newest has only begun: that is the time the sum stands for.
                var oldest = Math.Max(0, _slice - Slices + 1) * SliceLength.Ticks;
                var seconds = (elapsed.Ticks - oldest) / (double)TimeSpan.TicksPerSecond;
                return seconds <= 0 ? 0 : sum / Math.Max(seconds, SliceLength.TotalSeconds);
            }
        }
    }

    public void Add(long count = 1)
    {
        lock (_gate)
        {
            // The first one opens the first slice, so that the start-up before it does not dilute the rate.
            if (_origin < 0)
                _origin = clock.GetTimestamp();
            Turn();
            _counts[_slice % Slices] += count;
            _total += count;
        }
    }

    private TimeSpan Turn()
    {
        var elapsed = clock.GetElapsedTime(_origin);
        var now = elapsed.Ticks / SliceLength.Ticks;
        for (var cleared = 0; _slice < now && cleared < Slices; cleared++)
        {
            _slice++;
            _counts[_slice % Slices] = 0;
        }

        if (_slice < now)
            _slice = now;
        return elapsed;
    }
}
