using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Plans;

namespace LeptonEdge.Placement;

/// <summary>What the planner knows of the fleet at one moment. Everything is a value: equal snapshots give equal
/// plans.</summary>
/// <param name="NowMicros">Hub time, microseconds since 1970-01-01 UTC.</param>
/// <param name="HubStartedMicros">Start of the hub process, same clock. Silence is counted from here at the earliest:
/// while the hub was away nobody could be heard.</param>
public sealed record FleetSnapshot(
    long NowMicros, long HubStartedMicros, HubCapacity Hub, IReadOnlyList<DeviceSnapshot> Devices);

/// <summary>What the hub can compute.</summary>
/// <param name="Workers">Inferences that run side by side; 0 when the hub serves none.</param>
/// <param name="Models">Service profile of each model that is loaded, by name.</param>
/// <param name="BandwidthBytesPerSecond">Bandwidth assumed between a device and the hub.</param>
public sealed record HubCapacity(
    int Workers, IReadOnlyDictionary<string, ServiceProfile> Models, double BandwidthBytesPerSecond);

/// <summary>How long one inference takes once it runs, seconds.</summary>
public readonly record struct ServiceProfile(double MeanSeconds, double P99Seconds);

/// <summary>One device as it last reported itself.</summary>
/// <param name="LastSeenMicros">Hub time of its last report, microseconds since 1970-01-01 UTC.</param>
/// <param name="LaneUtilisation">Share of time its inference lane is busy, 0 to 1, with all that runs there
/// now.</param>
/// <param name="LaneServiceSeconds">Mean time of one piece of work on that lane.</param>
/// <param name="HubRttSeconds">Round trip to the hub's inference service; 0 while the device cannot reach it.</param>
public sealed record DeviceSnapshot(
    DeviceId Device, long LastSeenMicros, double LaneUtilisation, double LaneServiceSeconds, double HubRttSeconds,
    IReadOnlyList<WorkloadSnapshot> Workloads)
{
    /// <summary>By how much <see cref="LaneUtilisation"/> changes each second; 0 while unknown.</summary>
    public double LaneTrendPerSecond { get; init; }
}

/// <summary>One workload of a device.</summary>
/// <param name="Running">Where the device computes it now.</param>
/// <param name="WindowsPerSecond">Windows that want an answer each second.</param>
/// <param name="LocalServiceP99Seconds">99th percentile of an undisturbed local answer; 0 while unknown.</param>
/// <param name="HubP50Seconds">Median of the hub's recent answers as the device sees them; 0 while there are
/// none.</param>
/// <param name="WindowBytes">Bytes of one window on the wire.</param>
/// <param name="HubModel">Model the hub would run instead; empty when the workload must not leave the device.</param>
public sealed record WorkloadSnapshot(
    WorkloadId Workload, Place Running, double DeadlineSeconds, double WindowsPerSecond, double LocalServiceP99Seconds,
    double HubP50Seconds, double WindowBytes, string HubModel)
{
    public bool MayLeave => HubModel.Length > 0;
}
