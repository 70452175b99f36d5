using System.Buffers;
using LeptonEdge.Agent.Actuators;
using LeptonEdge.Agent.Configuration;
using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Plans;
using LeptonEdge.Core.Records;
using LeptonEdge.Core.Tracing;
using LeptonEdge.Sync.Uplink;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Agent.Pipeline;

/// <summary>The last stage: lets the alarm rules see each figure, acts on what they decide, and records it
/// all.</summary>
/// <remarks>One loop reads the queue, so rules and lamps need no locks. It alone waits for the disk; measuring and
/// inferring go on meanwhile. This is where a verdict becomes an object (<see cref="Verdict"/>): everything before
/// allocates nothing.</remarks>
public sealed class DecisionStage(
    PipelineQueue queue, RecordWriter writer, Lamps lamps, Heartbeats heartbeats, ILogger<DecisionStage> logger)
{
    private static readonly TimeSpan IdleTurn = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<(ChannelName, WindowFeature), ChannelName> _derived = [];
    private readonly Heartbeat _heartbeat = heartbeats.Add("decision", TimeSpan.FromSeconds(20));
    private readonly HashSet<WorkloadId> _spoken = [];
    private long _alarms;
    private long _failed;

    /// <summary>Alarms raised; never falls.</summary>
    public long AlarmsRaised => Interlocked.Read(ref _alarms);

    /// <summary>Items that could not be recorded because of a fault; never falls.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Runs until the queue is complete and empty.</summary>
    public async Task RunAsync()
    {
        var reader = queue.Reader;
        while (true)
        {
            _heartbeat.Beat();
            while (reader.TryRead(out var item))
            {
                TakeOne(item);
                _heartbeat.Beat();
            }

            // An idle loop still turns, so that its heartbeat says "waiting", not "stuck".
            using var turn = new CancellationTokenSource(IdleTurn);
            try
            {
                if (!await reader.WaitToReadAsync(turn.Token).ConfigureAwait(false))
                    return;
            }
            catch (OperationCanceledException)
            {
                // Nothing came within one turn.
            }
        }
    }

    private void TakeOne(in PipelineItem item)
    {
        using var entered = Traces.Enter(item.Trace);
        try
        {
            Take(item);
        }
        catch (Exception fault)
        {
            // One item that cannot be recorded must not end the recording of all others.
            var failed = Interlocked.Increment(ref _failed);
            if ((failed & (failed - 1)) == 0)
                DecisionStageLog.Failed(logger, fault, item.Kind, failed);
        }
    }

    private void Take(in PipelineItem item)
    {
        switch (item.Kind)
        {
            case PipelineItemKind.Reading:
                writer.AddReading(item.Class, item.Channel!.Name, item.TimeMicros, item.Value);
                break;
            case PipelineItemKind.Block:
                TakeBlock(item);
                break;
            case PipelineItemKind.Summary:
                var (channel, summary) = (item.Channel!, item.Summary);
                writer.AddReading(RecordClass.Telemetry, channel.Mean, summary.TimeMicros, summary.Mean);
                writer.AddReading(RecordClass.Telemetry, channel.Min, summary.TimeMicros, summary.Min);
                writer.AddReading(RecordClass.Telemetry, channel.Max, summary.TimeMicros, summary.Max);
                break;
            case PipelineItemKind.Statistics:
                TakeStatistics(item);
                break;
            case PipelineItemKind.Answer:
                TakeAnswer(item);
                break;
            case PipelineItemKind.Invalid:
                writer.AddReading(
                    RecordClass.Event, new ChannelName($"{item.Workload!.Channel}.invalid"), item.TimeMicros,
                    item.Count);
                break;
            case PipelineItemKind.Raw:
                writer.AddRawWindow(item.Raw!);
                break;
        }
    }

    private void TakeBlock(in PipelineItem item)
    {
        var channel = item.Channel!;
        for (var i = 0; i < item.Count; i++)
            writer.AddReading(item.Class, channel.Name, channel.TimeOf(item.TimeMicros, i), item.Samples![i]);
        ArrayPool<float>.Shared.Return(item.Samples!);
    }

    private void TakeStatistics(in PipelineItem item)
    {
        var (workload, statistics) = (item.Workload!, item.Statistics);
        foreach (var feature in workload.Configuration.Features)
        {
            var value = WindowFeatures.Of(statistics, feature);
            var channel = DerivedChannel(item.Channel!.Name, feature);
            writer.AddReading(RecordClass.Telemetry, channel, item.TimeMicros, value);
        }

        var ring = workload.Ring;
        foreach (var feature in WindowFeatures.ByName.Values)
            workload.Alarms.Take(
                feature, WindowFeatures.Of(statistics, feature), item.TimeMicros, null,
                (alarm, what) => Decide(alarm, what, ring));
    }

    private void TakeAnswer(in PipelineItem item)
    {
        var (workload, finding) = (item.Workload!, item.Finding);
        if (_spoken.Add(workload.Id))
            DecisionStageLog.First(logger, workload.Id, finding.Label, item.LatencyMicros, item.Place);
        var ring = workload.Ring;
        workload.Alarms.Take(
            null, finding.Score, item.TimeMicros, finding.Label, (alarm, what) => Decide(alarm, what, ring));
        writer.AddVerdict(new Verdict(
            workload.Id, workload.Channel, item.Model, item.TimeMicros, finding.Label, finding.Score, item.Place,
            item.LatencyMicros, item.Late), item.Trace?.Context ?? default);
    }

    // The lamp first: people stand beside it, the record can wait for the disk.
    private void Decide(AlarmConfiguration alarm, AlarmEvent what, RawWindowRing? ring)
    {
        if (alarm.Lamp is { } lamp)
            lamps.Switch(lamp, what.Transition == AlarmTransition.Raised);
        DecisionStageLog.Alarm(logger, what.Severity, what.Rule, what.Transition, what.Message);
        writer.AddAlarm(what);
        if (what.Transition != AlarmTransition.Raised)
            return;
        Interlocked.Increment(ref _alarms);
        foreach (var window in ring?.Raise(what.Rule) ?? [])
            writer.AddRawWindow(window);
    }

    private ChannelName DerivedChannel(ChannelName channel, WindowFeature feature)
    {
        if (!_derived.TryGetValue((channel, feature), out var derived))
            _derived.Add((channel, feature), derived = WindowFeatures.ChannelOf(channel, feature));
        return derived;
    }
}

internal static partial class DecisionStageLog
{
    [LoggerMessage(1, LogLevel.Warning, "{Severity} alarm {Rule} {Transition}: {Message}")]
    public static partial void Alarm(
        ILogger logger, AlarmSeverity severity, string rule, AlarmTransition transition, string message);

    [LoggerMessage(3, LogLevel.Information,
        "Workload {Workload}: first verdict {Label}, {LatencyMicros} µs after its window was complete ({Place})")]
    public static partial void First(ILogger logger, WorkloadId workload, string label, int latencyMicros, Place place);

    [LoggerMessage(2, LogLevel.Error, "A {Kind} could not be recorded ({Failed} items so far)")]
    public static partial void Failed(ILogger logger, Exception fault, PipelineItemKind kind, long failed);
}
