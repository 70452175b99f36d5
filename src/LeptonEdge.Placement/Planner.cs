using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Plans;

namespace LeptonEdge.Placement;

/// <summary>From a fleet snapshot to a plan; pure and deterministic.</summary>
/// <remarks>
/// The first concern is lateness: a workload leaves its device when the projected p99 (or the sheer load of the lane)
/// threatens its deadline and the hub would make it. The second is cost: the hub's time and the link are dearer than
/// the
/// device's own, so the workload returns once the device could carry it with ease, its own load added back. Tightest
/// deadline first; after each departure the lane is judged anew, so that no more leaves than must.
/// </remarks>
public static class Planner
{
    /// <param name="current">The plan in force; its places are where each workload starts from.</param>
    /// <param name="memory">From the round before, or <see cref="PlannerMemory.Empty"/>.</param>
    public static PlanDecision Decide(FleetSnapshot fleet, Plan current, PlannerMemory memory, PlannerLimits limits)
    {
        var hub = new HubLoad(fleet.Hub, limits);
        var places = current.Placements.ToDictionary(p => (p.Device, p.Workload));
        var devices = fleet.Devices.OrderBy(d => d.Device).ToArray();
        foreach (var device in devices)
        {
            foreach (var workload in device.Workloads)
            {
                if (places.GetValueOrDefault((device.Device, workload.Workload))?.Place == Place.Hub)
                    hub.Take(workload);
            }
        }

        var placements = new List<WorkloadPlacement>();
        var moves = new List<WorkloadMove>();
        var remembered = PlannerMemory.Empty.Workloads.ToBuilder();
        foreach (var device in devices)
        {
            var round = new DeviceRound(fleet, device, hub, limits);
            foreach (var workload in device.Workloads.OrderBy(w => w.DeadlineSeconds).ThenBy(w => w.Workload))
            {
                var key = (device.Device, workload.Workload);
                var before = places.GetValueOrDefault(key);
                var (placement, after) = round.Place(workload, before, memory.Workloads.GetValueOrDefault(key));
                placements.Add(placement);
                remembered[key] = after;
                if (before is not null && before.Place != placement.Place)
                    moves.Add(Move(before, placement, fleet.NowMicros));
            }
        }

        var plan = placements.SequenceEqual(current.Placements)
            ? current
            : new Plan(current.Version + 1, fleet.NowMicros, placements);
        return new PlanDecision(plan, new PlannerMemory(remembered.ToImmutable()), moves);
    }

    private static WorkloadMove Move(WorkloadPlacement from, WorkloadPlacement to, long nowMicros) =>
        new(from.Device, from.Workload, from.Place, to.Place, to.Reason, nowMicros);
}
