using LeptonEdge.Core.Metrics;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Protocol.V1;

namespace LeptonEdge.Hub.Metrics;

/// <summary>How long the devices' own models take, as they last reported it.</summary>
internal static class DeviceModels
{
    /// <summary>Histograms on one page; each is 22 lines.</summary>
    public const int HistogramsMax = 2_000;

    // Below 51.2 µs, which is the first bound here, no model ends.
    private const int FirstBucket = 5;

    public static void Write(IMetricSink sink, IEnumerable<DeviceView> devices)
    {
        var all = devices.OrderBy(view => view.Device.Value, StringComparer.Ordinal)
            .SelectMany(view => view.State.Workloads
                .Where(workload => workload.ModelLatency?.Counts.Count > 0)
                .DistinctBy(workload => workload.Workload)
                .Select(workload => (view.Device.Value, workload)))
            .ToArray();
        sink.Family(
            "lepton_device_model_seconds", "Time of a run of a device's own model since it was loaded.",
            MetricKind.Histogram);
        foreach (var (device, workload) in all.Take(HistogramsMax))
            Write(sink, device, workload);
        sink.Gauge(
            "lepton_hub_device_models_left_out", "Histograms of device models that this page has no room for.",
            Math.Max(0, all.Length - HistogramsMax));
    }

    private static void Write(IMetricSink sink, string device, ReportedWorkload workload)
    {
        Span<long> counts = stackalloc long[LatencyHistogram.Doublings];
        counts.Clear();
        var reported = workload.ModelLatency.Counts;
        for (var i = 0; i < reported.Count; i++)
            counts[Math.Clamp(i, FirstBucket, counts.Length - 1)] += (long)reported[i];
        sink.Histogram(
            MetricSinkExtensions.DoublingBounds[FirstBucket..], counts[FirstBucket..], workload.ModelLatency.SumSeconds,
            ("device", device), ("workload", workload.Workload),
            ("model", $"{workload.Model}/{workload.ModelVersion}"));
    }
}
