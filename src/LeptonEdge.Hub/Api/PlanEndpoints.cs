using LeptonEdge.Hub.Planning;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LeptonEdge.Hub.Api;

/// <summary>The plan in force, why it is so, and how it came about.</summary>
internal static class PlanEndpoints
{
    public static void MapPlan(this RouteGroupBuilder group)
    {
        group.MapGet("/plan", (PlanHolder plans) => Results.Json(Views.Of(plans.Current), ApiJson.Default.PlanResponse))
            .Produces<PlanResponse>()
            .WithSummary("The plan in force, why each workload is where it is, and the latest moves.");
        group.MapGet("/plan/devices", (PlanDesk desk) => Results.Json(
            new PlanDeviceList([.. desk.Devices.Select(PlanViews.Of)], desk.Faults), ApiJson.Default.PlanDeviceList))
            .Produces<PlanDeviceList>()
            .WithSummary("What the planner thinks of each device: down, drained, not believed; with the age of its figures.");
        group.MapGet("/plan/workloads/{device}/{workload}", Explain).Produces<ExplanationView>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Why a workload is where it is, every other place, and what would have to change.");
        var api = group.MapGroup("/plan/decisions").AddEndpointFilter<RouteGroupBuilder, StoreGate>();
        api.MapGet("", ListDecisions).Produces<DecisionList>().ProducesProblem(StatusCodes.Status400BadRequest)
            .WithSummary("Past plans with the moves that led to each, newest first.");
        api.MapPost("/{version}/recompute", Recompute).Produces<RecomputedView>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Decides again from the inputs that a past plan was decided from.");
    }

    private static IResult Explain(string device, string workload, PlanDesk desk) =>
        desk.Explain(device, workload) is { } explanation
            ? Results.Json(PlanViews.Of(explanation), ApiJson.Default.ExplanationView)
            : Problems.NotFound(
                $"the plan knows no workload '{workload}' of device '{device}'; GET /api/v1/plan lists those that it knows");

    private static IResult ListDecisions(int? limit, PlanArchive archive)
    {
        if (RequestRange.Limit(limit, out var count) is { } fault)
            return Problems.BadRequest(fault);
        var kept = archive.Decisions(count);
        return Results.Json(
            new DecisionList([.. archive.History(count)
                .Select(plan => PlanViews.Of(plan, kept.Contains(plan.Plan.Version)))]),
            ApiJson.Default.DecisionList);
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
