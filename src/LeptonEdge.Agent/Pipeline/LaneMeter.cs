namespace LeptonEdge.Agent.Pipeline;

/// <summary>How busy the lane was over the last two seconds. One thread writes, any thread reads.</summary>
public sealed class LaneMeter(TimeProvider clock)
{
    private const int Slices = 20;

    private static readonly TimeSpan SliceLength = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly long[] _busyTicks = new long[Slices];
    private readonly int[] _pieces = new int[Slices];
    private readonly long _origin = clock.GetTimestamp();
    private long _slice;
    private long _runningSince = long.MinValue;

    public void Begin()
    {
        lock (_gate)
            _runningSince = clock.GetTimestamp();
    }

    /// <returns>How long the piece of work took.</returns>
    public TimeSpan End()
    {
        lock (_gate)
        {
            Turn();
            var took = clock.GetElapsedTime(_runningSince);
            _runningSince = long.MinValue;
            _busyTicks[_slice % Slices] += took.Ticks;
            _pieces[_slice % Slices]++;
            return took;
        }
    }

    /// <summary>Share of the last two seconds that the lane was busy, 0 to 1; a piece still running counts as
    /// well.</summary>
    public double Utilisation
    {
        get
        {
            lock (_gate)
            {
                Turn();
                var busy = Sum(_busyTicks);
                if (_runningSince != long.MinValue)
                    busy += clock.GetElapsedTime(_runningSince).Ticks;
                var lived = Math.Min(clock.GetElapsedTime(_origin).Ticks, SliceLength.Ticks * Slices);
                return lived == 0 ? 0 : Math.Min(1, (double)busy / lived);
            }
        }
    }

    /// <summary>Mean time of one piece of work over the last two seconds, seconds; 0 while there was none.</summary>
    public double MeanServiceSeconds
    {
        get
        {
            lock (_gate)
            {
                Turn();
                var pieces = 0;
                foreach (var count in _pieces)
                    pieces += count;
                return pieces == 0 ? 0 : Sum(_busyTicks) / (double)TimeSpan.TicksPerSecond / pieces;
            }
        }
    }

    private static long Sum(long[] ticks)
    {
        long sum = 0;
        foreach (var value in ticks)
            sum += value;
        return sum;
    }

    private void Turn()
    {
        var now = clock.GetElapsedTime(_origin).Ticks / SliceLength.Ticks;
        for (var cleared = 0; _slice < now && cleared < Slices; cleared++)
        {
            _slice++;
            _busyTicks[_slice % Slices] = 0;
            _pieces[_slice % Slices] = 0;
        }

        if (_slice < now)
            _slice = now;
    }
}
