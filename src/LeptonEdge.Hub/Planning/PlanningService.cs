using LeptonEdge.Core;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Plans;
using LeptonEdge.Hub.Configuration;
using LeptonEdge.Hub.Metrics;
using LeptonEdge.Hub.Offload;
using LeptonEdge.Serving.Models;
using LeptonEdge.Placement;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Sync.Hubs;

namespace LeptonEdge.Hub.Planning;

/// <summary>Plans at its own pace from what devices last reported; keeps, publishes and tells what changed.</summary>
public sealed class PlanningService(
    PlanningOptions options, PlanHolder plans, FleetState fleet, DesiredStates desired, ModelRepository models,
    HubOptions hub, HubStore store,
    HubLink link, HubMeters meters, TimeProvider clock, ILogger<PlanningService> logger) : BackgroundService
{
    private readonly HubCapacity _capacity = new(
        hub.Workers, models.Profiles(),
        options.BandwidthBytesPerSecond);

    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(50);
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly long _startedMicros = clock.GetUnixMicros();
    private long _rounds;
    private PlannerMemory _memory = PlannerMemory.Empty;

    /// <summary>Rounds made since the start.</summary>
    public long Rounds => Interlocked.Read(ref _rounds);

    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        link.Subscribed += PublishAll;
        link.Reported += Wake;
        try
        {
            do
            {
                try
                {
                    await PlanOnceAsync().ConfigureAwait(false);
                }
                catch (HubStoreException fault)
                {
                    // Without a durable plan nothing is published; the next round tries again.
                    PlanningLog.StoreFailed(logger, fault.Message);
                }
            }
            while (await NextRoundAsync(stoppingToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The hub stops.
        }
        finally
        {
            link.Subscribed -= PublishAll;
            link.Reported -= Wake;
        }
    }

    /// <summary>A report is planned with at once, not at the next tick; but a large fleet's reports share a
    /// round.</summary>
    private async Task<bool> NextRoundAsync(CancellationToken stoppingToken)
    {
        await _wake.WaitAsync(options.Every, stoppingToken).ConfigureAwait(false);
        await Task.Delay(Gather, clock, stoppingToken).ConfigureAwait(false);
        return true;
    }

    private void Wake(TenantId tenant, DeviceId device, ReportedState state)
    {
        if (_wake.CurrentCount > 0)
            return;
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // Another report woke the planner in the same moment.
        }
    }

    private async Task PlanOnceAsync()
    {
        var devices = fleet.Devices;
        var snapshot = SnapshotBuilder.Build(devices, _capacity, clock.GetUnixMicros(), _startedMicros);
        var before = plans.Current;
        var (plan, memory, moves) = Planner.Decide(snapshot, before.Plan, _memory, options.Limits);
        if (!ReferenceEquals(plan, before.Plan))
        {
            var record = before.Followed(plan, moves);
            store.AppendPlan(fleet.Tenant, plan.Version, record.ToBytes());
            meters.CountMoves(moves.Count);
            foreach (var move in moves)
                PlanningLog.Moved(logger, move.Device, move.Workload, move.From, move.To, move.Reason);
            plans.Replace(record);
        }

        _memory = memory;
        var places = plan.Placements.ToDictionary(p => (p.Device, p.Workload.Value), p => p.Place);
        foreach (var device in devices)
        {
            if (desired.Update(device, plan.Version, places) is not { } state)
                continue;
            PlanningLog.Desired(logger, device.Device, state.Version, plan.Version);
            await link.PublishDesiredAsync(fleet.Tenant, device.Device, state).ConfigureAwait(false);
        }

        Interlocked.Increment(ref _rounds);
    }

    // The broker may have lost what it retained, and a publish may have failed while there was no connection.
    private void PublishAll() => _ = PublishAllAsync();

    private async Task PublishAllAsync()
    {
        try
        {
            foreach (var (device, state) in desired.All)
                await link.PublishDesiredAsync(fleet.Tenant, device, state).ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            // The connection broke again meanwhile: its next subscription brings us back here.
            PlanningLog.PublishFailed(logger, fault.GetBaseException().Message);
        }
    }
}

internal static partial class PlanningLog
{
    [LoggerMessage(1, LogLevel.Information, "{Device}/{Workload} moves from {From} to {To}: {Reason}")]
    public static partial void Moved(
        ILogger logger, DeviceId device, WorkloadId workload, Place from, Place to, string reason);

    [LoggerMessage(2, LogLevel.Information, "{Device} shall run desired state {Version} (plan {Plan})")]
    public static partial void Desired(ILogger logger, DeviceId device, ulong version, ulong plan);

    [LoggerMessage(3, LogLevel.Error, "The plan could not be kept, so it is not published: {Reason}")]
    public static partial void StoreFailed(ILogger logger, string reason);

    [LoggerMessage(4, LogLevel.Warning, "Desired states were not all published: {Reason}")]
    public static partial void PublishFailed(ILogger logger, string reason);
}
