using LeptonEdge.Agent.Configuration;
using LeptonEdge.Agent.Offload;
using LeptonEdge.Agent.Pipeline;
using LeptonEdge.Agent.Status;
using LeptonEdge.Core.Metrics;
using LeptonEdge.Storage.Outboxes;
using LeptonEdge.Sync.Devices;
using LeptonEdge.Sync.Uplink;

namespace LeptonEdge.Agent.Metrics;

/// <summary>All that the agent measures of itself. As many series as the configuration has channels and workloads,
/// and a fixed number besides.</summary>
/// <param name="link">Null for an agent without a hub.</param>
/// <param name="hub">Null for an agent whose hub infers nothing.</param>
public sealed class AgentMetrics(
    AgentConfiguration configuration, AgentPipeline pipeline, InferenceLane lane, PipelineQueue queue,
    DecisionStage decisions, RecordWriter writer, Outbox outbox, AgentIdentity identity, DeviceFacts facts, DeviceLink? link = null,
    HubInference? hub = null)
{
    public void Write(IMetricSink sink)
    {
        sink.Gauge("lepton_agent_build_info", "1; its labels are version and device.", 1,
            ("version", StatusReporter.Version), ("device", configuration.Device.Value), ("site", configuration.Site));
        WriteChannels(sink);
        WorkloadMetrics.Write(sink, pipeline.Workloads);
        WriteLane(sink);
        WriteOutbox(sink);
        WriteLink(sink);
        WriteMachine(sink);
    }

    private void WriteChannels(IMetricSink sink)
    {
        sink.Family("lepton_agent_readings_total", "Readings of a channel.", MetricKind.Counter);
        foreach (var channel in pipeline.Channels)
            sink.Sample(channel.Readings.Total, ("channel", channel.Name.Value));
        sink.Family("lepton_agent_invalid_readings_total", "Readings that were NaN or infinite.", MetricKind.Counter);
        foreach (var channel in pipeline.Channels)
            sink.Sample(channel.Invalid, ("channel", channel.Name.Value));
    }

    private void WriteLane(IMetricSink sink) => sink
        .Gauge("lepton_agent_lane_busy_ratio", "Share of time that the inference lane is busy.", lane.Meter.Utilisation)
        .Counter("lepton_agent_lane_failures_total", "Pieces of work of the lane that threw.", lane.Failed)
        .Counter("lepton_agent_queue_shed_total", "Items that the disk was too slow to record.", queue.Shed)
        .Counter("lepton_agent_record_failures_total", "Items that could not be recorded because of a fault.",
            decisions.Failed)
        .Counter("lepton_agent_alarms_raised_total", "Alarms raised.", decisions.AlarmsRaised)
        .Gauge("lepton_agent_alarms_active", "Alarms that are raised now.",
            pipeline.Workloads.Sum(workload => workload.Alarms.Active.Count));

    private void WriteOutbox(IMetricSink sink)
    {
        var (backlog, position) = (outbox.Backlog, outbox.Position);
        sink.Gauge("lepton_agent_outbox_batches", "Batches that wait for the hub's receipt.", backlog.Batches)
            .Gauge("lepton_agent_outbox_records", "Records in them.", backlog.Records)
            .Gauge("lepton_agent_outbox_bytes", "Sealed bytes of them.", backlog.Bytes)
            .Gauge("lepton_agent_outbox_limit_bytes", "What the outbox may take of the disk.",
                configuration.Outbox.BytesMax)
            .Gauge("lepton_agent_outbox_last_sequence", "Sequence of the newest batch.", position.LastSequence)
            .Gauge("lepton_agent_outbox_receipted_sequence", "The hub has everything up to this one.",
                position.ReceiptedThrough)
            .Counter("lepton_agent_shed_records_total", "Records that a full outbox gave up, since it was made.",
                backlog.ShedRecords)
            .Counter("lepton_agent_refused_records_total", "Records given up because the disk refused them twice.",
                writer.ShedRecords)
            .Family("lepton_agent_outbox_append_seconds", "Time to seal what is due and have it on the disk.",
                MetricKind.Histogram)
            .Histogram(writer.AppendTimes);
    }

    private void WriteLink(IMetricSink sink)
    {
        if (link is null)
            return;
        sink.Gauge("lepton_agent_hub_connected", "1 while the link to the hub's broker stands.", link.Connected ? 1 : 0)
            .Counter("lepton_agent_sent_bytes_total", "Bytes of batches sent, also those sent again.", link.SentBytes)
            .Counter("lepton_agent_resent_batches_total", "Batches that were sent more than once.", link.Resent)
            .Counter("lepton_agent_quarantined_batches_total", "Batches that the hub cannot read.", link.Quarantined);
        if (hub is not null)
            sink.Gauge("lepton_agent_hub_round_trip_seconds", "Round trip of a small call to the hub; 0 unknown.",
                hub.RttSeconds);
    }

    private void WriteMachine(IMetricSink sink)
    {
        if (double.IsFinite(facts.TemperatureCelsius))
            sink.Gauge("lepton_agent_temperature_celsius", "Of the hottest sensor of the board.",
                facts.TemperatureCelsius);
        if (identity.Certificate is { } certificate)
            sink.Gauge("lepton_agent_certificate_expiry_timestamp_seconds",
                "When the device's certificate ends, since 1970.",
                new DateTimeOffset(certificate.NotAfter.ToUniversalTime()).ToUnixTimeSeconds());
        try
        {
            var drive = new DriveInfo(configuration.DataDirectory);
            sink.Gauge("lepton_agent_disk_size_bytes", "Size of the disk that holds the outbox.", drive.TotalSize)
                .Gauge("lepton_agent_disk_free_bytes", "What is free of it for the agent.", drive.AvailableFreeSpace);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // A disk that is away just now has no figures.
        }

        sink.Gauge("process_resident_memory_bytes", "Resident memory.", Environment.WorkingSet)
            .Counter("process_cpu_seconds_total", "Processor time used.",
                Environment.CpuUsage.TotalTime.TotalSeconds)
            .Gauge("dotnet_gc_heap_bytes", "Managed heap after the last collection.",
                GC.GetGCMemoryInfo().HeapSizeBytes)
            .Counter("dotnet_gc_collections_total", "Garbage collections of every generation.",
                GC.CollectionCount(0) + GC.CollectionCount(1) + GC.CollectionCount(2))
            .Counter("dotnet_gc_pause_seconds_total", "Time that collections stopped every thread.",
                GC.GetTotalPauseDuration().TotalSeconds);
    }
}
