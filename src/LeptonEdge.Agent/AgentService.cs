using LeptonEdge.Agent.Configuration;
using LeptonEdge.Agent.Metering;
using LeptonEdge.Agent.Offload;
using LeptonEdge.Agent.Pipeline;
using LeptonEdge.Agent.Reconciling;
using LeptonEdge.Agent.Status;
using LeptonEdge.Storage.Outboxes;
using LeptonEdge.Sync.Devices;
using LeptonEdge.Sync.Uplink;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Agent;

/// <summary>Starts the way from sensor to hub from its end to its beginning, and stops it from its beginning to its
/// end, so that nothing under way is left behind.</summary>
/// <param name="link">Null for an agent without a hub.</param>
/// <param name="ledger">Null when none is kept.</param>
public sealed class AgentService(
    AgentConfiguration configuration, AgentPipeline pipeline, InferenceLane lane, PipelineQueue queue,
    DecisionStage decisions, SensorService sensors, RecordWriter writer, Outbox outbox, Reconciler reconciler,
    StatusReporter reporter, MeteringService metering, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<AgentService> logger,
    DeviceLink? link = null, AgentLedger? ledger = null) : IHostedService
{
    private static readonly TimeSpan FirstSamplePatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LanePatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan DrainPatience = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan ReportPatience = TimeSpan.FromMilliseconds(300);

    private readonly CancellationTokenSource _sensorsStop = new();
    private readonly CancellationTokenSource _writerStop = new();
    private readonly CancellationTokenSource _linkStop = new();
    private Task _sensing = Task.CompletedTask;
    private Task _deciding = Task.CompletedTask;
    private Task _writing = Task.CompletedTask;
    private Task _linking = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (outbox.SetAside is { } aside)
            AgentLog.OutboxSetAside(logger, aside.KeptAs, aside.Reason);
        reconciler.Restore();
        _linking = link is null ? Task.CompletedTask
            : Task.Run(() => link.RunAsync(_linkStop.Token), CancellationToken.None);
        _writing = Task.Run(() => writer.RunAsync(_writerStop.Token), CancellationToken.None);
        _deciding = Task.Run(decisions.RunAsync, CancellationToken.None);
        lane.Start();
        foreach (var workload in pipeline.Workloads)
            await workload.RehearseAsync(LanePatience).ConfigureAwait(false);
        metering.Begin();
        WorkingSet.Compact();
        _sensing = sensors.RunAsync(_sensorsStop.Token);
        _ = EndWhenBrokenAsync();
        await WaitForSamplesAsync(cancellationToken).ConfigureAwait(false);
        AgentLog.Started(logger, configuration.Device.Value, pipeline.Channels.Count, pipeline.Workloads.Count);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _sensorsStop.CancelAsync().ConfigureAwait(false);
        await _sensing.ConfigureAwait(false);
        await WaitForWindowsAsync().ConfigureAwait(false);
        if (!lane.Stop(LanePatience))
            AgentLog.LaneStuck(logger, LanePatience.TotalSeconds);
        queue.Complete();
        await _deciding.ConfigureAwait(false);
        metering.End();
        // The writer's loop appends what is left as its last act.
        await _writerStop.CancelAsync().ConfigureAwait(false);
        await _writing.ConfigureAwait(false);
        await FarewellAsync().ConfigureAwait(false);
        ledger?.Summarise(pipeline.Channels, pipeline.Workloads, decisions.AlarmsRaised);
        AgentLog.Stopped(logger, configuration.Device.Value, outbox.Backlog.Batches);
    }

    // These loops end when they are told to. One that ends before has met a fault that nobody foresaw: a fresh start
    // by the supervisor serves the machine better than an agent that measures and records nothing.
    private async Task EndWhenBrokenAsync()
    {
        var ended = await Task.WhenAny(_sensing, _deciding, _writing).ConfigureAwait(false);
        if (ended.Exception is not { } fault)
            return;
        AgentLog.Broken(logger, fault);
        Environment.ExitCode = AgentHost.FailedStatus;
        lifetime.StopApplication();
    }

    // "Ready" shall mean that the machine is watched, not that the process exists. A sensor that is silent for longer
    // does not hold the others up: it is reported as it is.
    private async Task WaitForSamplesAsync(CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        while (pipeline.Sensors.Any(sensor => !sensor.HasDelivered)
            && clock.GetElapsedTime(start) < FirstSamplePatience)
            await Task.Delay(TimeSpan.FromMilliseconds(20), clock, cancellationToken).ConfigureAwait(false);
        foreach (var silent in pipeline.Sensors.Where(sensor => !sensor.HasDelivered))
            AgentLog.Silent(logger, silent.Key, FirstSamplePatience.TotalSeconds);
    }

    private async Task WaitForWindowsAsync()
    {
        var start = clock.GetTimestamp();
        while (pipeline.Workloads.Any(workload => !workload.IsIdle) && clock.GetElapsedTime(start) < LanePatience)
            await Task.Delay(TimeSpan.FromMilliseconds(5), clock, CancellationToken.None).ConfigureAwait(false);
    }

    private async Task FarewellAsync()
    {
        if (link is null)
            return;
        link.Report(reporter.Describe());
        link.Wake();
        var drained = link.Connected && await link.DrainAsync(DrainPatience).ConfigureAwait(false);
        if (!drained)
            AgentLog.NotDrained(logger, outbox.Backlog.Batches);
        else
            // The report follows the last batch; it has no receipt to wait for.
            await Task.Delay(ReportPatience, clock, CancellationToken.None).ConfigureAwait(false);
        await _linkStop.CancelAsync().ConfigureAwait(false);
        await _linking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}

internal static partial class AgentLog
{
    [LoggerMessage(1, LogLevel.Information, "{Device} watches {Channels} channels with {Workloads} workloads")]
    public static partial void Started(ILogger logger, string device, int channels, int workloads);

    [LoggerMessage(2, LogLevel.Information, "{Device} has stopped; {Batches} batches wait for the hub")]
    public static partial void Stopped(ILogger logger, string device, long batches);

    [LoggerMessage(3, LogLevel.Warning, "Sensor {Sensor} has delivered nothing within {Seconds} s")]
    public static partial void Silent(ILogger logger, string sensor, double seconds);

    [LoggerMessage(4, LogLevel.Warning,
        "The inference lane did not end within {Seconds} s: its last windows have no verdict")]
    public static partial void LaneStuck(ILogger logger, double seconds);

    [LoggerMessage(5, LogLevel.Information,
        "The hub has not receipted everything: {Batches} batches stay in the outbox for the next start")]
    public static partial void NotDrained(ILogger logger, long batches);

    [LoggerMessage(7, LogLevel.Critical, "The pipeline is broken; the agent ends so that it is started afresh")]
    public static partial void Broken(ILogger logger, Exception fault);

    [LoggerMessage(6, LogLevel.Error, "The outbox was unusable and is kept as {File} ({Reason}); a new one was begun")]
    public static partial void OutboxSetAside(ILogger logger, string file, string reason);
}
