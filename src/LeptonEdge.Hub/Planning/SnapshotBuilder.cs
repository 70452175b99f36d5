using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Plans;
using LeptonEdge.Placement;
using LeptonEdge.Protocol.V1;

namespace LeptonEdge.Hub.Planning;

/// <summary>Turns what devices reported into what the planner reads; leaves out what makes no sense.</summary>
internal static class SnapshotBuilder
{
    public static FleetSnapshot Build(
        IEnumerable<DeviceView> devices, HubCapacity hub, long nowMicros, long hubStartedMicros) =>
        new(nowMicros, hubStartedMicros, hub, [.. devices.Select(Describe)]);

    private static DeviceSnapshot Describe(DeviceView view)
    {
        var state = view.State;
        var workloads = new List<WorkloadSnapshot>(state.Workloads.Count);
        foreach (var reported in state.Workloads)
        {
            // A report is input from outside: a workload without a valid name or deadline cannot be planned.
            if (TryName(reported.Workload, out var workload) && reported.DeadlineSeconds > 0
                && !workloads.Exists(other => other.Workload == workload))
                workloads.Add(Describe(workload, reported, view));
        }

        return new DeviceSnapshot(
            view.Device, view.LastSeenMicros, state.LaneUtilisation, view.LaneServiceSeconds,
            Positive(state.HubRttSeconds), workloads)
        {
            LaneTrendPerSecond = view.LaneTrendPerSecond,
        };
    }

    private static WorkloadSnapshot Describe(WorkloadId workload, ReportedWorkload reported, DeviceView view) => new(
        workload,
        reported.Place == PlaceCode.Hub ? Place.Hub : Place.Local,
        reported.DeadlineSeconds,
        Positive(reported.WindowsPerSecond),
        view.CalmP99Seconds.GetValueOrDefault(reported.Workload),
        Positive(reported.HubP50Seconds),
        reported.WindowBytes,
        // What its own configuration keeps where it is, no plan moves.
        reported.Offload is OffloadCode.Plan or OffloadCode.Hub ? reported.HubModel : "");

    private static bool TryName(string text, out WorkloadId workload)
    {
        try
        {
            workload = new WorkloadId(text);
            return true;
        }
        catch (FormatException)
        {
            workload = default;
            return false;
        }
    }

    private static double Positive(double value) => double.IsFinite(value) && value > 0 ? value : 0;
}
