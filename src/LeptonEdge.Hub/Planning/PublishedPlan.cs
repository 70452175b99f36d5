using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Plans;
using LeptonEdge.Placement.Planning;
using LeptonEdge.Protocol.V1;

namespace LeptonEdge.Hub.Planning;

/// <summary>A plan as devices are told it: each one its workloads' places, and whom of its site it answers.</summary>
/// <param name="fleet">Where peers answer.</param>
internal sealed class PublishedPlan(PlanInForce plan, FleetState fleet)
{
    private readonly Dictionary<(string Device, string Workload), PlannedPlace> _places =
        plan.Places.ToDictionary(place => (place.Device, place.Workload));

    private readonly ILookup<string, PlannedPlace> _guests = plan.Places
        .SelectMany(place => HostsOf(place).Select(host => (Host: host, Place: place)))
        .ToLookup(entry => entry.Host, entry => entry.Place);

    public PlanInForce Plan => plan;

    /// <summary>Tells one workload of a device its place; as far as the plan knows it.</summary>
    /// <returns>False when the plan does not.</returns>
    public bool Tell(DesiredWorkload wanted, string device, string hubModel)
    {
        if (!_places.TryGetValue((device, wanted.Workload), out var place))
            return false;
        switch (ReportReader.PlaceOf(device, place.Node))
        {
            case Place.Hub:
                (wanted.Place, wanted.HubModel) = (PlaceCode.Hub, hubModel);
                wanted.Recipe = OfferedChoices.CodeOf(place.At.Recipe);
                break;
            case Place.Peer when fleet.Find(new DeviceId(place.Node))?.State.PeerAddress is { Length: > 0 } address:
                (wanted.Place, wanted.Peer, wanted.PeerAddress) = (PlaceCode.Peer, place.Node, address);
                break;
        }

        return true;
    }

    /// <summary>Whose windows a device answers.</summary>
    public IEnumerable<Guest> GuestsOf(string host)
    {
        foreach (var place in _guests[host])
        {
            var workload = fleet.Find(new DeviceId(place.Device))?.State.Workloads
                .FirstOrDefault(known => known.Workload == place.Workload);
            if (workload is not null)
            {
                yield return new Guest
                {
                    Device = place.Device, Workload = place.Workload,
                    Model = $"{workload.Model}/{workload.ModelVersion}",
                };
            }
        }
    }

    // Who is about to leave a peer is answered there until its new place is ready.
    private static IEnumerable<string> HostsOf(PlannedPlace place)
    {
        if (ReportReader.PlaceOf(place.Device, place.Node) == Place.Peer)
            yield return place.Node;
        if (place is { Preparing: true, Before: { } before } && (before.Far ?? before.Near) is var node
            && node != place.Node && ReportReader.PlaceOf(place.Device, node) == Place.Peer)
            yield return node;
    }
}
