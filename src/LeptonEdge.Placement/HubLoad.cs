namespace LeptonEdge.Placement;

/// <summary>Running account of what the hub has taken on during one round.</summary>
internal sealed class HubLoad(HubCapacity hub, PlannerLimits limits)
{
    private double _busyWorkers;

    public HubCapacity Capacity => hub;

    /// <summary>Share of the workers' time that is taken.</summary>
    public double Utilisation => hub.Workers < 1 ? 1 : _busyWorkers / hub.Workers;

    public void Take(WorkloadSnapshot workload) => _busyWorkers += Need(workload);

    public void Release(WorkloadSnapshot workload) => _busyWorkers = Math.Max(0, _busyWorkers - Need(workload));

    /// <summary>Projected p99 on the hub for a workload that is (or would be) among those taken.</summary>
    /// <returns>Seconds; null with the reason when the hub cannot take it at all.</returns>
    public (double? P99Seconds, string Why) Project(DeviceSnapshot device, WorkloadSnapshot workload, bool taken)
    {
        if (!workload.MayLeave)
            return (null, "it must not leave the device");
        if (hub.Workers < 1)
            return (null, "the hub has no inference worker");
        if (!hub.Models.TryGetValue(workload.HubModel, out var model))
            return (null, $"the hub does not serve {workload.HubModel}");
        if (device.HubRttSeconds <= 0)
            return (null, "the device does not reach the hub's inference service");
        var utilisation = Utilisation + (taken ? 0 : Need(workload) / hub.Workers);
        if (!taken && utilisation > limits.HubBusy)
            return (null, FormattableString.Invariant($"the hub's workers would be {utilisation * 100:0} % busy"));
        return (LatencyModel.HubP99Seconds(device, workload, hub, model, utilisation), "");
    }

    private double Need(WorkloadSnapshot workload) =>
        hub.Models.TryGetValue(workload.HubModel, out var model) ? workload.WindowsPerSecond * model.MeanSeconds : 0;
}
