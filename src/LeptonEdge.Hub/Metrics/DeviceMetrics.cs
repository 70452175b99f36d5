using LeptonEdge.Core.Metrics;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Protocol.V1;

namespace LeptonEdge.Hub.Metrics;

/// <summary>The part of <c>/metrics</c> with a series for each device, as it last reported itself.</summary>
/// <remarks>Each series costs whoever stores it, so that only the first <see cref="DevicesMax"/> devices by name
/// have their own; the sums of the whole fleet (<see cref="FleetMetrics"/>) count all of them.</remarks>
internal static class DeviceMetrics
{
    public const int DevicesMax = 1_000;

    /// <summary>Pairs of device and workload.</summary>
    public const int WorkloadsMax = 2_000;

    public static void Write(IMetricSink sink, IReadOnlyCollection<DeviceView> devices, long aliveAfterMicros)
    {
        var all = devices.OrderBy(view => view.Device.Value, StringComparer.Ordinal).Take(DevicesMax).ToArray();
        Gauge(sink, all, "lepton_device_up", "1 while the device reports.",
            view => view.LastSeenMicros >= aliveAfterMicros ? 1 : 0);
        Gauge(sink, all, "lepton_device_last_report_timestamp_seconds", "Hub time of its last report, since 1970.",
            view => view.LastSeenMicros / 1e6);
        Gauge(sink, all, "lepton_device_start_time_seconds", "Device time of its agent's start, since 1970.",
            view => view.State.StartedMicros / 1e6);
        Gauge(sink, all, "lepton_device_processor_busy_ratio", "Share of all its cores that is busy.",
            view => view.State.CpuLoad);
        Gauge(sink, all, "lepton_device_memory_bytes", "Memory of the machine.", view => view.State.MemoryBytes);
        Gauge(sink, all, "lepton_device_memory_used_bytes", "Memory of the machine that is not available.",
            view => view.State.MemoryUsedBytes);
        Gauge(sink, all, "lepton_device_lane_busy_ratio", "Share of time that its inference lane is busy.",
            view => view.State.LaneUtilisation);
        Gauge(sink, all, "lepton_device_hub_round_trip_seconds", "Round trip of a small call to the hub; 0 unknown.",
            view => view.State.HubRttSeconds);
        WriteMachine(sink, all);
        WriteBacklog(sink, all);
        WriteWorkloads(sink, all);
        sink.Gauge("lepton_hub_devices_left_out", "Devices that have no series of their own on this page.",
            Math.Max(0, devices.Count - DevicesMax));
    }

    // What a device does not say has no sample.
    private static void WriteMachine(IMetricSink sink, DeviceView[] all)
    {
        DeviceView[] felt = [.. all.Where(view => view.State.HasTemperatureCelsius
            && double.IsFinite(view.State.TemperatureCelsius))];
        Gauge(sink, felt, "lepton_device_temperature_celsius", "Of its hottest sensor.", view => view.State.TemperatureCelsius);
        DeviceView[] stored = [.. all.Where(view => view.State.Storage is not null)];
        Gauge(sink, stored, "lepton_device_disk_size_bytes", "Size of the disk that holds its outbox.",
            view => view.State.Storage.Bytes);
        Gauge(sink, stored, "lepton_device_disk_free_bytes", "What is free of it for its agent.",
            view => view.State.Storage.FreeBytes);
        Gauge(sink, stored, "lepton_device_outbox_limit_bytes", "What its outbox may take of the disk.",
            view => view.State.Storage.OutboxLimitBytes);
        Gauge(sink, [.. all.Where(view => view.State.Certificate is not null)],
            "lepton_device_certificate_expiry_timestamp_seconds", "When its certificate ends, since 1970.",
            view => view.State.Certificate.ExpiresMicros / 1e6);
    }

    private static void WriteBacklog(IMetricSink sink, DeviceView[] all)
    {
        Gauge(sink, all, "lepton_device_backlog_batches", "Batches that wait in its outbox for a receipt.",
            view => view.State.Backlog?.Batches ?? 0);
        Gauge(sink, all, "lepton_device_backlog_bytes", "Sealed bytes that wait in its outbox for a receipt.",
            view => view.State.Backlog?.Bytes ?? 0);
        Counter(sink, all, "lepton_device_shed_records_total", "Records that it gave up, since its outbox was made.",
            view => view.State.Backlog?.ShedRecords ?? 0);
        Counter(sink, all, "lepton_device_quarantined_batches_total", "Its batches that the hub could not read.",
            view => view.State.Backlog?.QuarantinedBatches ?? 0);
        Counter(sink, all, "lepton_device_resent_batches_total", "Batches that it sent more than once.",
            view => view.State.Backlog?.ResentBatches ?? 0);
    }

    private static void WriteWorkloads(IMetricSink sink, DeviceView[] devices)
    {
        var all = devices.SelectMany(view => view.State.Workloads.DistinctBy(workload => workload.Workload)
                .Select(workload => (Device: view.Device.Value, Workload: workload)))
            .Take(WorkloadsMax).ToArray();
        sink.Family("lepton_device_inferences_total", "Verdicts of the device's agent, by who computed them.",
            MetricKind.Counter);
        foreach (var (device, workload) in all)
        {
            Place(device, workload, "local", workload.InferencesLocal);
            Place(device, workload, "hub", workload.InferencesHub);
            Place(device, workload, "peer", workload.InferencesPeer);
        }

        Each("lepton_device_inferences_late_total", "Verdicts after their deadline.", workload => workload.Late);
        Each("lepton_device_fallbacks_total", "Verdicts of the device because the hub's did not come in time.",
            workload => workload.Fallbacks);

        void Place(string device, ReportedWorkload workload, string place, ulong count) => sink.Sample(
            count, ("device", device), ("workload", workload.Workload), ("place", place));

        void Each(string name, string help, Func<ReportedWorkload, double> value)
        {
            sink.Family(name, help, MetricKind.Counter);
            foreach (var (device, workload) in all)
                sink.Sample(value(workload), ("device", device), ("workload", workload.Workload));
        }
    }

    private static void Gauge(
        IMetricSink sink, DeviceView[] all, string name, string help, Func<DeviceView, double> value) =>
        Each(sink, all, name, help, MetricKind.Gauge, value);

    private static void Counter(
        IMetricSink sink, DeviceView[] all, string name, string help, Func<DeviceView, double> value) =>
        Each(sink, all, name, help, MetricKind.Counter, value);

    private static void Each(
        IMetricSink sink, DeviceView[] all, string name, string help, MetricKind kind, Func<DeviceView, double> value)
    {
        sink.Family(name, help, kind);
        foreach (var view in all)
            sink.Sample(value(view), ("device", view.Device.Value), ("site", view.State.Site));
    }
}
