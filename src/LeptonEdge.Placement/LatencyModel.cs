using LeptonEdge.Core.Metrics;

namespace LeptonEdge.Placement;

/// <summary>How late an answer is likely to be.</summary>
public static class LatencyModel
{
    /// <summary>99th percentile of an answer computed on the device, seconds.</summary>
    /// <param name="utilisation">Of its lane, this workload included.</param>
    public static double LocalP99Seconds(DeviceSnapshot device, WorkloadSnapshot workload, double utilisation)
    {
        // An exponential service time has its p99 at ln(100) means: the guess while none was measured.
        var service = workload.LocalServiceP99Seconds > 0
            ? workload.LocalServiceP99Seconds
            : device.LaneServiceSeconds * Math.Log(100);
        return service + QueueModel.WaitP99Seconds(device.LaneServiceSeconds, utilisation);
    }

    /// <summary>99th percentile of an answer computed on the hub, as the device sees it, seconds.</summary>
    /// <param name="utilisation">Of the hub's workers, this workload included.</param>
    /// <remarks>c workers are taken as one that is c times as fast: close at high load, and there alone it
    /// matters.</remarks>
    public static double HubP99Seconds(
        DeviceSnapshot device, WorkloadSnapshot workload, HubCapacity hub, ServiceProfile model, double utilisation) =>
        device.HubRttSeconds
        + workload.WindowBytes / Math.Max(1, hub.BandwidthBytesPerSecond)
        + model.P99Seconds
        + QueueModel.WaitP99Seconds(model.MeanSeconds / Math.Max(1, hub.Workers), utilisation);
}
