using LeptonEdge.Agent.Logs;
using LeptonEdge.Agent.Pipeline;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Sync.Devices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Agent.Reconciling;

/// <summary>Listens to the hub: desired state and commands.</summary>
public sealed class DownlinkService(
    DeviceLink link, Reconciler reconciler, InferenceLane lane, IReadOnlyList<WorkloadRunner> workloads,
    TimeProvider clock, ILogger<DownlinkService> logger, LogSender logs) : BackgroundService
{
    private static readonly TimeSpan RetryEvery = TimeSpan.FromSeconds(1);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(FollowAsync(stoppingToken), ObeyAsync(stoppingToken));

    private async Task FollowAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await reconciler.SettleAsync(stoppingToken).ConfigureAwait(false);
            // What could not be moved yet is tried again; a new desired state is taken up at once.
            if (reconciler.IsSettled || await ArrivesWithinAsync(RetryEvery, stoppingToken).ConfigureAwait(false))
                reconciler.Take(await link.Desired.ReadAsync(stoppingToken).ConfigureAwait(false));
        }
    }

    private async Task<bool> ArrivesWithinAsync(TimeSpan patience, CancellationToken stoppingToken)
    {
        using var limit = new CancellationTokenSource(patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stoppingToken);
        try
        {
            return await link.Desired.WaitToReadAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task ObeyAsync(CancellationToken stoppingToken)
    {
        await foreach (var command in link.Commands.ReadAllAsync(stoppingToken).ConfigureAwait(false))
        {
            if (command.BodyCase == Command.BodyOneofCase.LoadDrill)
                Drill(command.Id, command.LoadDrill);
            else if (command.BodyCase is Command.BodyOneofCase.ReadLogs or Command.BodyOneofCase.FollowLogs)
                logs.Take(command);
            else
                DownlinkLog.Unknown(logger, command.Id, command.BodyCase);
        }
    }

    private void Drill(string id, LoadDrill drill)
    {
        if (drill.Seconds == 0)
        {
            lane.StopDrill();
            DownlinkLog.DrillEnded(logger, id);
            return;
        }

        try
        {
            // The slowest model loads the lane with the fewest, and so the most ordinary, inferences.
            var slowest = workloads.MaxBy(workload => workload.Model.FileBytes)
                ?? throw new ArgumentException("this device has no workload whose model could be run");
            var schedule = new LoadDrillSchedule(drill.Utilisation, drill.RampSeconds, drill.Seconds, Seed);
            lane.StartDrill(schedule, slowest.Repeat);
            DownlinkLog.DrillStarted(logger, id, drill.Utilisation, drill.RampSeconds, drill.Seconds);
        }
        catch (ArgumentException fault)
        {
            DownlinkLog.DrillRefused(logger, id, fault.Message);
        }
    }

    // One seed for all: a drill that is repeated is the same drill.
    private const int Seed = 20_110_419;
}

internal static partial class DownlinkLog
{
    [LoggerMessage(1, LogLevel.Warning, "Command {Id} asks for '{What}', which this agent does not know")]
    public static partial void Unknown(ILogger logger, string id, Command.BodyOneofCase what);

    [LoggerMessage(2, LogLevel.Warning,
        "Load drill {Id}: up to {Utilisation} of the inference lane, rising for {RampSeconds} s, {Seconds} s in all")]
    public static partial void DrillStarted(
        ILogger logger, string id, double utilisation, double rampSeconds, double seconds);

    [LoggerMessage(3, LogLevel.Information, "Load drill {Id}: ended")]
    public static partial void DrillEnded(ILogger logger, string id);

    [LoggerMessage(4, LogLevel.Warning, "Load drill {Id} is refused: {Reason}")]
    public static partial void DrillRefused(ILogger logger, string id, string reason);
}
