namespace LeptonEdge.Placement.Solving;

/// <summary>Why a workload is where it is by a plan, and what would have to change to move it.</summary>
/// <param name="Place">Null when it runs nowhere.</param>
/// <param name="Why">A sentence with the figures that decide; of a workload that runs nowhere the limit that stops
/// it.</param>
/// <param name="ToMove">A sentence: the least change that would move it.</param>
/// <param name="Others">Other places that its hard limits allow, the least dear first, at most <see
/// cref="OthersMax"/>.</param>
public sealed record Explanation(
    WorkloadState Workload, RunsAt? Place, string Why, string ToMove, IReadOnlyList<OtherPlace> Others)
{
    /// <summary>Places that are listed at most.</summary>
    public const int OthersMax = 12;
}

/// <summary>A place where a workload could run but does not.</summary>
/// <param name="MorePerHour">Money per hour by which it is dearer there, a move included; below 0 when it is
/// cheaper.</param>
/// <param name="Lacks">What is missing there, such as "0.4 cores at hub-1"; null when there is room.</param>
public sealed record OtherPlace(RunsAt Place, double MorePerHour, string? Lacks);
