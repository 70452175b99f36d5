using System.Globalization;
using LeptonEdge.Agent.Metering;
using LeptonEdge.Agent.Pipeline;
using LeptonEdge.Core.Plans;
using LeptonEdge.Sync.Devices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Agent.Status;

/// <summary>Once a second: tells the hub what runs, tells systemd how it goes, and feeds its watchdog while every loop
/// of the pipeline turns.</summary>
/// <param name="link">Null for an agent without a hub.</param>
public sealed class StatusService(
    AgentPipeline pipeline, StatusReporter reporter, Heartbeats heartbeats, InferenceLane lane,
    MeteringService metering, ISystemdNotifier systemd, TimeProvider clock, ILogger<StatusService> logger,
    DeviceLink? link = null) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    // A first connection is made by then; the compiler is at work for a minute longer, and rarely used code starts
    // later still. Then every 2.5 min: what outlived its young generation by chance would else be kept for most of
    // an hour.
    private static readonly TimeSpan FirstTrim = TimeSpan.FromSeconds(2.5);
    private static readonly TimeSpan TrimEvery = TimeSpan.FromMinutes(2.5);
    private static readonly TimeSpan LanePatience = TimeSpan.FromSeconds(20);

    private string _saidOverdue = "";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        var (trimmedAt, trimAfter) = (clock.GetTimestamp(), FirstTrim);
        do
        {
            if (clock.GetElapsedTime(trimmedAt) >= trimAfter)
            {
                WorkingSet.LetGo();
                (trimmedAt, trimAfter) = (clock.GetTimestamp(), Longer(trimAfter));
            }

            metering.Tick();
            link?.Report(reporter.Describe());
            Notify();
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    private static TimeSpan Longer(TimeSpan interval) => interval * 2 < TrimEvery ? interval * 2 : TrimEvery;

    private void Notify()
    {
        var overdue = string.Join(", ", heartbeats.Overdue());
        if (clock.GetElapsedTime(lane.Heartbeat) > LanePatience)
            overdue = overdue.Length == 0 ? "inference lane" : $"{overdue}, inference lane";
        if (overdue != _saidOverdue && overdue.Length > 0)
            StatusServiceLog.Overdue(logger, overdue);
        _saidOverdue = overdue;
        if (!systemd.IsEnabled)
            return;
        if (overdue.Length == 0)
            systemd.Notify(new ServiceState("WATCHDOG=1"));
        systemd.Notify(new ServiceState($"STATUS={Sentence(overdue)}"));
    }

    private string Sentence(string overdue)
    {
        var readings = pipeline.Channels.Sum(channel => channel.Readings.PerSecond);
        var inferences = pipeline.Workloads.Sum(workload => workload.Inferences.PerSecond);
        var elsewhere = pipeline.Workloads.Count(workload => workload.Route.Place != Place.Local);
        var alarms = pipeline.Workloads.Sum(workload => workload.Alarms.Active.Count);
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{readings:0} readings/s, {inferences:0.#} inferences/s, {elsewhere} workload(s) elsewhere, "
            + $"{alarms} alarm(s)");
        if (link is not null)
            text += link.Connected ? ", hub connected" : ", hub away";
        return overdue.Length == 0 ? text : $"{text}; stuck: {overdue}";
    }
}

internal static partial class StatusServiceLog
{
    [LoggerMessage(1, LogLevel.Error, "No progress: {Loops}. The watchdog is not fed until they turn again")]
    public static partial void Overdue(ILogger logger, string loops);
}
