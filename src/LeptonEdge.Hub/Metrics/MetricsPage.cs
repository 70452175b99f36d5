using LeptonEdge.Core.Metrics;
using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Configuration;
using LeptonEdge.Hub.Live;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Hub.Trust;
using LeptonEdge.Serving.Models;
using LeptonEdge.Serving.Scheduling;
using LeptonEdge.Serving.Upstream;
using LeptonEdge.Sync.Hubs;

namespace LeptonEdge.Hub.Metrics;

/// <summary>All that the hub measures, for <c>/metrics</c> and whoever else wants it.</summary>
internal sealed class MetricsPage(
    HubOptions options, HubMeters meters, UsageTotals usage, FleetState fleet, AlarmBoard alarms, PlanHolder plans,
    PlanDesk desk, InferenceScheduler scheduler, UpstreamPools upstreams, ModelRepository models, LiveHub live,
    HubLink link, FleetAuthority authority, SummaryService summary, RefusedRequests refused, HttpMeters http)
{
    /// <returns>The page in Prometheus' text format, UTF-8.</returns>
    public ReadOnlyMemory<byte> Write()
    {
        var text = new PrometheusText(64 * 1024);
        Write(text);
        return text.Written;
    }

    public void Write(IMetricSink sink)
    {
        var (devices, aliveAfter) = (fleet.Devices, summary.AliveAfterMicros);
        sink.Gauge("lepton_hub_build_info", "1; its label is the version.", 1, ("version", HubVersion.Text));
        WriteIngest(sink);
        FleetMetrics.Write(sink, devices, aliveAfter);
        WritePlan(sink);
        sink.Gauge("lepton_hub_alarms_active", "Alarms that are raised now.", alarms.Active.Count())
            .Gauge("lepton_hub_live_clients", "Open live streams.", live.Clients)
            .Counter("lepton_hub_live_readings_shed_total", "Readings that slow live streams did not take.", live.Shed);
        refused.Write(sink);
        http.Write(sink);
        meters.Verdicts.Write(sink);
        WriteInferences(sink);
        UpstreamMetrics.Write(sink, upstreams);
        UsageMetrics.Write(sink, usage);
        DeviceMetrics.Write(sink, devices, aliveAfter);
        DeviceModels.Write(sink, devices);
        MachineMetrics.WriteDisk(sink, options.DataFolder, HubServer.StorePath(options));
        MachineMetrics.WriteCertificates(sink, authority);
        MachineMetrics.WriteProcess(sink, summary.StartedMicros / 1e6);
    }

    private void WriteIngest(IMetricSink sink)
    {
        sink.Counter("lepton_hub_batches_stored_total", "Batches committed to the store.", meters.Batches)
            .Counter("lepton_hub_records_stored_total", "Records committed to the store.", meters.Records)
            .Counter("lepton_hub_alarm_events_total", "Alarm events committed to the store.", meters.Alarms)
            .Counter("lepton_hub_gaps_total", "Gaps that devices left in the place of what they gave up.", meters.Gaps)
            .Counter("lepton_hub_missing_records_total", "Records that these gaps name.", meters.MissingRecords)
            .Counter("lepton_hub_messages_dropped_total", "Messages that cannot be opened or believed.", link.Dropped)
            .Counter("lepton_hub_receipts_sent_total", "Receipts sent to devices.", link.Receipts)
            .Counter("lepton_hub_batches_quarantined_total", "Batches that could not be read and were put aside.",
                link.Quarantined)
            .Counter("lepton_hub_ingest_failures_total", "Transactions that the store refused.", link.StoreFailures)
            .Gauge("lepton_hub_ingest_queue_batches", "Batches that wait to be stored.", link.QueuedBatches)
            .Gauge("lepton_hub_store_up", "1 while the store takes batches.", link.StoreDown ? 0 : 1)
            .Gauge("lepton_hub_broker_connected", "1 while the link to the broker stands.", link.Connected ? 1 : 0)
            .Family("lepton_hub_ingest_commit_seconds", "Time of a transaction of the store, many batches in one.",
                MetricKind.Histogram)
            .Histogram(link.CommitTimes);
    }

    private void WritePlan(IMetricSink sink)
    {
        var plan = plans.Current.Plan;
        sink.Gauge("lepton_hub_plan_version", "Version of the plan in force.", plan.Version)
            .Gauge("lepton_hub_plan_homeless_workloads", "Workloads that the last plan found no place for.",
                meters.Homeless)
            .Gauge("lepton_hub_plan_faults", "Reasons why the fleet's last state could not be planned with.",
                meters.PlanFaults)
            .Gauge("lepton_hub_plan_gap_ratio", "By how much the plan can be dearer than the best, at most.", plan.Gap)
            .Gauge("lepton_hub_devices_distrusted", "Devices whose reports the planner does not believe.",
                desk.Distrusted.Count)
            .Counter("lepton_hub_workload_moves_total", "Workloads that the planner moved.", meters.Moves)
            .Family("lepton_hub_plan_round_seconds", "Time of a round of planning, publishing included.",
                MetricKind.Histogram)
            .Histogram(meters.PlanRounds);
    }

    private void WriteInferences(IMetricSink sink)
    {
        sink.Gauge("lepton_hub_inference_inside", "Inference requests running or waiting.", scheduler.Inside)
            .Gauge("lepton_hub_models_failed", "Models that could not be loaded.", models.Failed)
            .Family("lepton_hub_inference_requests_total", "Inference requests, by model and status.",
                MetricKind.Counter);
        foreach (var ((model, outcome), count) in meters.Inferences)
            sink.Sample(count.Value, ("model", model), ("status", outcome));
        sink.Family("lepton_hub_inference_seconds", "Time of an inference request in the hub, waiting included.",
            MetricKind.Histogram);
        foreach (var (model, histogram) in meters.InferenceSeconds)
            sink.Histogram(histogram, ("model", model));
    }
}
