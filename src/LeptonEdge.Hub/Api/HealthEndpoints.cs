using LeptonEdge.Core.Metrics;
using LeptonEdge.Hub.Metrics;
using LeptonEdge.Serving.Models;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Sync.Hubs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LeptonEdge.Hub.Api;

/// <summary><c>/healthz</c>, <c>/readyz</c> and <c>/metrics</c>.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", () => Results.Text("ok\n")).WithMetadata(new AccessRule(Access.Open))
            .WithSummary("The process is up.");
        routes.MapGet("/readyz", Ready).WithMetadata(new AccessRule(Access.Open))
            .WithSummary("The hub takes batches and plans; else 503, and what it waits for.");
        routes.MapGet("/metrics", (MetricsPage page) => Results.Bytes(page.Write(), PrometheusText.ContentType))
            .WithMetadata(new AccessRule(Access.OpenOnLoopback)).ExcludeFromDescription();
    }

    private static IResult Ready(HubLink link, PlanningService planning, ModelRepository models, HttpContext context)
    {
        var waiting = new List<string>();
        if (link.StoreDown)
        {
            waiting.Add("the store, which is full or does not work; the log says why");
            Problems.RetryAfter(context, link.StoreRetryAfter);
        }

        if (!link.Connected)
            waiting.Add("the link to the broker");
        if (planning.Rounds == 0)
            waiting.Add("the first plan");
        if (models.Failed > 0)
            waiting.Add($"{models.Failed} models that could not be loaded; the log says why");
        var ready = waiting.Count == 0;
        return Results.Json(
            new ReadyResponse(ready, waiting), ApiJson.Default.ReadyResponse,
            statusCode: ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}
