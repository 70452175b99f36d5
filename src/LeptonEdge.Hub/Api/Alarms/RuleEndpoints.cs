using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Api.Common;
using LeptonEdge.Hub.Api.OpenApi;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Storage.Hubs.Alarms;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LeptonEdge.Hub.Api.Alarms;

/// <summary>Alarm rules, as far as the hub knows them: those that have raised alarms. Devices hold the rules
/// themselves.</summary>
internal static class RuleEndpoints
{
    private static readonly Listing<RuleView> Orders = new(
        "device", rule => $"{rule.Device}/{rule.Rule}/{rule.Channel}",
        ("device", rule => rule.Device), ("rule", rule => rule.Rule), ("alarms", rule => (double)rule.Alarms),
        ("lastMicros", rule => (double)rule.LastMicros));

    public static void MapRules(this RouteGroupBuilder group) => group.MapGroup("")
        .AddEndpointFilter<RouteGroupBuilder, StoreGate>().MapGet("/rules", List)
        .Is("listRules", Tags.Alarms, "Alarm rules that have raised alarms, as their devices named them.",
            "Rules live in the configuration of devices. Sorted by device, rule, alarms or lastMicros.")
        .Gives<Page<RuleView>>();

    private static IResult List(
        string? device, [AsParameters] ListQuery query, Caller caller, FleetState fleet, HubStore store)
    {
        if (device is not null && RequestRange.Device(device, out _) is { } named)
            return Problems.BadRequest(named);
        if (Orders.Read(query, $"rules {device}", out var order) is { } fault)
            return Problems.BadRequest(fault);
        var rules = store.AlarmRules(fleet.Tenant)
            .Where(rule => (device is null || rule.Device.Value == device) && fleet.Sees(caller, rule.Device))
            .Select(rule => new RuleView(
                rule.Device.Value, fleet.Find(rule.Device)?.State.Site ?? "", rule.Rule, rule.Channel.Value,
                AlarmViews.Name(rule.Severity), rule.Alarms, rule.Active, rule.LastMicros, rule.Message));
        return Results.Json(Orders.Take(rules, order, rule => rule), OperationsJson.Default.PageRuleView);
    }
}
