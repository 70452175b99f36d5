using Google.Protobuf;
using LeptonEdge.Agent.Metering;
using LeptonEdge.Agent.Offload;
using LeptonEdge.Agent.Pipeline;
using LeptonEdge.Agent.Serving;
using LeptonEdge.Core.Plans;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Storage.Devices;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Agent.Reconciling;

/// <summary>Brings what runs in line with what the hub desires: keeps the newest desired state on disk, starts from it
/// without a network, and moves workloads between windows, make before break.</summary>
/// <remarks>"Make" means that the hub or the peer has its model ready and has answered a first question; until then the
/// workload stays where it is. The way back needs no making: the local model is always loaded, because it answers when
/// nobody else does.</remarks>
public sealed class Reconciler(
    IReadOnlyList<WorkloadRunner> workloads, LocalModels models, DeviceState state, GuestBook guests,
    UsageMeter meter, TimeProvider clock, ILogger<Reconciler> logger, HubInference? hub = null, PeerLinks? peers = null)
{
    private const string StateKey = "desired";

    // Before the first desired state, the device's own configuration is followed.
    private CheckedDesire _wanted =
        DesiredStateCheck.Check(new DesiredState(), [.. workloads.Select(workload => workload.Configuration)]);

    private bool _modelsBrought;

    /// <summary>Version of the desired state that is followed; 0 before the first.</summary>
    public ulong Version { get; private set; }

    public ulong PlanVersion { get; private set; }

    /// <summary>Every workload is where it shall be.</summary>
    public bool IsSettled { get; private set; } = true;

    /// <summary>Takes up the desired state of the last run, if there is one, and puts its models in service.</summary>
    public void Restore()
    {
        if (state.Get(StateKey) is not { } bytes)
            return;
        try
        {
            Follow(DesiredState.Parser.ParseFrom(bytes));
            ReconcilerLog.Restored(logger, Version);
            BringModels();
        }
        catch (InvalidProtocolBufferException fault)
        {
            ReconcilerLog.Unreadable(logger, fault.Message);
        }
    }

    /// <summary>Follows a desired state unless a newer one is followed already. Taking one in twice changes
    /// nothing.</summary>
    public void Take(DesiredState desired)
    {
        if (desired.Version < Version)
        {
            ReconcilerLog.Outdated(logger, desired.Version, Version);
            return;
        }

        if (desired.Version == Version)
            return;
        // On disk before in force: after a restart the device never runs something older than it ran before.
        state.Set(StateKey, desired.ToByteArray());
        Follow(desired);
        foreach (var refusal in _wanted.Refusals)
            ReconcilerLog.Refused(logger, desired.Version, refusal);
    }

    /// <summary>Moves what is not yet where it shall be; call again until <see cref="IsSettled"/>.</summary>
    public async Task SettleAsync(CancellationToken cancellation)
    {
        BringModels();
        var settled = true;
        foreach (var wanted in _wanted.Wanted)
        {
            var workload = workloads.First(runner => runner.Id == wanted.Workload);
            settled &= wanted.Mode == OffloadMode.Local
                ? MoveHome(workload)
                : wanted.Peer is { } peer
                ? await MoveToPeerAsync(workload, peer, cancellation).ConfigureAwait(false)
                : await MoveOutAsync(workload, wanted.Mode, cancellation).ConfigureAwait(false);
        }

        peers?.Keep([.. workloads.Select(workload => workload.Route.Via).OfType<HubInference>()]);
        IsSettled = settled;
    }

    private void Follow(DesiredState desired)
    {
        _wanted = DesiredStateCheck.Check(desired, [.. workloads.Select(workload => workload.Configuration)]);
        (Version, PlanVersion, IsSettled, _modelsBrought) = (desired.Version, desired.PlanVersion, false, false);
        guests.Admit(desired.Guests);
        // The checks are in the order of the workloads. What is desired holds from the next window on.
        for (var i = 0; i < workloads.Count; i++)
            workloads[i].Alarms.Hold(_wanted.Rules[i]);
    }

    // Once for each desired state: a model that was refused is tried again when the hub asks again.
    private void BringModels()
    {
        if (_modelsBrought)
            return;
        _modelsBrought = true;
        foreach (var wanted in _wanted.Wanted)
            models.Bring(workloads.First(runner => runner.Id == wanted.Workload), wanted.Model);
    }

    private bool MoveHome(WorkloadRunner workload)
    {
        if (workload.Route.Mode != OffloadMode.Local)
        {
            workload.Route = WorkloadRoute.Local;
            ReconcilerLog.Moved(logger, workload.Id.Value, "this device");
        }

        return true;
    }

    private async Task<bool> MoveOutAsync(WorkloadRunner workload, OffloadMode mode, CancellationToken cancellation)
    {
        if (workload.Route.Mode == mode && workload.Route.Peer is null)
            return true;
        if (hub is null || workload.QuestionOf(mode) is not { } question)
        {
            ReconcilerLog.Refused(logger, Version,
                $"workload {workload.Id}: this device has no way to ask the hub (hub.grpc)");
            return true;
        }

        if (!await hub.IsReadyAsync(question.Model, cancellation).ConfigureAwait(false)
            || !await hub.RehearseAsync(question, cancellation).ConfigureAwait(false))
            return false;
        workload.Route = WorkloadRoute.ToHub(mode, question, hub) with { Sample = SampleOf(workload, mode, hub) };
        ReconcilerLog.Moved(logger, workload.Id.Value, mode == OffloadMode.Hub ? "the hub" : $"both ({mode})");
        return true;
    }

    private static WorkloadRoute? SampleOf(WorkloadRunner workload, OffloadMode mode, HubInference hub) =>
        mode != OffloadMode.Cascade && workload.Unsure is not null && workload.Question is { } whole
            ? WorkloadRoute.ToHub(OffloadMode.Cascade, whole, hub)
            : null;

    private async Task<bool> MoveToPeerAsync(
        WorkloadRunner workload, PeerAddress peer, CancellationToken cancellation)
    {
        if (peers is null)
        {
            ReconcilerLog.Refused(logger, Version, $"workload {workload.Id}: this device has no certificate to ask peers");
            return true;
        }

        var way = peers.Open(peer.Device, peer.Address);
        var model = workload.Model;
        if (workload.Route is { } route && route.Via == way && route.Question!.Model == model.Reference)
            return true;
        var question = new HubQuestion(workload.Id, model.Manifest, workload.Configuration.Priority, clock)
        {
            Tally = workload.Tally, Meter = meter.For(workload.Id, model.Reference),
        };
        // Twice: the peer loads a model that it does not use itself when it is first asked for it.
        if (!await way.RehearseAsync(question, cancellation).ConfigureAwait(false))
            return false;
        workload.Route = WorkloadRoute.ToPeer(peer.Device, question, way);
        ReconcilerLog.Moved(logger, workload.Id.Value, peer.Device.Value);
        return true;
    }
}

internal static partial class ReconcilerLog
{
    [LoggerMessage(1, LogLevel.Information, "Started from desired state {Version} of the last run")]
    public static partial void Restored(ILogger logger, ulong version);

    [LoggerMessage(2, LogLevel.Warning, "The desired state of the last run is unreadable and ignored: {Reason}")]
    public static partial void Unreadable(ILogger logger, string reason);

    [LoggerMessage(3, LogLevel.Warning,
        "Desired state {Version} is older than {Current}, which is in force: it is ignored")]
    public static partial void Outdated(ILogger logger, ulong version, ulong current);

    [LoggerMessage(4, LogLevel.Warning, "Desired state {Version} is not followed in one point: {Refusal}")]
    public static partial void Refused(ILogger logger, ulong version, string refusal);

    [LoggerMessage(5, LogLevel.Information, "Workload {Workload} runs on: {Place}")]
    public static partial void Moved(ILogger logger, string workload, string place);
}
