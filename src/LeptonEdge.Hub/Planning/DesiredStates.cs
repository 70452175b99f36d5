using System.Collections.Concurrent;
using Google.Protobuf;
using LeptonEdge.Core.Identity;
using LeptonEdge.Hub.Audit;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Storage.Hubs;

namespace LeptonEdge.Hub.Planning;

/// <summary>What each device shall run: derived from the plan, versioned, kept in the store so that versions never fall
/// back.</summary>
public sealed class DesiredStates(TenantId tenant, HubStore store, RuleWishes wishes)
{
    private readonly ConcurrentDictionary<DeviceId, DesiredState> _states = [];
    private readonly Lock _changes = new();

    public IEnumerable<KeyValuePair<DeviceId, DesiredState>> All => _states;

    /// <summary>Null while there is none.</summary>
    public DesiredState? Of(DeviceId device) => _states.GetValueOrDefault(device);

    /// <summary>Reads what an earlier run of the hub wanted.</summary>
    public void Restore()
    {
        foreach (var stored in store.AllDesired(tenant))
            _states[stored.Device] = DesiredState.Parser.ParseFrom(stored.Content);
    }

    /// <summary>Derives the desired state of one device; keeps it, durably, if it says anything new.</summary>
    /// <returns>The new state to publish, or null when the device's state stays as it is.</returns>
    internal DesiredState? Update(DeviceView device, PublishedPlan plan)
    {
        lock (_changes)
            return UpdateLocked(device, plan);
    }

    /// <summary>Wants a device to run one of its own models in a workload; keeps that, durably.</summary>
    /// <param name="model">NAME/VERSION in the device's models folder; null for the one of its configuration.</param>
    /// <param name="note">Is told which model it was and is.</param>
    /// <returns>The new state to publish. A wish that is repeated is a new state too: the device tries again.</returns>
    public DesiredState SetModel(DeviceView device, string workload, ModelReference? model, AuditNote note)
    {
        lock (_changes)
        {
            var (wanted, entry) = EntryOf(device, workload);
            var before = entry.Model;
            entry.Model = model?.ToString() ?? "";
            note.Target = $"{device.Device}/{workload}";
            (note.Before, note.After) = (new AuditedModel(workload, before), new AuditedModel(workload, entry.Model));
            return Keep(device, wanted);
        }
    }

    /// <summary>Wants a device to hold the alarm rules of a workload as operators wish; keeps that, durably.</summary>
    /// <returns>The new state to publish.</returns>
    public DesiredState SetRules(DeviceView device, string workload)
    {
        lock (_changes)
        {
            var (wanted, entry) = EntryOf(device, workload);
            entry.Rules.Clear();
            entry.Rules.AddRange(wishes.Of(device.Device, workload));
            return Keep(device, wanted);
        }
    }

    private (DesiredState State, DesiredWorkload Entry) EntryOf(DeviceView device, string workload)
    {
        var wanted = _states.GetValueOrDefault(device.Device)?.Clone() ?? new DesiredState();
        var entry = wanted.Workloads.FirstOrDefault(known => known.Workload == workload);
        if (entry is null)
            wanted.Workloads.Add(entry = new DesiredWorkload { Workload = workload });
        return (wanted, entry);
    }

    private DesiredState? UpdateLocked(DeviceView device, PublishedPlan plan)
    {
        var before = _states.GetValueOrDefault(device.Device);
        var wanted = new DesiredState { PlanVersion = plan.Plan.Version };
        foreach (var workload in device.State.Workloads)
        {
            // What an operator wished stays, whatever the plan says of the workload's place.
            var model = before?.Workloads.FirstOrDefault(known => known.Workload == workload.Workload)?.Model ?? "";
            var entry = new DesiredWorkload { Workload = workload.Workload, Model = model };
            entry.Rules.AddRange(wishes.Of(device.Device, workload.Workload));
            if (plan.Tell(entry, device.Device.Value, workload.HubModel) || model.Length > 0 || entry.Rules.Count > 0)
                wanted.Workloads.Add(entry);
        }

        wanted.Guests.AddRange(plan.GuestsOf(device.Device.Value));
        var isEmpty = wanted.Workloads.Count == 0 && wanted.Guests.Count == 0;
        if (before is null ? isEmpty
            : IsSame(before, wanted) || (isEmpty && before.Guests.Count == 0 && !HoldsRules(before, device)))
            return null;
        return Keep(device, wanted);
    }

    // A hub that ended between giving a rule back and saying so here.
    private static bool HoldsRules(DesiredState state, DeviceView device) => state.Workloads.Any(
        known => known.Rules.Count > 0 && device.State.Workloads.Any(each => each.Workload == known.Workload));

    private static bool IsSame(DesiredState before, DesiredState wanted) =>
        before.Workloads.SequenceEqual(wanted.Workloads) && before.Guests.SequenceEqual(wanted.Guests);

    private DesiredState Keep(DeviceView device, DesiredState wanted)
    {
        // A device may know a higher version than we do, if our store was lost: a lower one would never be obeyed.
        var before = _states.GetValueOrDefault(device.Device)?.Version ?? 0;
        wanted.Version = Math.Max(before, device.State.DesiredVersion) + 1;
        store.PutDesired(tenant, device.Device, wanted.Version, wanted.ToByteArray());
        _states[device.Device] = wanted;
        return wanted;
    }
}
