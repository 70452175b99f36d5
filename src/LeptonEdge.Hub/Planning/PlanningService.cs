using LeptonEdge.Core.Identity;
using LeptonEdge.Hub.Configuration;
using LeptonEdge.Hub.Metrics;
using LeptonEdge.Placement.Planning;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Sync.Hubs;

namespace LeptonEdge.Hub.Planning;

/// <summary>Plans at its own pace from what devices report; keeps, publishes and tells what changed.</summary>
public sealed class PlanningService(
    PlanningOptions options, PlanDesk desk, PlanHolder plans, FleetState fleet, DesiredStates desired,
    PlanArchive archive, HubLink link, HubMeters meters, TimeProvider clock, ILogger<PlanningService> logger)
    : BackgroundService
{
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(50);
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly Dictionary<string, string> _doubted = [];
    private PublishedPlan? _published;
    private string _faults = "";
    private long _rounds;

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
        link.Reported += OnReport;
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
            link.Reported -= OnReport;
        }
    }

    /// <summary>Has the next round come at once.</summary>
    public void Wake()
    {
        if (_wake.CurrentCount > 0)
            return;
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // Another one woke the planner in the same moment.
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

    private void OnReport(TenantId tenant, DeviceId device, ReportedState state) => Wake();

    private async Task PlanOnceAsync()
    {
        var (devices, started) = (fleet.Devices, clock.GetTimestamp());
        var (step, plan) = desk.Round(devices);
        var reasons = desk.Faults;
        var faults = string.Join("; ", reasons);
        if (faults != _faults && faults.Length > 0)
            PlanningLog.Refused(logger, faults);
        _faults = faults;
        if (step.Changed)
        {
            meters.CountMoves(step.Moves.Count);
            foreach (var move in step.Moves)
                PlanningLog.Moved(logger, move.Device, move.Workload, move.Cause, move.Reason);
            Doubt();
            archive.Add(plan, step);
        }

        if (archive.Save() is { } saved)
            plans.Replace(saved);

        // A device that has just reported may lack a state that an earlier plan has for it.
        await PublishAsync(devices, plans.Current.Plan).ConfigureAwait(false);
        Interlocked.Increment(ref _rounds);
        meters.CountRound(clock.GetElapsedTime(started), step.Decision?.Homeless.Count, reasons.Count);
    }

    private async Task PublishAsync(IReadOnlyCollection<DeviceView> devices, PlanInForce plan)
    {
        if (!ReferenceEquals(plan, _published?.Plan))
            _published = new PublishedPlan(plan, fleet);
        foreach (var device in devices)
        {
            if (desired.Update(device, _published) is not { } state)
                continue;
            PlanningLog.Desired(logger, device.Device, state.Version, plan.Version);
            await link.PublishDesiredAsync(fleet.Tenant, device.Device, state).ConfigureAwait(false);
        }
    }

    private void Doubt()
    {
        foreach (var device in desk.Devices)
        {
            if (device.Distrust is not { } reason)
                _doubted.Remove(device.Device);
            else if (_doubted.TryAdd(device.Device, reason))
                PlanningLog.Doubted(logger, device.Device, reason);
        }
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
