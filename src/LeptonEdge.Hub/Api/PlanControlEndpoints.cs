using System.ComponentModel;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Plans;
using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Audit;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Placement.Planning;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Hub.Api.Common;
using LeptonEdge.Hub.Api.OpenApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LeptonEdge.Hub.Api;

/// <summary>What operators tell the planner: pins, drains, and what they would do.</summary>
internal static class PlanControlEndpoints
{
    private const int PinsMax = 10_000;
    private const string NodeText = "Name of a device, 'hub' for the hub's own workers, or 'pool:NAME'.";

    public static void MapPlanControls(this RouteGroupBuilder group)
    {
        var api = group.MapGroup("/plan").AddEndpointFilter<RouteGroupBuilder, StoreGate>();
        api.MapGet("/controls", (PlanDesk desk, FleetState fleet, Caller caller) => Results.Json(
            PlanViews.Of(desk.Controls).For(fleet, caller), ApiJson.Default.PlanControlsView))
            .Is("getPlanControls", Tags.Plan, "Pins, drained devices and blackouts.").Gives<PlanControlsView>();
        api.MapPut("/pins/{device}/{workload}", SetPin).Audited("plan.pin")
            .Is("pinWorkload", Tags.Plan,
                "Has a workload run on one node, 'hub', 'pool:NAME' or a device of its site, until unpinned.")
            .Gives<PlanControlsView>().Fails(StatusCodes.Status409Conflict);
        api.MapDelete("/pins/{device}/{workload}", RemovePin).Audited("plan.unpin")
            .Is("unpinWorkload", Tags.Plan, "Leaves a workload to the planner again.").Gives<PlanControlsView>();
        api.MapPut("/drained/{device}", Drain).Audited("plan.drain")
            .Is("drainNode", Tags.Plan, "Empties a device, 'hub' or 'pool:NAME': what may leave it runs elsewhere.")
            .Gives<PlanControlsView>();
        api.MapDelete("/drained/{device}", Undrain).Audited("plan.undrain")
            .Is("undrainNode", Tags.Plan, "Lets a drained device be used again.").Gives<PlanControlsView>();
        api.MapPost("/dry-run", DryRun).NeedsAllSites()
            .Is("dryRunPlan", Tags.Plan, "What would move now, under other pins and drains; nothing changes.")
            .Gives<DryRunView>().Fails(StatusCodes.Status404NotFound, StatusCodes.Status409Conflict);
    }

    private static IResult SetPin(
        string device, string workload, PinRequest wish, FleetState fleet, HubNodes hub, PlanDesk desk,
        PlanControlDesk control, Caller caller, HttpContext context)
    {
        if (PinFault(fleet, hub, new Pin(device, workload, wish.Node, wish.Recipe)) is { } fault)
            return fault;
        if (desk.Controls.Pins.Count >= PinsMax)
            return Problems.TooMany($"there are {PinsMax} pins already: unpin some first");
        var pin = new Pin(device, workload, wish.Node, wish.Recipe);
        return Tell(control.Pin(device, workload, pin, context.AuditNote()), fleet, caller);
    }

    private static IResult RemovePin(
        string device, string workload, FleetState fleet, PlanDesk desk, PlanControlDesk control, Caller caller,
        HttpContext context) =>
        desk.Controls.PinOf(device, workload) is null
            ? Problems.NotFound(NoPin(device, workload))
            : Tell(control.Pin(device, workload, null, context.AuditNote()), fleet, caller);

    private static IResult Drain(
        [Description(NodeText)] string device, FleetState fleet, HubNodes hub, PlanControlDesk control, Caller caller,
        HttpContext context) =>
        DrainFault(fleet, hub, caller, device) is { } fault
            ? fault
            : Tell(control.Drain([device], drained: true, context.AuditNote()), fleet, caller);

    private static IResult Undrain(
        [Description(NodeText)] string device, FleetState fleet, HubNodes hub, PlanDesk desk, PlanControlDesk control,
        Caller caller, HttpContext context) =>
        !desk.Controls.Drained.Contains(device) || (caller.Sites is not null && hub.Has(device))
            ? Problems.NotFound(NotDrained(device))
            : Tell(control.Drain([device], drained: false, context.AuditNote()), fleet, caller);

    private static IResult DryRun(
        DryRunRequest wish, FleetState fleet, HubNodes hub, PlanDesk desk, Caller caller)
    {
        if (NullsIn(wish) is { } field)
            return Problems.BadRequest($"{field}: null is none; leave it out");
        var controls = desk.Controls;
        foreach (var pin in wish.Pin ?? [])
        {
            var wanted = new Pin(pin.Device, pin.Workload, pin.Node, pin.Recipe);
            if (PinFault(fleet, hub, wanted) is { } fault)
                return fault;
            controls = controls.With(wanted);
        }

        foreach (var pin in wish.Unpin ?? [])
        {
            if (controls.PinOf(pin.Device, pin.Workload) is null)
                return Problems.NotFound(NoPin(pin.Device, pin.Workload));
            controls = controls.Without(pin.Device, pin.Workload);
        }

        foreach (var device in wish.Drain ?? [])
        {
            if (DrainFault(fleet, hub, caller, device) is { } fault)
                return fault;
            controls = controls.WithDrained(device);
        }

        foreach (var device in wish.Undrain ?? [])
        {
            if (!controls.Drained.Contains(device))
                return Problems.NotFound(NotDrained(device));
            controls = controls.WithoutDrained(device);
        }

        return Results.Json(PlanViews.Of(desk.DryRun(_ => controls)), ApiJson.Default.DryRunView);
    }

    // The types of a list's items say nothing of null to the reader of JSON.
    private static string? NullsIn(DryRunRequest wish) =>
        wish.Pin?.Contains(null!) is true ? "pin" : wish.Unpin?.Contains(null!) is true ? "unpin"
        : wish.Drain?.Contains(null!) is true ? "drain" : wish.Undrain?.Contains(null!) is true ? "undrain" : null;

    private static IResult Tell(PlanControls controls, FleetState fleet, Caller caller) =>
        Results.Json(PlanViews.Of(controls).For(fleet, caller), ApiJson.Default.PlanControlsView);

    // The hub's own nodes serve every site: only who sees all of them may empty one.
    private static IResult? DrainFault(FleetState fleet, HubNodes hub, Caller caller, string node)
    {
        if (hub.Has(node))
            return caller.Sites is null ? null : Problems.NotFound($"no node '{node}' of the sites that you see");
        if (RequestRange.Device(node, out var id) is { } wrong && NodeNames.PoolOf(node) is null)
            return Problems.BadRequest(wrong);
        if (fleet.Find(id) is { } view && fleet.Sees(caller, view.Device))
            return null;
        var own = caller.Sites is null ? $"; the hub's own are {Names(hub.Names)}" : "";
        return Problems.NotFound(
            $"no device '{node}' has reported to this hub; it knows "
            + $"{Names(fleet.Seen(caller).Select(d => d.Device.Value))}{own}");
    }

    private static IResult? PinFault(FleetState fleet, HubNodes hub, Pin pin)
    {
        var (device, workload, node) = (pin.Device, pin.Workload, pin.Node);
        if (View(fleet, device, out var unknown) is not { } view)
            return unknown;
        if (view.State.Workloads.FirstOrDefault(known => known.Workload == workload) is not { } reported)
            return Problems.NotFound(
                $"{device} has no workload '{workload}'; it has {Names(view.State.Workloads.Select(w => w.Workload))}");
        if (reported.Offload != OffloadCode.Plan)
            return Problems.Conflict(
                $"{device}/{workload} follows no plan (offload is {reported.Offload}): set 'offload: plan' on the device");
        if (PinChecks.RecipeFault(hub, pin, reported) is { } unfit)
            return unfit;
        var privacy = ReportReader.PrivacyOf(reported);
        if (node == device)
            return null;
        if (hub.Has(node))
        {
            if (privacy != Privacy.Anywhere || reported.HubModel.Length == 0)
                return Problems.Conflict($"{device}/{workload} must not run on the hub (may_leave_device, hub_model)");
            return hub.Serves(node, reported.HubModel)
                ? null
                : Problems.Conflict($"node: {node} does not answer for {reported.HubModel}, see 'upstreams' in hub.yaml");
        }

        if (!IsDevice(node, out var id) || fleet.Find(id) is not { } host)
            return Problems.BadRequest($"node: '{node}' is neither 'hub' nor a device that has reported nor 'pool:NAME' of an upstream pool");
        if (host.State.Site != view.State.Site)
            return Problems.Conflict($"node: {node} is on site '{host.State.Site}', {device} on '{view.State.Site}'");
        if (host.State.PeerAddress.Length == 0 || view.State.PeerAddress.Length == 0)
            return Problems.Conflict($"node: {device} and {node} do not both answer peers: set 'peers' on both devices");
        return privacy == Privacy.Device
            ? Problems.Conflict($"{device}/{workload} must stay on its device (may_leave_device is false)")
            : null;
    }

    private static DeviceView? View(FleetState fleet, string device, out IResult? fault)
    {
        fault = RequestRange.Device(device, out var id) is { } wrong ? Problems.BadRequest(wrong) : null;
        if (fault is null && fleet.Find(id) is { } view)
            return view;
        fault ??= Problems.NotFound(
            $"no device '{device}' has reported to this hub; it knows {Names(fleet.Devices.Select(d => d.Device.Value))}");
        return null;
    }

    private static bool IsDevice(string text, out DeviceId device) =>
        RequestRange.Device(text, out device) is null;

    private static string Names(IEnumerable<string> names)
    {
        const int Most = 10;
        var sorted = names.Order(StringComparer.Ordinal).ToList();
        return sorted.Count == 0 ? "none"
            : string.Join(", ", sorted.Take(Most)) + (sorted.Count > Most ? $" and {sorted.Count - Most} more" : "");
    }

    private static string NoPin(string device, string workload) =>
        $"{device}/{workload} is not pinned; GET /api/v1/plan/controls lists what is";

    private static string NotDrained(string device) =>
        $"{device} is not drained; GET /api/v1/plan/controls lists what is";
}
