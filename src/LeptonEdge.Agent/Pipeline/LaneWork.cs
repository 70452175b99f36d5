namespace LeptonEdge.Agent.Pipeline;

/// <summary>One piece of work for the inference lane. Made once and used again and again.</summary>
public abstract class LaneWork
{
    /// <summary>When it entered the queue, a timestamp of the lane's clock.</summary>
    public long EnqueuedAt { get; internal set; }

    /// <summary>It takes next to no time, because what it would compute is known already or wanted no more.</summary>
    public virtual bool NeedsNoModel => false;

    /// <summary>Runs on the lane's thread.</summary>
    public abstract void Run();

    /// <summary>Runs on the lane's thread when <see cref="Run"/> threw; the lane itself goes on.</summary>
    public abstract void Failed(Exception fault);
}
