namespace LeptonEdge.Agent.Pipeline;

/// <summary>Work that is due at a set time, held in a fixed room. Not for two threads at once.</summary>
internal sealed class ReserveList(int capacity)
{
    private readonly (long DueAt, LaneWork Work)[] _entries = new (long, LaneWork)[capacity];
    private int _count;

    /// <summary>When the first one is due; long.MaxValue when there is none.</summary>
    public long NextDue
    {
        get
        {
            var next = long.MaxValue;
            foreach (var (dueAt, _) in _entries.AsSpan(0, _count))
                next = Math.Min(next, dueAt);
            return next;
        }
    }

    /// <returns>False when the room is full.</returns>
    public bool TryAdd(LaneWork work, long dueAt)
    {
        if (_count == _entries.Length)
            return false;
        _entries[_count++] = (dueAt, work);
        return true;
    }

    /// <summary>Makes one piece of work due now.</summary>
    public void Hasten(LaneWork work)
    {
        foreach (ref var entry in _entries.AsSpan(0, _count))
        {
            if (ReferenceEquals(entry.Work, work))
                entry.DueAt = long.MinValue;
        }
    }

    /// <summary>Takes out what was due first.</summary>
    /// <param name="onlyReady">Only work that needs no model.</param>
    public bool TryTake(long now, bool onlyReady, out LaneWork work)
    {
        var first = -1;
        for (var i = 0; i < _count; i++)
        {
            if (_entries[i].DueAt <= now && (!onlyReady || _entries[i].Work.NeedsNoModel)
                && (first < 0 || _entries[i].DueAt < _entries[first].DueAt))
                first = i;
        }

        work = first < 0 ? null! : _entries[first].Work;
        if (first < 0)
            return false;
        _entries[first] = _entries[--_count];
        _entries[_count] = default;
        return true;
    }
}
