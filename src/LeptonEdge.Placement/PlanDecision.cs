using System.Collections.Immutable;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Plans;

namespace LeptonEdge.Placement;

/// <summary>What came out of one round of planning.</summary>
/// <param name="Plan">The plan in force from now on; the same object as before when nothing changed.</param>
/// <param name="Memory">To be given to the next round.</param>
/// <param name="Moves">Workloads that changed their place in this round.</param>
public sealed record PlanDecision(Plan Plan, PlannerMemory Memory, IReadOnlyList<WorkloadMove> Moves);

/// <summary>One workload that changed its place.</summary>
public sealed record WorkloadMove(
    DeviceId Device, WorkloadId Workload, Place From, Place To, string Reason, long TimeMicros);

/// <summary>What the planner remembers between rounds: since when each workload argues for a move. May be lost: then
/// the
/// hold times start anew.</summary>
public sealed record PlannerMemory(
    ImmutableDictionary<(DeviceId Device, WorkloadId Workload), WorkloadMemory> Workloads)
{
    public static PlannerMemory Empty { get; } =
        new(ImmutableDictionary<(DeviceId Device, WorkloadId Workload), WorkloadMemory>.Empty);
}

/// <summary>Times are hub time, microseconds since 1970-01-01 UTC; null means: not now.</summary>
/// <param name="ThreatenedSince">The deadline has been in danger on the device.</param>
/// <param name="ComfortableSince">The device could have carried the workload with ease.</param>
/// <param name="HubFailingSince">The hub could not be reached, or not in time.</param>
/// <param name="ReturnedAt">Last return from the hub.</param>
/// <param name="ReturnHoldMicros">How long comfort must last before the next return.</param>
/// <param name="Silent">The device is marked as silent.</param>
public readonly record struct WorkloadMemory(
    long? ThreatenedSince, long? ComfortableSince, long? HubFailingSince, long? ReturnedAt, long ReturnHoldMicros,
    bool Silent);
