using LeptonEdge.Inference.Bundles;

namespace LeptonEdge.Agent.Offload;

/// <summary>What became of a window that was offered to the hub.</summary>
public abstract record OffloadResult
{
    private OffloadResult()
    {
    }

    /// <summary>The hub answered within the deadline.</summary>
    public sealed record Answered(Finding Finding) : OffloadResult;

    /// <summary>The deadline passed first.</summary>
    public sealed record TooLate : OffloadResult
    {
        public static TooLate Instance { get; } = new();
    }

    /// <summary>The hub is there but does not take the window.</summary>
    /// <param name="RetryAfter">When it is worth asking again; null when the hub did not say.</param>
    public sealed record Refused(string Reason, TimeSpan? RetryAfter = null) : OffloadResult;

    /// <summary>No hub was reached.</summary>
    public sealed record Unreachable(string Reason) : OffloadResult;
}
