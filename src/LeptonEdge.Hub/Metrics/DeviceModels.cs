using LeptonEdge.Core.Metrics;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Protocol.V1;

namespace LeptonEdge.Hub.Metrics;

/// <summary>How long the devices' own models take, as they last reported it.</summary>
internal static class DeviceModels
{
    /// <summary>Histograms on one page; each is 27 lines.</summary>
    public const int HistogramsMax = 2_000;

    private const string Seconds = "lepton_device_model_seconds";

    private static readonly string[] Bounds =
    [
        .. Enumerable.Range(0, LatencyHistogram.Doublings - 1)
            .Select(bucket => PrometheusText.Number(LatencyHistogram.DoublingBound(bucket).TotalSeconds)),
        PrometheusText.Number(double.PositiveInfinity),
    ];

    public static void Write(PrometheusText text, IEnumerable<DeviceView> devices)
    {
        var all = devices.OrderBy(view => view.Device.Value, StringComparer.Ordinal)
            .SelectMany(view => view.State.Workloads
                .Where(workload => workload.ModelLatency?.Counts.Count > 0)
                .DistinctBy(workload => workload.Workload)
                .Select(workload => (view.Device.Value, workload)))
            .ToArray();
        text.Family(Seconds, "Time of a run of a device's own model since it was loaded.", "histogram");
        foreach (var (device, workload) in all.Take(HistogramsMax))
            Write(text, device, workload);
        text.Gauge(
            "lepton_hub_device_models_left_out", "Histograms of device models that this page has no room for.",
            Math.Max(0, all.Length - HistogramsMax));
    }

    private static void Write(PrometheusText text, string device, ReportedWorkload workload)
    {
        (string, string)[] labels =
        [
            ("device", device), ("workload", workload.Workload),
            ("model", $"{workload.Model}/{workload.ModelVersion}"),
        ];
        var below = 0ul;
        for (var i = 0; i < Bounds.Length; i++)
        {
            below += i < workload.ModelLatency.Counts.Count ? workload.ModelLatency.Counts[i] : 0;
            text.Sample($"{Seconds}_bucket", below, [.. labels, ("le", Bounds[i])]);
        }

        text.Sample($"{Seconds}_sum", workload.ModelLatency.SumSeconds, labels);
        text.Sample($"{Seconds}_count", below, labels);
    }
}
