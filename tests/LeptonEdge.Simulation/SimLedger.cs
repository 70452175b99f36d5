namespace LeptonEdge.Simulation;

/// <summary>What a device has appended: its promise, kept apart from everything that may fail.</summary>
internal sealed class SimLedger
{
    private readonly Dictionary<ulong, Entry> _byContent = [];
    private readonly Dictionary<ulong, ulong> _forks = [];

    public long Count => _byContent.Count;

    public IReadOnlyDictionary<ulong, Entry> ByContent => _byContent;

    /// <summary>Contents are numbered from 1 to this. One whose append failed may still be stored, once.</summary>
    public ulong Drawn { get; private set; }

    /// <summary>Old epoch → the epoch whose first batch names what was left behind.</summary>
    public IReadOnlyDictionary<ulong, ulong> Forks => _forks;

    public ulong Draw() => ++Drawn;

    public void Appended(ulong content, ulong epoch, ulong sequence) =>
        _byContent[content] = new Entry(epoch, sequence, OnDisk: true);

    public void Forked(ulong before, ulong after) => _forks[before] = after;

    /// <summary>The disk itself is gone, and no protocol brings back what was on it alone.</summary>
    public void DiskLost()
    {
        foreach (var content in _byContent.Keys.ToList())
            _byContent[content] = _byContent[content] with { OnDisk = false };
    }

    /// <summary>It is on the disk that was put in.</summary>
    public void Back(ulong content)
    {
        if (_byContent.TryGetValue(content, out var entry))
            _byContent[content] = entry with { OnDisk = true };
    }

    internal readonly record struct Entry(ulong Epoch, ulong Sequence, bool OnDisk);
}

/// <summary>A wall clock that jumps.</summary>
internal sealed class SimClock : TimeProvider
{
    public DateTimeOffset Wall { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => Wall;
}
