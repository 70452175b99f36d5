using LeptonEdge.Core.Identity;
using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Storage.Hubs;
using Microsoft.AspNetCore.Http;

namespace LeptonEdge.Hub.Api.Common;

/// <summary>What of the fleet a caller sees; the rest does not exist for it.</summary>
internal static class Sight
{
    public static IEnumerable<DeviceView> Seen(this FleetState fleet, Caller caller) => caller.Sites is null
        ? fleet.Devices
        : fleet.Devices.Where(view => caller.Sees(view.State.Site));

    public static bool Sees(this FleetState fleet, Caller caller, DeviceId device) =>
        caller.Sites is null || (fleet.Find(device) is { } view && caller.Sees(view.State.Site));

    /// <summary>The devices that a list is narrowed to: those that the caller sees, of a site where one is named; null
    /// where that is all of them.</summary>
    public static DeviceSet? SetFor(this FleetState fleet, Caller caller, string? site = null) =>
        caller.Sites is null && site is null
            ? null
            : DeviceSet.Of(
                [.. fleet.Seen(caller).Where(view => site is null || view.State.Site == site).Select(view => view.Device)],
                fleet.Devices.Count);

    /// <summary>A device that reported, for this caller.</summary>
    public static IResult? Find(this FleetState fleet, Caller caller, string name, out DeviceView view)
    {
        view = null!;
        if (RequestRange.Device(name, out var id) is { } fault)
            return Problems.BadRequest(fault);
        if (fleet.Find(id) is not { } found || !caller.Sees(found.State.Site))
            return Unknown(id);
        view = found;
        return null;
    }

    /// <summary>A device that may have readings in the store, for this caller.</summary>
    public static IResult? Name(this FleetState fleet, Caller caller, string name, out DeviceId id)
    {
        if (RequestRange.Device(name, out id) is { } fault)
            return Problems.BadRequest(fault);
        return fleet.Sees(caller, id) ? null : Unknown(id);
    }

    public static IResult Unknown(DeviceId device) => Problems.NotFound(UnknownText(device));

    public static string UnknownText(DeviceId device) =>
        $"no device '{device}' has reported to this hub; GET /api/v1/devices lists those that have";
}
