namespace LeptonEdge.Placement;

/// <summary>How late an answer is likely to be.</summary>
/// <remarks>
/// The lane serves one piece of work at a time, in order of arrival. For Poisson arrivals and exponential service the
/// time in the queue exceeds t with probability ρ·exp(−(1−ρ)·t/S), S the mean service time and ρ the utilisation, so
/// that
/// its 99th percentile is S·ln(100·ρ)/(1−ρ), or 0 for ρ ≤ 0.01 (Kleinrock, Queueing Systems I, 1975, section 3.2).
/// Sensor windows arrive more regularly and models run more evenly than that, so the figure errs on the safe side.
/// </remarks>
public static class LatencyModel
{
    // At 1 the formula has a pole, and a measured utilisation may touch it.
    private const double UtilisationMax = 0.995;

    /// <summary>99th percentile of the time in the queue, seconds.</summary>
    /// <param name="serviceSeconds">Mean time of one piece of work.</param>
    /// <param name="utilisation">Share of time the server is busy, 0 to 1.</param>
    public static double QueueP99Seconds(double serviceSeconds, double utilisation)
    {
        var rho = Math.Clamp(double.IsFinite(utilisation) ? utilisation : 1, 0, UtilisationMax);
        return rho <= 0.01 ? 0 : Math.Max(0, serviceSeconds) * Math.Log(100 * rho) / (1 - rho);
    }

    /// <summary>99th percentile of an answer computed on the device, seconds.</summary>
    /// <param name="utilisation">Of its lane, this workload included.</param>
    public static double LocalP99Seconds(DeviceSnapshot device, WorkloadSnapshot workload, double utilisation)
    {
        // An exponential service time has its p99 at ln(100) means: the guess while none was measured.
        var service = workload.LocalServiceP99Seconds > 0
            ? workload.LocalServiceP99Seconds
            : device.LaneServiceSeconds * Math.Log(100);
        return service + QueueP99Seconds(device.LaneServiceSeconds, utilisation);
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
        + QueueP99Seconds(model.MeanSeconds / Math.Max(1, hub.Workers), utilisation);
}
