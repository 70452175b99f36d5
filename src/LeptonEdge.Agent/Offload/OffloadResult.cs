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
    public sealed record Refused(string Reason) : OffloadResult;

    /// <summary>No hub was reached.</summary>
    public sealed record Unreachable(string Reason) : OffloadResult;
}
