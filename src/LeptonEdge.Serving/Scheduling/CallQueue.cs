namespace LeptonEdge.Serving.Scheduling;

/// <summary>Requests that wait: by urgency, and among equals each caller in turn, by the time that its requests take
/// (deficit round robin). One thread at a time.</summary>
/// <remarks>Shreedhar and Varghese, Efficient fair queuing using deficit round robin (1995).</remarks>
internal sealed class CallQueue
{
    // Sums of costs round; a nanosecond is no time.
    private const double ToleranceSeconds = 1e-9;

    private readonly SortedDictionary<int, Level> _levels = [];

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

        call.Place = lane.Calls.AddLast(call);
        lane.Seconds += call.Cost;
        Count++;
    }

    /// <summary>Takes the request whose turn it is, and, up to so many rows, others that can run with it.</summary>
    public List<PendingCall> Take(int rowsMax)
    {
        var batch = new List<PendingCall>(1);
        foreach (var level in _levels.Values)
        {
            if (level.Turns.Count == 0)
                continue;
            batch.Add(TakeNext(level));
            break;
        }

        if (batch.Count == 0 || batch[0].Rows is 0)
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
            // By the time that a caller's own requests are done, each other caller of the level has had as much.
            var own = level.ByCaller.TryGetValue(caller, out var lane) ? lane.Seconds : 0;
            foreach (var other in level.Turns)
                seconds += urgency < priority || other == lane ? other.Seconds : Math.Min(other.Seconds, own + cost);
        }

        return seconds;
    }

    /// <summary>The newest request of the caller who has most in the queue, if that is more than this caller would
    /// have, and of no more urgency.</summary>
    public PendingCall? GreedierThan(string caller, int priority)
    {
        var own = 1;
        foreach (var level in _levels.Values)
            own += level.ByCaller.TryGetValue(caller, out var lane) ? lane.Calls.Count : 0;
        Lane? most = null;
        foreach (var (urgency, level) in _levels)
        {
            foreach (var lane in urgency < priority ? [] : level.Turns)
                most = lane.Calls.Count > Math.Max(own, most?.Calls.Count ?? 0) ? lane : most;
        }

        return most?.Calls.Last!.Value;
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

    private sealed class Lane(string caller)
    {
        public string Caller => caller;

        public LinkedList<PendingCall> Calls { get; } = [];

        public LinkedListNode<Lane>? Turn { get; set; }

        public double Seconds { get; set; }

        public double Deficit { get; set; }
    }
}
