using LeptonEdge.Core;
using LeptonEdge.Core.Plans;

namespace LeptonEdge.Placement;

/// <summary>One device's part of a round: its lane's utilisation is kept up to date as workloads leave and
/// return.</summary>
internal sealed class DeviceRound(FleetSnapshot fleet, DeviceSnapshot device, HubLoad hub, PlannerLimits limits)
{
    // Below these a rise is noise of an idle lane; and no trend is sure enough to foretell a full one.
    private const double TrendFrom = 0.25;
    private const double TrendMin = 0.05;
    private const double TrendUpTo = 0.95;

    private double _lane = Math.Clamp(double.IsFinite(device.LaneUtilisation) ? device.LaneUtilisation : 1, 0, 1);

    private long Silence => fleet.NowMicros - Math.Max(device.LastSeenMicros, fleet.HubStartedMicros);

    public (WorkloadPlacement, WorkloadMemory) Place(
        WorkloadSnapshot workload, WorkloadPlacement? before, WorkloadMemory memory)
    {
        if (memory.ReturnHoldMicros == 0)
            memory = memory with { ReturnHoldMicros = Micros(limits.ReturnHold) };
        before ??= Placed(workload, Core.Plans.Place.Local, FirstReason(workload));
        if (Silence > Micros(limits.SilentAfter))
            return (before with { Reason = Sentences.Silent(device, before.Place) }, memory with { Silent = true });
        if (fleet.NowMicros - device.LastSeenMicros > Micros(limits.StaleAfter))
            return (before, memory);
        if (memory.Silent)
        {
            before = before with { Reason = Sentences.BackAgain(device, before.Place) };
            memory = memory with { Silent = false };
        }

        return before.Place == Core.Plans.Place.Local
            ? Leave(workload, before, memory)
            : Return(workload, before, memory);
    }

    private (WorkloadPlacement, WorkloadMemory) Leave(
        WorkloadSnapshot workload, WorkloadPlacement before, WorkloadMemory memory)
    {
        // A device that has not followed the last plan yet still computes on the hub: its own load is not on the lane.
        var lane = workload.Running == Core.Plans.Place.Local ? _lane : WithOwn(workload);
        var ahead = LookAhead(lane);
        var local = LatencyModel.LocalP99Seconds(device, workload, ahead);
        var threatened = local >= limits.LeaveShare * workload.DeadlineSeconds || ahead >= limits.LaneBusy;
        memory = memory with
        {
            ComfortableSince = null,
            HubFailingSince = null,
            ThreatenedSince = Since(threatened, memory.ThreatenedSince),
        };
        // A deadline that is lost already is not worth waiting for.
        if (!Held(memory.ThreatenedSince, Micros(limits.LeaveHold)) && local < workload.DeadlineSeconds)
            return (before, memory);
        var (hubP99, _) = hub.Project(device, workload, taken: false);
        if (hubP99 is not { } there || !HubIsBetter(there, local, workload.DeadlineSeconds))
            return (before, memory);
        hub.Take(workload);
        _lane = Math.Max(0, lane - OwnLoad(workload));
        var relapsed = memory.ReturnedAt is { } at && fleet.NowMicros - at <= Micros(limits.RelapseWithin);
        var hold = relapsed
            ? Math.Min(memory.ReturnHoldMicros * 2, Micros(limits.ReturnHoldMax))
            : Micros(limits.ReturnHold);
        return (Placed(workload, Core.Plans.Place.Hub, Sentences.Left(device, workload, (lane, ahead), local, there)),
            memory with { ThreatenedSince = null, ReturnHoldMicros = hold });
    }

    private (WorkloadPlacement, WorkloadMemory) Return(
        WorkloadSnapshot workload, WorkloadPlacement before, WorkloadMemory memory)
    {
        var lane = workload.Running == Core.Plans.Place.Local ? _lane : WithOwn(workload);
        var local = LatencyModel.LocalP99Seconds(device, workload, lane);
        var comfortable = local <= limits.ReturnShare * workload.DeadlineSeconds && lane <= limits.LaneCalm;
        var (hubP99, why) = hub.Project(device, workload, taken: true);
        var there = hubP99 is { } p99 ? Math.Max(p99, workload.HubP50Seconds) : (double?)null;
        var failing = there is null || (there > workload.DeadlineSeconds && local < there);
        memory = memory with
        {
            ThreatenedSince = null,
            ComfortableSince = Since(comfortable, memory.ComfortableSince),
            HubFailingSince = Since(failing, memory.HubFailingSince),
        };
        string? reason = null;
        if (Held(memory.ComfortableSince, memory.ReturnHoldMicros))
            reason = Sentences.Returned(device, workload, lane, local, memory.ReturnHoldMicros);
        else if (Held(memory.HubFailingSince, Micros(limits.ReturnHold)))
            reason = Sentences.HubFailed(device, workload, there, why);
        if (reason is null)
            return (before, memory);
        hub.Release(workload);
        _lane = Math.Min(1, lane);
        return (Placed(workload, Core.Plans.Place.Local, reason),
            memory with { ComfortableSince = null, HubFailingSince = null, ReturnedAt = fleet.NowMicros });
    }

    /// <summary>Where the lane's load will be by the time that a move made now takes effect.</summary>
    private double LookAhead(double lane) => lane < TrendFrom || device.LaneTrendPerSecond < TrendMin
        ? lane
        : Math.Max(lane, Math.Min(TrendUpTo, lane + device.LaneTrendPerSecond * limits.LookAhead.TotalSeconds));

    /// <summary>The hub makes the deadline with room; or, where nobody does, it is late by far less.</summary>
    private bool HubIsBetter(double there, double local, double deadline) =>
        there <= limits.LeaveShare * deadline || (local > deadline && there < local / 2);

    private string FirstReason(WorkloadSnapshot workload) =>
        Sentences.First(device, workload, LatencyModel.LocalP99Seconds(device, workload, _lane));

    private WorkloadPlacement Placed(WorkloadSnapshot workload, Place place, string reason) =>
        new(device.Device, workload.Workload, place, reason, fleet.NowMicros);

    private double OwnLoad(WorkloadSnapshot workload) => workload.WindowsPerSecond * device.LaneServiceSeconds;

    private double WithOwn(WorkloadSnapshot workload) => Math.Min(1, _lane + OwnLoad(workload));

    private long? Since(bool now, long? since) => now ? since ?? fleet.NowMicros : null;

    private bool Held(long? since, long holdMicros) => since is { } start && fleet.NowMicros - start >= holdMicros;

    private static long Micros(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;
}
