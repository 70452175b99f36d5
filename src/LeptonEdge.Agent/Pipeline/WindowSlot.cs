using LeptonEdge.Core.Plans;

namespace LeptonEdge.Agent.Pipeline;

/// <summary>One window on its way to a verdict: the features and who may still answer. Slots are made once per
/// workload and go round; a slot is free again when the lane and the hub's call have both let go of it.</summary>
public sealed class WindowSlot : LaneWork
{
    private readonly WorkloadRunner _runner;
    private int _holders;
    private int _answered;

    internal WindowSlot(WorkloadRunner runner, int localCount, int hubCount) =>
        (_runner, Features, HubFeatures) = (runner, new float[localCount], new float[hubCount]);

    /// <summary>The local model's input, shape (N,).</summary>
    public float[] Features { get; }

    /// <summary>The hub's model's input, shape (M,); empty where the workload must stay on the device.</summary>
    public float[] HubFeatures { get; }

    /// <summary>Device time of the window's last sample, microseconds since 1970-01-01 UTC.</summary>
    public long TimeMicros { get; private set; }

    /// <summary>When the window was complete, a timestamp of the clock.</summary>
    public long CompletedAt { get; private set; }

    /// <summary>The hub was asked; the lane answers only when the hub does not.</summary>
    public bool IsFallback { get; private set; }

    /// <summary>Nobody has answered yet.</summary>
    public bool IsOpen => Volatile.Read(ref _answered) == 0;

    internal void Open(long timeMicros, long completedAt)
    {
        (TimeMicros, CompletedAt, IsFallback) = (timeMicros, completedAt, false);
        Volatile.Write(ref _answered, 0);
        Volatile.Write(ref _holders, 1);
    }

    /// <summary>Gives the slot to the lane as well, while the hub's call still holds it.</summary>
    internal void HoldForFallback()
    {
        IsFallback = true;
        Interlocked.Increment(ref _holders);
    }

    /// <summary>Lets go; the last holder returns the slot.</summary>
    internal void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
            _runner.Return(this);
    }

    /// <summary>True for the first who asks: one window has one verdict.</summary>
    internal bool TryClaim() => Interlocked.Exchange(ref _answered, 1) == 0;

    public override void Run()
    {
        // The hub may have answered while this waited in the queue: then the lane's time is better spent on the next
        // one.
        if (IsOpen)
        {
            var finding = _runner.Model.Infer(Features);
            if (TryClaim())
                _runner.Answered(this, finding, Place.Local);
        }

        Release();
    }

    public override void Failed(Exception fault)
    {
        _runner.InferenceFailed(fault);
        Release();
    }
}
