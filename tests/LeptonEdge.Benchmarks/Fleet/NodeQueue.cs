namespace LeptonEdge.Benchmarks.Fleet;

/// <summary>How long work truly waits at a machine: arrivals by chance, several servers, and whoever cannot be served
/// in time any more is dropped.</summary>
/// <remarks>
/// The M/M/c+D queue: with a = λS and π the distribution over busy servers, the wait that an arrival would have has
/// the density λ·π(c−1)·exp(−(cμ−λ)x) up to the patience D and falls by cμ beyond it (Baccelli and Hebuterne,
/// Performance '81; one server: Barrer, Oper. Res. 5 (1957)). It holds below and above full load. Rates are scaled by
/// 2/(1+cv²) for service times that vary otherwise than exponentially (Lee and Longton, 1959). The planner knows
/// nothing of this formula.
/// </remarks>
internal readonly struct NodeQueue
{
    private readonly double _none;
    private readonly double _start;
    private readonly double _fall;
    private readonly double _patience;
    private readonly double _end;
    private readonly double _endFall;

    private NodeQueue(double none, double start, double fall, double patience, double end, double endFall)
    {
        (_none, _start, _fall, _patience, _end, _endFall) = (none, start, fall, patience, end, endFall);
    }

    /// <summary>A machine without work.</summary>
    public static NodeQueue Idle { get; } = new(1, 0, 1, 1, 0, 1);

    /// <param name="servers">Cores or accelerators.</param>
    /// <param name="rate">Arrivals each second.</param>
    /// <param name="busy">Sum of their service times, seconds each second.</param>
    /// <param name="square">Sum of the squares of their service times, each second.</param>
    /// <param name="patience">For how long they can wait, mean, seconds.</param>
    public static NodeQueue Of(int servers, double rate, double busy, double square, double patience)
    {
        if (!(busy > 1e-9) || servers <= 0)
            return Idle;
        var mean = busy / rate;
        var variation = Math.Max(0, (square / rate / (mean * mean)) - 1) + Spread.Variation;
        var scale = 2 / (1 + variation);
        // π(c−1) over π(0), and the sum of all π over π(0).
        var (term, sum) = (1.0, 1.0);
        for (var j = 1; j < servers; j++)
        {
            term *= busy / j;
            sum += term;
        }

        var start = rate * term * scale;
        var fall = ((servers / mean) - rate) * scale;
        var endFall = servers / mean * scale;
        var fell = fall * patience;
        var end = start * Math.Exp(-fell);
        var waiting = Math.Abs(fell) < 1e-7 ? start * patience : start * (1 - Math.Exp(-fell)) / fall;
        var all = sum + waiting + (end / endFall);
        return new NodeQueue(sum / all, start / all, fall, patience, end / all, endFall);
    }

    /// <summary>Share of arrivals that wait no longer than this.</summary>
    public double Within(double seconds)
    {
        if (seconds < 0)
            return 0;
        if (seconds >= _patience)
            return 1 - (_end / _endFall * Math.Exp(-_endFall * (seconds - _patience)));
        var fell = _fall * seconds;
        return _none + (Math.Abs(fell) < 1e-7 ? _start * seconds : _start * (1 - Math.Exp(-fell)) / _fall);
    }

    /// <summary>Share of arrivals that are served at all.</summary>
    public double Served => 1 - (_end / _endFall);
}
