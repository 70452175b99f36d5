using System.ComponentModel;
using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Api.Common;
using LeptonEdge.Hub.Api.OpenApi;
using LeptonEdge.Hub.Audit;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Storage.Hubs.Alarms;
using LeptonEdge.Sync.Hubs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LeptonEdge.Hub.Api.Alarms;

/// <summary>Alarm rules, as devices hold them, and what operators change of them.</summary>
internal static class RuleEndpoints
{
    private const string Address = "/devices/{device}/workloads/{workload}/rules/{rule}";

    private static readonly Listing<RuleView> Orders = new(
        "device", rule => $"{rule.Device}/{rule.Rule}/{rule.Channel}",
        ("device", rule => rule.Device), ("site", rule => rule.Site), ("workload", rule => rule.Workload),
        ("rule", rule => rule.Rule), ("alarms", rule => (double)rule.Alarms),
        ("lastMicros", rule => rule.LastMicros ?? double.NaN));

    public static void MapRules(this RouteGroupBuilder group)
    {
        var api = group.MapGroup("").AddEndpointFilter<RouteGroupBuilder, StoreGate>();
        api.MapGet("/rules", List)
            .Is("listRules", Tags.Alarms,
                "Alarm rules as their devices hold them, and those that have raised alarms before.",
                "Sorted by device, site, workload, rule, alarms or lastMicros.")
            .Gives<Page<RuleView>>();
        api.MapGet(Address, Show)
            .Is("getRule", Tags.Alarms, "One alarm rule as its device holds it.",
                "Its ETag stands for what the hub wants of it.").Gives<RuleView>();
        api.MapPut(Address, ChangeAsync).Audited("rule.change")
            .Is("changeRule", Tags.Alarms,
                "Changes figures or severity of an alarm rule; the device takes it up as soon as it is there, and keeps it when it starts anew.").Gives<RuleView>()
            .Fails(StatusCodes.Status412PreconditionFailed);
        api.MapDelete(Address, ResetAsync).Audited("rule.reset")
            .Is("resetRule", Tags.Alarms, "Leaves an alarm rule to its device's configuration again.").Gives<RuleView>()
            .Fails(StatusCodes.Status412PreconditionFailed);
    }

    private static IResult List(
        [Description("Only of this device.")] string? device, [Description("Only on this site.")] string? site,
        [AsParameters] ListQuery query, Caller caller, FleetState fleet, RuleViews views, HubStore store)
    {
        if (device is not null && RequestRange.Device(device, out _) is { } named)
            return Problems.BadRequest(named);
        if (TextRules.Text("site", site, TextRules.FilterMax) is { } sited)
            return Problems.BadRequest(sited);
        if (Orders.Read(query, $"rules {device} {site}", out var order) is { } fault)
            return Problems.BadRequest(fault);
        var stored = store.AlarmRules(fleet.Tenant)
            .Where(rule => (device is null || rule.Device.Value == device) && fleet.Sees(caller, rule.Device)).ToList();
        var seen = fleet.Seen(caller).Where(view => device is null || view.Device.Value == device);
        return Results.Json(
            Orders.Take(
                views.Of(seen, fleet, stored).Where(rule => site is null || rule.Site == site), order, rule => rule),
            OperationsJson.Default.PageRuleView);
    }

    private static IResult Show(
        string device, string workload, string rule, Caller caller, FleetState fleet, RuleViews views,
        RuleWishes wishes, HubStore store, HttpContext context)
    {
        if (Find(device, workload, rule, caller, fleet, out var held) is { } fault)
            return fault;
        ETags.Set(context, wishes.Of(held.View.Device, workload, rule).Version);
        return Tell(held, fleet, views, store);
    }

    private static Task<IResult> ChangeAsync(
        string device, string workload, string rule, RuleChange change, Caller caller, FleetState fleet,
        RuleViews views, RuleWishes wishes, DesiredStates desired, HubStore store, HubLink link, HttpContext context)
    {
        if (Find(device, workload, rule, caller, fleet, out var held) is { } fault)
            return Task.FromResult(fault);
        // What is wished already, and perhaps not taken up yet, is what a change goes on from.
        var before = wishes.Of(held.View.Device, workload, rule).Wanted ?? RuleViews.Wanted(held.Rule);
        var errors = RuleChecks.Merge(change, before, out var wanted).Add(ETags.Read(context, out var version));
        return errors.Any
            ? Task.FromResult(Problems.BadRequest(errors))
            : PutAsync(held, wanted, version, fleet, views, wishes, desired, store, link, context);
    }

    private static Task<IResult> ResetAsync(
        string device, string workload, string rule, Caller caller, FleetState fleet, RuleViews views,
        RuleWishes wishes, DesiredStates desired, HubStore store, HubLink link, HttpContext context)
    {
        if (Find(device, workload, rule, caller, fleet, out var held) is { } fault)
            return Task.FromResult(fault);
        if (ETags.Read(context, out var version) is { } header)
            return Task.FromResult(Problems.BadRequest(header));
        if (wishes.Of(held.View.Device, workload, rule).Wanted is null)
            return Task.FromResult(Problems.NotFound(
                $"nothing is changed of {device}/{workload}/{rule}: it is as the device's configuration says"));
        return PutAsync(held, null, version, fleet, views, wishes, desired, store, link, context);
    }

    private static async Task<IResult> PutAsync(
        HeldRule held, DesiredRule? wanted, long? version, FleetState fleet, RuleViews views, RuleWishes wishes,
        DesiredStates desired, HubStore store, HubLink link, HttpContext context)
    {
        var (device, workload, rule) = (held.View.Device, held.Workload.Workload, held.Rule.Rule);
        var before = wishes.Of(device, workload, rule);
        // The wish and what the device shall run are one change.
        context.AuditNote().Once = true;
        context.AuditNote().Before = RuleViews.FiguresOf(before.Wanted ?? RuleViews.Wanted(held.Rule));
        if (wanted is not null)
            context.AuditNote().After = RuleViews.FiguresOf(wanted);
        if (wishes.Put(device, workload, rule, wanted, version) is not { } wish)
            return ETags.Differs($"{device}/{workload}/{rule}");
        // Retained by the broker: a device that is away takes it up when it is back.
        var state = desired.SetRules(held.View, workload);
        await link.PublishDesiredAsync(fleet.Tenant, device, state).ConfigureAwait(false);
        ETags.Set(context, wish.Version);
        return Tell(held, fleet, views, store);
    }

    private static IResult Tell(HeldRule held, FleetState fleet, RuleViews views, HubStore store) => Results.Json(
        views.Of(
            held.View, held.Workload, held.Rule,
            store.AlarmRules(fleet.Tenant).Where(
                one => one.Device == held.View.Device && one.Rule == held.Rule.Rule)),
        OperationsJson.Default.RuleView);

    private static IResult? Find(
        string device, string workload, string rule, Caller caller, FleetState fleet, out HeldRule held)
    {
        held = null!;
        if (fleet.Find(caller, device, out var view) is { } fault)
            return fault;
        if (view.State.Workloads.FirstOrDefault(known => known.Workload == workload) is not { } reported)
            return Problems.NotFound($"{view.Device} has no workload '{TextRules.Short(workload)}'");
        if (reported.Rules.FirstOrDefault(known => known.Rule == rule) is not { } found)
            return Problems.NotFound(
                $"{view.Device} reports no rule '{TextRules.Short(rule)}' of workload {workload}: rules are made in "
                + "the device's configuration, and an agent from before this version of the hub reports none until it is updated");
        held = new HeldRule(view, reported, found);
        return null;
    }

    private sealed record HeldRule(DeviceView View, ReportedWorkload Workload, ReportedRule Rule);
}
