using LeptonEdge.Agent.Configuration;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Plans;
using LeptonEdge.Protocol.V1;

namespace LeptonEdge.Agent.Reconciling;

/// <summary>What a desired state asks of the workloads that this device has.</summary>
/// <param name="Wanted">One entry per workload of the device.</param>
/// <param name="Refusals">What is not followed, as sentences for the journal.</param>
/// <param name="Rules">What is desired of the alarm rules of each workload of the device, in the order of
/// <paramref name="Wanted"/>.</param>
public sealed record CheckedDesire(
    IReadOnlyList<WantedPlacement> Wanted, IReadOnlyList<string> Refusals,
    IReadOnlyList<IReadOnlyList<WantedRule>> Rules);

/// <param name="Mode">Local, or the way in which the hub is asked.</param>
/// <param name="HubModel">Null on the device and on a peer.</param>
/// <param name="Model">The device's own model, NAME/VERSION, as it was asked for.</param>
public sealed record WantedPlacement(WorkloadId Workload, OffloadMode Mode, ModelReference? HubModel, string Model)
{
    /// <summary>The device of the site that is asked; null for the hub.</summary>
    public PeerAddress? Peer { get; init; }
}

/// <summary>A device of the same site, and where it answers.</summary>
public sealed record PeerAddress(DeviceId Device, Uri Address);

/// <summary>Reads a desired state against the device's own configuration. A pure function: the configuration has the
/// last word on what may leave the device.</summary>
public static class DesiredStateCheck
{
    private const int WorkloadsMax = 256;

    public static CheckedDesire Check(DesiredState desired, IReadOnlyList<WorkloadConfiguration> own)
    {
        var refusals = new List<string>();
        if (desired.Workloads.Count > WorkloadsMax)
            refusals.Add($"it names {desired.Workloads.Count} workloads, at most {WorkloadsMax} are read");
        var byName = new Dictionary<string, DesiredWorkload>();
        foreach (var entry in desired.Workloads.Take(WorkloadsMax))
        {
            if (!own.Any(workload => workload.Id.Value == entry.Workload))
                refusals.Add($"workload '{entry.Workload}' is not configured on this device");
            else
                byName[entry.Workload] = entry;
        }

        return new CheckedDesire(
            [.. own.Select(workload => Want(workload, byName, refusals))], refusals,
            [.. own.Select(one => RuleCheck.Check(byName.GetValueOrDefault(one.Id.Value), one, refusals))]);
    }

    private static WantedPlacement Want(
        WorkloadConfiguration workload, Dictionary<string, DesiredWorkload> byName, List<string> refusals)
    {
        var named = byName.TryGetValue(workload.Id.Value, out var entry);
        var model = entry is { Model.Length: > 0 } ? entry.Model : workload.Model.ToString();
        var local = new WantedPlacement(workload.Id, OffloadMode.Local, null, model);
        if (workload.Offload != OffloadMode.Plan)
        {
            // The operator's word for this device stands, whatever a plan says.
            if (entry is { Place: not PlaceCode.Local } && workload.Offload != OffloadMode.Hub)
                refusals.Add($"workload {workload.Id} does not follow plans (offload is {workload.Offload})");
            return workload.Offload == OffloadMode.Local
                ? local
                : local with { Mode = workload.Offload, HubModel = workload.HubModel };
        }

        if (!named || entry!.Place == PlaceCode.Local)
        {
            if (named && entry!.Recipe != RecipeCode.Whole)
                refusals.Add($"workload {workload.Id}: recipe {(int)entry.Recipe} needs the hub, its place is local");
            return local;
        }

        if (entry.Place == PlaceCode.Peer)
            return WantPeer(workload, entry, local, refusals);
        if (entry.Place != PlaceCode.Hub)
            refusals.Add($"workload {workload.Id}: place {(int)entry.Place} is not known to this agent");
        else if (workload.Privacy != Privacy.Anywhere || workload.HubModel is not { } hubModel)
            refusals.Add($"workload {workload.Id} must stay {Bounds(workload)}");
        else if (entry.HubModel.Length > 0 && entry.HubModel != hubModel.ToString() && entry.HubModel != hubModel.Name)
            refusals.Add(
                $"workload {workload.Id}: hub model '{entry.HubModel}' is not {hubModel}, the one that is configured");
        else if (ModeOf(workload, entry.Recipe, refusals) is { } mode)
            return local with { Mode = mode, HubModel = hubModel };
        return local;
    }

    private static OffloadMode? ModeOf(WorkloadConfiguration workload, RecipeCode recipe, List<string> refusals)
    {
        (OffloadMode Mode, OffloadChoices Choice)? way = recipe switch
        {
            RecipeCode.Whole => (OffloadMode.Hub, OffloadChoices.Hub),
            RecipeCode.Cascade => (OffloadMode.Cascade, OffloadChoices.Cascade),
            RecipeCode.Split => (OffloadMode.Split, OffloadChoices.Split),
            _ => null,
        };
        if (way is null)
            refusals.Add($"workload {workload.Id}: recipe {(int)recipe} is not known to this agent");
        else if (!workload.Choices.HasFlag(way.Value.Choice))
            refusals.Add(
                $"workload {workload.Id}: '{OffloadReader.Words(way.Value.Choice)}' is none of its choices "
                + $"({OffloadReader.Words(workload.Choices)})");
        else
            return way.Value.Mode;
        return null;
    }

    private static WantedPlacement WantPeer(
        WorkloadConfiguration workload, DesiredWorkload entry, WantedPlacement local, List<string> refusals)
    {
        if (workload.Privacy == Privacy.Device)
            refusals.Add($"workload {workload.Id} must stay {Bounds(workload)}");
        else if (entry.Recipe != RecipeCode.Whole)
            refusals.Add($"workload {workload.Id}: recipe {(int)entry.Recipe} needs the hub, its place is a peer");
        else if (!workload.Choices.HasFlag(OffloadChoices.Local))
            refusals.Add(
                $"workload {workload.Id}: a peer runs the device's own model, and 'local' is none of its choices "
                + $"({OffloadReader.Words(workload.Choices)})");
        else if (ReadPeer(entry) is { } peer)
            return local with { Mode = OffloadMode.Hub, Peer = peer };
        else
            refusals.Add(
                $"workload {workload.Id}: peer '{Short(entry.Peer)}' at '{Short(entry.PeerAddress)}' is no device "
                + "with an https address");
        return local;
    }

    private static PeerAddress? ReadPeer(DesiredWorkload entry)
    {
        try
        {
            return Uri.TryCreate(entry.PeerAddress, UriKind.Absolute, out var address)
                && address.Scheme == Uri.UriSchemeHttps
                ? new PeerAddress(new DeviceId(entry.Peer), address)
                : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static string Bounds(WorkloadConfiguration workload) => workload.Privacy == Privacy.Site
        ? "on the site (may_leave_device is site)"
        : "on the device (may_leave_device is false)";

    private static string Short(string text) => text.Length <= 80 ? text : $"{text[..80]}…";
}
