using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Hub.Api.Common;
using LeptonEdge.Hub.Api.OpenApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LeptonEdge.Hub.Api;

/// <summary>The plan in force, why it is so, and how it came about.</summary>
internal static class PlanEndpoints
{
    public static void MapPlan(this RouteGroupBuilder group)
    {
        group.MapGet("/plan", (PlanHolder plans, FleetState fleet, Caller caller) =>
            Results.Json(Views.Of(plans.Current).For(fleet, caller), ApiJson.Default.PlanResponse))
            .Is("getPlan", Tags.Plan, "The plan in force, why each workload is where it is, and the latest moves.")
            .Gives<PlanResponse>();
        group.MapGet("/plan/devices", ListDevices)
            .Is("listPlanDevices", Tags.Plan,
                "What the planner thinks of each device: down, drained, not believed; with the age of its figures.",
                "Sorted by device.").Gives<PlanDeviceList>();
        group.MapGet("/plan/workloads/{device}/{workload}", Explain)
            .Is("explainPlacement", Tags.Plan,
                "Why a workload is where it is, every other place, and what would have to change.")
            .Gives<ExplanationView>();
        var api = group.MapGroup("/plan/decisions").AddEndpointFilter<RouteGroupBuilder, StoreGate>();
        api.MapGet("", ListDecisions)
            .Is("listDecisions", Tags.Plan, "Past plans with the moves that led to each, newest first.")
            .Gives<Page<DecisionView>>();
        api.MapPost("/{version}/recompute", Recompute).NeedsAllSites()
            .Is("recomputeDecision", Tags.Plan, "Decides again from the inputs that a past plan was decided from.")
            .Gives<RecomputedView>().Fails(StatusCodes.Status409Conflict);
    }

    private static readonly Listing<PlanDeviceView> DeviceOrders =
        new("device", d => d.Device, ("device", d => d.Device));

    private static IResult ListDevices(
        [AsParameters] ListQuery query, Caller caller, FleetState fleet, PlanDesk desk)
    {
        if (DeviceOrders.Read(query, "plan devices", out var order) is { } fault)
            return Problems.BadRequest(fault);
        var page = DeviceOrders.Take(
            desk.Devices.Where(d => PlanSight.Sees(fleet, caller, d.Device)).Select(PlanViews.Of), order, d => d);
        return Results.Json(
            new PlanDeviceList(page.Items, page.Next, desk.Faults), ApiJson.Default.PlanDeviceList);
    }

    private static IResult Explain(
        string device, string workload, Caller caller, FleetState fleet, PlanDesk desk) =>
        PlanSight.Sees(fleet, caller, device) && desk.Explain(device, workload) is { } explanation
            ? Results.Json(PlanViews.Of(explanation), ApiJson.Default.ExplanationView)
            : Problems.NotFound(
                $"the plan knows no workload '{workload}' of device '{device}'; GET /api/v1/plan lists those that it knows");

    private static IResult ListDecisions(
        [AsParameters] PageQuery query, Caller caller, FleetState fleet, PlanArchive archive)
    {
        const string Scope = "decisions";
        if (StoredPage.Read(query, Scope, out var page) is { } fault)
            return Problems.BadRequest(fault);
        var kept = archive.Decisions(DecisionQueries.DecisionsMax);
        return Results.Json(
            StoredPage.Of(
                archive.History(page.Limit + 1, page.Before), page.Limit, Scope, plan => (long)plan.Plan.Version,
                plan => PlanViews.Of(plan, kept.Contains(plan.Plan.Version)).For(fleet, caller)),
            ApiJson.Default.PageDecisionView);
    }

    private static IResult Recompute(string version, PlanDesk desk, PlanArchive archive)
    {
        if (!ulong.TryParse(version, out var number))
            return Problems.BadRequest($"version: '{version}' is no whole number");
        try
        {
            return archive.Decision(number) is { } decision
                ? Results.Json(
                    PlanViews.Of(number, decision, desk.Recompute(decision.Inputs)), ApiJson.Default.RecomputedView)
                : Problems.NotFound(
                    $"no decision of plan {number} is kept: it moved nothing, or it is too old; "
                    + "GET /api/v1/plan/decisions says which are");
        }
        catch (InvalidDataException damage)
        {
            return Problems.Conflict($"the decision of plan {number} cannot be read: {damage.Message}");
        }
    }
}
