namespace LeptonEdge.Agent.Pipeline;

/// <summary>Every loop of the pipeline beats here; the watchdog is fed only while none of them is overdue.</summary>
public sealed class Heartbeats(TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly List<Heartbeat> _all = [];

    /// <param name="patience">A loop that does not beat for longer than this is stuck.</param>
    public Heartbeat Add(string name, TimeSpan patience)
    {
        var heartbeat = new Heartbeat(name, patience, clock);
        lock (_gate)
            _all.Add(heartbeat);
        return heartbeat;
    }

    /// <summary>Names of the loops that are overdue; empty when all is well.</summary>
    public IReadOnlyList<string> Overdue()
    {
        lock (_gate)
            return [.. _all.Where(heartbeat => heartbeat.IsOverdue).Select(heartbeat => heartbeat.Name)];
    }
}

/// <summary>The heartbeat of one loop.</summary>
public sealed class Heartbeat(string name, TimeSpan patience, TimeProvider clock)
{
    private long _at = clock.GetTimestamp();
    private volatile bool _ended;

    public string Name { get; } = name;

    public bool IsOverdue => !_ended && clock.GetElapsedTime(Interlocked.Read(ref _at)) > patience;

    public void Beat() => Interlocked.Exchange(ref _at, clock.GetTimestamp());

    /// <summary>The loop has come to its proper end; nothing more is expected of it.</summary>
    public void End() => _ended = true;
}
