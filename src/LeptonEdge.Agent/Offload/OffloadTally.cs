namespace LeptonEdge.Agent.Offload;

/// <summary>What one workload asked of the hub since the agent's start. Any thread; never falls.</summary>
public sealed class OffloadTally
{
    private long _escalations;
    private long _splitAnswers;
    private long _hedges;
    private long _retries;
    private long _lateReplies;
    private long _soundings;

    /// <summary>Windows of a cascade that the small model was unsure of and the hub was asked about.</summary>
    public long Escalations => Interlocked.Read(ref _escalations);

    /// <summary>Windows whose second stage the hub computed in time.</summary>
    public long SplitAnswers => Interlocked.Read(ref _splitAnswers);

    /// <summary>Second calls for a window whose first one took longer than usual, or found its hub away.</summary>
    public long Hedges => Interlocked.Read(ref _hedges);

    /// <summary>Calls that were made again after the hub had said when.</summary>
    public long Retries => Interlocked.Read(ref _retries);

    /// <summary>Replies that came after the device had answered itself.</summary>
    public long LateReplies => Interlocked.Read(ref _lateReplies);

    /// <summary>Calls made only to learn how quick the hub is; the device had answered their windows.</summary>
    public long Soundings => Interlocked.Read(ref _soundings);

    internal void Escalated() => Interlocked.Increment(ref _escalations);

    internal void SplitAnswered() => Interlocked.Increment(ref _splitAnswers);

    internal void Hedged() => Interlocked.Increment(ref _hedges);

    internal void Retried() => Interlocked.Increment(ref _retries);

    internal void RepliedLate() => Interlocked.Increment(ref _lateReplies);

    internal void Sounded() => Interlocked.Increment(ref _soundings);
}
