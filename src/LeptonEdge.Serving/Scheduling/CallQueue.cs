namespace LeptonEdge.Serving.Scheduling;

/// <summary>Requests that wait: by urgency, and among equals each caller in turn, by the time that its requests take
/// (deficit round robin). Urgency does not starve the others: now and then the caller has its turn who has waited
/// longest, whatever the urgency. One thread at a time.</summary>
/// <remarks>Shreedhar and Varghese, Efficient fair queuing using deficit round robin (1995).</remarks>
internal sealed class CallQueue
{
    // Sums of costs round; a nanosecond is no time.
    private const double ToleranceSeconds = 1e-9;

    // Runs by urgency between two for who has waited longest: priorities come from callers, and who calls all of its
    // requests urgent gets most of the time at most.
    private const int UrgentRuns = 3;

    private readonly SortedDictionary<int, Level> _levels = [];
    private readonly Dictionary<string, Caller> _callers = new(StringComparer.Ordinal);
    private long _ticks;
    private int _urgentRuns;

    public int Count { get; private set; }

    public void Add(PendingCall call)
    {
        if (!_levels.TryGetValue(call.Priority, out var level))
            _levels[call.Priority] = level = new Level();
        if (!level.ByCaller.TryGetValue(call.Caller, out var lane))
        {
            level.ByCaller[call.Caller] = lane = new Lane(call.Caller);
            lane.Turn = level.Turns.AddLast(lane);
        }

        if (!_callers.TryGetValue(call.Caller, out var caller))
            _callers[call.Caller] = caller = new Caller { Since = _ticks++ };
        caller.Calls++;

        call.Place = lane.Calls.AddLast(call);
        lane.Seconds += call.Cost;
        Count++;
    }

    /// <summary>Takes the request whose turn it is, and, up to so many rows, others that can run with it.</summary>
    public List<PendingCall> Take(int rowsMax)
    {
        var batch = new List<PendingCall>(1);
        if (Count == 0)
            return batch;
        batch.Add(TakeFirst());
        if (batch[0].Rows is 0)
            return batch;
        var rows = batch[0].Rows;
        // A request of less urgency costs a run that takes place anyway next to nothing.
        foreach (var level in _levels.Values)
            rows = Gather(level, batch, rows, rowsMax);
        return batch;
    }

    /// <summary>Takes a request out of the queue; false when it is not in it.</summary>
    public bool Remove(PendingCall call)
    {
        if (call.Place is null)
            return false;
        var level = _levels[call.Priority];
        Unlink(level, level.ByCaller[call.Caller], call);
        return true;
    }

    /// <summary>Seconds of work that is done before a new request of this caller.</summary>
    public double SecondsBefore(string caller, int priority, double cost)
    {
        var seconds = 0.0;
        foreach (var (urgency, level) in _levels)
        {
            if (urgency > priority)
                break;
            // By the time that a caller's own requests are done, each other caller of the level has had as much, and
            // more urgent ones as many runs more as they may have.
            var own = level.ByCaller.TryGetValue(caller, out var lane) ? lane.Seconds : 0;
            foreach (var other in level.Turns)
            {
                var share = own + cost;
                if (urgency < priority)
                    share = UrgentRuns * Math.Max(share, other.Calls.First!.Value.Cost);
                seconds += other == lane ? other.Seconds : Math.Min(other.Seconds, share);
            }
        }

        return seconds;
    }

    /// <summary>The newest request of the caller who has most in the queue, if that is more than this caller would
    /// have; one of more urgency only if it is of one who fills most of the queue.</summary>
    public PendingCall? GreedierThan(string caller, int priority)
    {
        var own = 1 + (_callers.TryGetValue(caller, out var asks) ? asks.Calls : 0);
        Lane? most = null;
        foreach (var (urgency, level) in _levels)
        {
            foreach (var lane in level.Turns)
            {
                if (urgency < priority && _callers[lane.Caller].Calls <= Count / 2)
                    continue;
                most = lane.Calls.Count > Math.Max(own, most?.Calls.Count ?? 0) ? lane : most;
            }
        }

        return most?.Calls.Last!.Value;
    }

    private PendingCall TakeFirst()
    {
        Level? first = null, second = null;
        foreach (var level in _levels.Values)
        {
            if (level.Turns.Count == 0)
                continue;
            if (first is not null)
            {
                second = level;
                break;
            }

            first = level;
        }

        if (second is not null && _urgentRuns++ < UrgentRuns)
            return TakeNext(first!);
        _urgentRuns = 0;
        return second is null ? TakeNext(first!) : TakeLongestWaiting();
    }

    private PendingCall TakeLongestWaiting()
    {
        var (longest, since) = ("", long.MaxValue);
        foreach (var (name, caller) in _callers)
            (longest, since) = caller.Since < since ? (name, caller.Since) : (longest, since);
        foreach (var level in _levels.Values)
        {
            if (!level.ByCaller.TryGetValue(longest, out var lane))
                continue;
            var call = lane.Calls.First!.Value;
            Charge(level, lane, call);
            return call;
        }

        throw new InvalidOperationException($"{longest} waits for nothing");
    }

    private PendingCall TakeNext(Level level)
    {
        while (true)
        {
            var shortfall = double.MaxValue;
            foreach (var lane in level.Turns)
            {
                var call = lane.Calls.First!.Value;
                var missing = call.Cost - lane.Deficit;
                if (missing <= ToleranceSeconds)
                {
                    Charge(level, lane, call);
                    return call;
                }

                shortfall = Math.Min(shortfall, missing);
            }

            // All get the same, just enough for the first of them: rounds with a fixed quantum, taken at once.
            foreach (var lane in level.Turns)
                lane.Deficit += shortfall;
        }
    }

    /// <summary>Takes the request, and its caller waits for its next turn.</summary>
    private void Charge(Level level, Lane lane, PendingCall call)
    {
        lane.Deficit -= call.Cost;
        _callers[lane.Caller].Since = _ticks++;
        level.Turns.Remove(lane.Turn!);
        level.Turns.AddLast(lane.Turn!);
        Unlink(level, lane, call);
    }

    private int Gather(Level level, List<PendingCall> batch, int rows, int rowsMax)
    {
        // Round and round, one from each caller, so that one with many does not fill the batch alone.
        for (var found = true; found && rows < rowsMax;)
        {
            found = false;
            foreach (var lane in level.Turns.ToArray())
            {
                var call = lane.Calls.First!.Value;
                if (rows + call.Rows > rowsMax || !call.FitsWith(batch[0]))
                    continue;
                Charge(level, lane, call);
                batch.Add(call);
                rows += call.Rows;
                found = true;
            }
        }

        return rows;
    }

    private void Unlink(Level level, Lane lane, PendingCall call)
    {
        lane.Calls.Remove(call.Place!);
        call.Place = null;
        lane.Seconds = lane.Calls.Count == 0 ? 0 : lane.Seconds - call.Cost;
        Count--;
        if (--_callers[lane.Caller].Calls == 0)
            _callers.Remove(lane.Caller);
        if (lane.Calls.Count > 0)
            return;
        level.Turns.Remove(lane.Turn!);
        level.ByCaller.Remove(lane.Caller);
    }

    private sealed class Level
    {
        public LinkedList<Lane> Turns { get; } = [];

        public Dictionary<string, Lane> ByCaller { get; } = new(StringComparer.Ordinal);
    }

    private sealed class Caller
    {
        public int Calls { get; set; }

        /// <summary>The tick of its last turn, or else of its coming.</summary>
        public long Since { get; set; }
    }

    private sealed class Lane(string caller)
    {
        public string Caller => caller;

        public LinkedList<PendingCall> Calls { get; } = [];

        public LinkedListNode<Lane>? Turn { get; set; }

        public double Seconds { get; set; }

        public double Deficit { get; set; }
    }
}
