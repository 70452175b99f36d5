using System.Collections.Concurrent;
using Google.Protobuf;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Plans;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Storage.Hubs;

namespace LeptonEdge.Hub.Planning;

/// <summary>What each device shall run: derived from the plan, versioned, kept in the store so that versions never fall
/// back.</summary>
public sealed class DesiredStates(TenantId tenant, HubStore store)
{
    private readonly ConcurrentDictionary<DeviceId, DesiredState> _states = [];

    public IEnumerable<KeyValuePair<DeviceId, DesiredState>> All => _states;

    /// <summary>Reads what an earlier run of the hub wanted.</summary>
    public void Restore()
    {
        foreach (var stored in store.AllDesired(tenant))
            _states[stored.Device] = DesiredState.Parser.ParseFrom(stored.Content);
    }

    /// <summary>Derives the desired state of one device; keeps it, durably, if it says anything new.</summary>
    /// <returns>The new state to publish, or null when the device's state stays as it is.</returns>
    public DesiredState? Update(
        DeviceView device, ulong planVersion, IReadOnlyDictionary<(DeviceId, string), Place> places)
    {
        var wanted = new DesiredState { PlanVersion = planVersion };
        foreach (var workload in device.State.Workloads)
        {
            if (!places.TryGetValue((device.Device, workload.Workload), out var place))
                continue;
            var hub = place == Place.Hub;
            wanted.Workloads.Add(new DesiredWorkload
            {
                Workload = workload.Workload,
                Place = hub ? PlaceCode.Hub : PlaceCode.Local,
                HubModel = hub ? workload.HubModel : "",
            });
        }

        var before = _states.GetValueOrDefault(device.Device);
        if (wanted.Workloads.Count == 0 || (before is not null && before.Workloads.SequenceEqual(wanted.Workloads)))
            return null;
        // A device may know a higher version than we do, if our store was lost: a lower one would never be obeyed.
        wanted.Version = Math.Max(before?.Version ?? 0, device.State.DesiredVersion) + 1;
        store.PutDesired(tenant, device.Device, wanted.Version, wanted.ToByteArray());
        _states[device.Device] = wanted;
        return wanted;
    }
}
