namespace LeptonEdge.Simulation;

/// <summary>Simulated time and what will happen in it. One thread; nothing in it reads a real clock.</summary>
public sealed class SimWorld(ulong seed, TextWriter? trace)
{
    private readonly PriorityQueue<Action, (TimeSpan, long)> _events = new();
    private long _scheduled;

    public SimRandom Random { get; } = new(seed);

    public TimeSpan Now { get; private set; }

    public long Steps { get; private set; }

    public bool Tracing => trace is not null;

    /// <summary>Something happens after a while; what is due at the same time happens in the order it was
    /// scheduled.</summary>
    public void After(TimeSpan delay, Action what) => _events.Enqueue(what, (Now + delay, _scheduled++));

    /// <summary>Lets everything happen until a time, or until nothing is left.</summary>
    /// <returns>False when <paramref name="stepsMax"/> events did not suffice: something spins.</returns>
    public bool RunUntil(TimeSpan end, long stepsMax, Func<bool>? done = null)
    {
        var limit = Steps + stepsMax;
        while (_events.TryPeek(out var what, out var due) && due.Item1 <= end)
        {
            if (Steps++ >= limit)
                return false;
            _events.Dequeue();
            Now = due.Item1;
            what();
            if (done?.Invoke() == true)
                return true;
        }

        Now = Now > end ? Now : end;
        return true;
    }

    public void Trace(string who, string what) =>
        trace?.WriteLine(FormattableString.Invariant($"{Now.TotalMilliseconds,12:0.000} ms  {who,-10} {what}"));
}

/// <summary>The process dies here: thrown by a simulated disk in the middle of whatever its owner does.</summary>
public sealed class SimCrashException(string where) : Exception(where);
