using LeptonEdge.Core.Metrics;
using LeptonEdge.Hub.Planning;

namespace LeptonEdge.Hub.Metrics;

/// <summary>The part of <c>/metrics</c> about the fleet as a whole: as many series for ten devices as for ten
/// thousand.</summary>
internal static class FleetMetrics
{
    public static void Write(IMetricSink sink, IReadOnlyCollection<DeviceView> devices, long aliveAfterMicros)
    {
        var (online, batches, bytes, shed, waiting) = (0, 0UL, 0UL, 0UL, 0);
        foreach (var view in devices)
        {
            var backlog = view.State.Backlog;
            online += view.LastSeenMicros >= aliveAfterMicros ? 1 : 0;
            batches += backlog?.Batches ?? 0;
            bytes += backlog?.Bytes ?? 0;
            shed += backlog?.ShedRecords ?? 0;
            waiting += backlog?.Batches > 0 ? 1 : 0;
        }

        sink.Gauge("lepton_hub_devices", "Devices that have ever reported.", devices.Count)
            .Gauge("lepton_hub_devices_online", "Devices that have reported lately.", online)
            .Gauge("lepton_hub_devices_silent", "Devices that have reported once, but not lately.",
                devices.Count - online)
            .Gauge("lepton_hub_fleet_backlog_batches", "Batches that wait in all outboxes.", batches)
            .Gauge("lepton_hub_fleet_backlog_bytes", "Sealed bytes that wait in all outboxes.", bytes)
            .Gauge("lepton_hub_fleet_backlog_devices", "Devices with batches that wait.", waiting)
            .Counter("lepton_hub_fleet_shed_records_total", "Records that all devices gave up.", shed);
    }
}
