using System.Reflection;
using LeptonEdge.Agent.Configuration;
using LeptonEdge.Agent.Offload;
using LeptonEdge.Agent.Pipeline;
using LeptonEdge.Agent.Reconciling;
using LeptonEdge.Agent.Serving;
using LeptonEdge.Core;
using LeptonEdge.Core.Metrics;
using LeptonEdge.Core.Plans;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Storage.Outboxes;
using LeptonEdge.Sync.Devices;

namespace LeptonEdge.Agent.Status;

/// <summary>Describes what the device does run, as the hub is told every second.</summary>
public sealed class StatusReporter(
    AgentConfiguration configuration, AgentPipeline pipeline, InferenceLane lane, Reconciler reconciler, Outbox outbox,
    TimeProvider clock, GuestBook guests, DeviceFacts facts, HubInference? hub = null, DeviceLink? link = null)
{
    private readonly SystemFigures _system = new();
    private readonly BoardFigures _board = new();
    private readonly LinkGauge _gauge = new(clock);
    private readonly long _startedMicros = clock.GetUnixMicros() - (long)ProcessAge(clock).TotalMicroseconds;

    public static readonly string Version =
        typeof(StatusReporter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
            ?.InformationalVersion ?? "0";

    /// <summary>Reads everything anew. Not for two threads at once.</summary>
    public ReportedState Describe()
    {
        var (memory, used) = _system.ReadMemory();
        var backlog = outbox.Backlog;
        var report = new ReportedState
        {
            TimeMicros = clock.GetUnixMicros(),
            DesiredVersion = reconciler.Version,
            PlanVersion = reconciler.PlanVersion,
            AgentVersion = Version,
            Board = configuration.Board,
            Site = configuration.Site,
            Cores = (uint)Environment.ProcessorCount,
            CpuLoad = _system.ReadCpuLoad(),
            MemoryBytes = (ulong)memory,
            MemoryUsedBytes = (ulong)used,
            RssBytes = (ulong)_system.ReadResidentBytes(),
            LaneUtilisation = lane.Meter.Utilisation,
            LaneServiceSeconds = lane.Meter.MeanServiceSeconds,
            HubRttSeconds = hub?.RttSeconds ?? 0,
            StartedMicros = _startedMicros,
            AnswersLogs = true,
            Backlog = new Backlog
            {
                Batches = (ulong)backlog.Batches,
                Records = (ulong)backlog.Records,
                Bytes = (ulong)backlog.Bytes,
                ShedRecords = (ulong)(backlog.ShedRecords + pipeline.ShedRecords),
                QuarantinedBatches = (ulong)(link?.Quarantined ?? 0),
                ResentBatches = (ulong)(link?.Resent ?? 0),
            },
        };
        DescribeBoard(report, backlog.Batches);
        facts.AddTo(report);
        report.Channels.AddRange(pipeline.Channels.Select(Describe));
        report.Workloads.AddRange(pipeline.Workloads.Select(Describe));
        report.ActiveAlarms.AddRange(pipeline.Workloads.SelectMany(workload => workload.Alarms.Active));
        if (guests.Offer is { } offer)
        {
            report.PeerAddress = offer.Address.ToString();
            report.PeerModels.AddRange(offer.Models());
            report.Guests.AddRange(guests.Describe());
        }

        return report;
    }

    private void DescribeBoard(ReportedState report, long batchesWaiting)
    {
        report.SpeedShare = _board.ReadSpeedShare();
        report.BusyWattsPerCore = configuration.Metering.Power.BusyWattsPerCore;
        report.AcceleratorWatts = configuration.Metering.Power.AcceleratorWatts;
        if (_board.ReadBatteryJoules() is { } joules)
            report.BatteryJoules = joules;
        _gauge.Observe(link?.SentBytes ?? 0, batchesWaiting);
        report.LinkBytesPerSecond = _gauge.BytesPerSecond;
    }

    private static ReportedChannel Describe(ChannelRuntime channel) => new()
    {
        Channel = channel.Name.Value,
        Source = channel.Facts.Source,
        Unit = channel.Facts.Unit,
        Readings = (ulong)channel.Readings.Total,
        ReadingsPerSecond = channel.Readings.PerSecond,
        Simulated = channel.Facts.Simulated,
        Upload = channel.Policy.ToString(),
        Invalid = (ulong)channel.Invalid,
    };

    private static ReportedWorkload Describe(WorkloadRunner workload)
    {
        var described = Describe(workload, workload.Model);
        described.Choices.AddRange(ChoiceReport.Of(workload));
        described.Rules.AddRange(RuleReport.Of(workload.Alarms));
        return described;
    }

    private static ReportedWorkload Describe(WorkloadRunner workload, LocalModel model) => new()
    {
        Workload = workload.Id.Value,
        Channel = workload.Channel.Value,
        Model = model.Reference.Name,
        ModelVersion = model.Reference.Version,
        ExecutionProvider = model.ExecutionProvider,
        ProviderReason = string.Join("; ", model.ProvidersPassedOver),
        ModelRefused = workload.ModelRefused,
        ModelBytes = (ulong)model.MemoryBytes,
        ModelLatency = Describe(model.Latency),
        Place = (PlaceCode)workload.Route.Place,
        Recipe = ChoiceReport.RecipeOf(workload.Route),
        Peer = workload.Route.Peer?.Value ?? "",
        DeadlineSeconds = workload.Configuration.Deadline.TotalSeconds,
        Priority = (uint)workload.Configuration.Priority,
        InferencesPerSecond = workload.Inferences.PerSecond,
        InferencesLocal = (ulong)workload.InferencesLocal,
        InferencesHub = (ulong)workload.InferencesHub,
        InferencesPeer = (ulong)workload.InferencesPeer,
        Late = (ulong)workload.Late,
        Fallbacks = (ulong)workload.Fallbacks,
        PeerPassedOver = (ulong)workload.PeerPassedOver,
        LocalP50Seconds = workload.LocalLatency.Quantile(0.5),
        LocalP99Seconds = workload.LocalLatency.Quantile(0.99),
        HubP50Seconds = workload.HubLatency.Quantile(0.5),
        HubP99Seconds = workload.HubLatency.Quantile(0.99),
        PeerP50Seconds = workload.PeerLatency.Quantile(0.5),
        PeerP99Seconds = workload.PeerLatency.Quantile(0.99),
        Privacy = PrivacyCode.Device + (int)workload.Configuration.Privacy,
        HubModel = workload.Question?.Model.Name ?? "",
        Offload = (OffloadCode)workload.Configuration.Offload,
        LateReplies = (ulong)workload.Tally.LateReplies,
        Hedges = (ulong)workload.Tally.Hedges,
        Retries = (ulong)workload.Tally.Retries,
        Soundings = (ulong)workload.Tally.Soundings,
        Escalations = (ulong)workload.Tally.Escalations,
        SplitAnswers = (ulong)workload.Tally.SplitAnswers,
        WindowsPerSecond = workload.Windows.PerSecond,
        WindowBytes = (ulong)(workload.Question?.WindowBytes ?? model.FeatureCount * sizeof(float)),
    };

    private static ModelLatency Describe(LatencyHistogram latency)
    {
        Span<long> counts = stackalloc long[LatencyHistogram.Doublings];
        latency.CopyDoublings(counts);
        var described = new ModelLatency { SumSeconds = latency.Sum.TotalSeconds };
        foreach (var count in counts[..(counts.LastIndexOfAnyExcept(0) + 1)])
            described.Counts.Add((ulong)count);
        return described;
    }

    private static TimeSpan ProcessAge(TimeProvider clock)
    {
        using var self = System.Diagnostics.Process.GetCurrentProcess();
        var age = clock.GetLocalNow().DateTime - self.StartTime;
        return age > TimeSpan.Zero ? age : TimeSpan.Zero;
    }
}
