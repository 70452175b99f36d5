using LeptonEdge.Hub.Live;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Serving.Scheduling;
using LeptonEdge.Serving.Upstream;
using LeptonEdge.Sync.Hubs;

namespace LeptonEdge.Hub.Metrics;

/// <summary>Writes <c>/metrics</c>.</summary>
internal sealed class MetricsPage(
    HubMeters meters, UsageTotals usage, FleetState fleet, AlarmBoard alarms, PlanHolder plans, InferenceScheduler scheduler,
    UpstreamPools upstreams, LiveFeed feed, HubLink link, SummaryService summary)
{
    public string Write()
    {
        var text = new PrometheusText()
            .Counter("lepton_hub_batches_stored_total", "Batches committed to the store.", meters.Batches)
            .Counter("lepton_hub_records_stored_total", "Records committed to the store.", meters.Records)
            .Counter("lepton_hub_alarm_events_total", "Alarm events committed to the store.", meters.Alarms)
            .Counter(
                "lepton_hub_messages_dropped_total", "Messages that could not be opened or believed.", link.Dropped)
            .Counter("lepton_hub_receipts_sent_total", "Receipts sent to devices.", link.Receipts)
            .Counter(
                "lepton_hub_batches_quarantined_total", "Batches that could not be read and were put aside.",
                link.Quarantined)
            .Gauge("lepton_hub_store_up", "1 while the store takes batches.", link.StoreDown ? 0 : 1)
            .Gauge("lepton_hub_broker_connected", "1 while the hub's link to the broker stands.",
                link.Connected ? 1 : 0)
            .Gauge("lepton_hub_devices", "Devices that have ever reported.", fleet.Devices.Count)
            .Gauge("lepton_hub_devices_online", "Devices that have reported lately.",
                fleet.Devices.Count(d => d.LastSeenMicros >= summary.AliveAfterMicros))
            .Gauge("lepton_hub_alarms_active", "Alarms that are raised now.", alarms.Active.Count())
            .Gauge("lepton_hub_plan_version", "Version of the plan in force.", plans.Current.Plan.Version)
            .Counter("lepton_hub_workload_moves_total", "Workloads that the planner moved.", meters.Moves)
            .Gauge("lepton_hub_inference_inside", "Inference requests running or waiting.", scheduler.Inside)
            .Gauge("lepton_hub_live_clients", "Open live pages.", feed.Clients)
            .Counter("lepton_hub_live_events_shed_total", "Events that slow live pages did not take.", feed.Shed);
        WriteInferences(text);
        UpstreamMetrics.Write(text, upstreams);
        DeviceModels.Write(text, fleet.Devices);
        UsageMetrics.Write(text, usage);
        WriteProcess(text);
        return text.ToString();
    }

    private void WriteInferences(PrometheusText text)
    {
        const string Requests = "lepton_hub_inference_requests_total";
        text.Family(Requests, "Inference requests, by model and status.", "counter");
        foreach (var ((model, outcome), count) in meters.Inferences)
            text.Sample(Requests, count.Value, ("model", model), ("status", outcome));
        const string Seconds = "lepton_hub_inference_seconds";
        text.Family(Seconds, "Time of an inference request in the hub, waiting included.", "histogram");
        foreach (var (model, histogram) in meters.InferenceSeconds)
        {
            var below = 0L;
            for (var i = 0; i <= SecondsHistogram.Bounds.Length; i++)
            {
                below += histogram.CountIn(i);
                var bound = i < SecondsHistogram.Bounds.Length ? SecondsHistogram.Bounds[i] : double.PositiveInfinity;
                text.Sample($"{Seconds}_bucket", below, ("model", model), ("le", PrometheusText.Number(bound)));
            }

            text.Sample($"{Seconds}_sum", histogram.SumSeconds, ("model", model));
            text.Sample($"{Seconds}_count", below, ("model", model));
        }
    }

    private void WriteProcess(PrometheusText text) => text
        .Gauge("process_resident_memory_bytes", "Resident memory.", Environment.WorkingSet)
        .Counter("process_cpu_seconds_total", "Processor time used.", Environment.CpuUsage.TotalTime.TotalSeconds)
        .Gauge("process_start_time_seconds", "Start of the process, seconds since 1970.", summary.StartedMicros / 1e6)
        .Gauge("dotnet_gc_heap_bytes", "Managed heap after the last collection.", GC.GetGCMemoryInfo().HeapSizeBytes)
        .Counter("dotnet_gc_collections_total", "Garbage collections of every generation.",
            GC.CollectionCount(0) + GC.CollectionCount(1) + GC.CollectionCount(2));
}
