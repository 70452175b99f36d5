using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Api.OpenApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LeptonEdge.Hub.Api.Status;

/// <summary><c>GET /api/v1/hub</c>.</summary>
internal static class HubEndpoints
{
    public static void MapHub(this RouteGroupBuilder group)
    {
        var api = group.MapGroup("/hub").AddEndpointFilter<RouteGroupBuilder, StoreGate>();
        api.MapGet("", (HubStates hub, Caller caller) => Results.Json(hub.Of(caller), OperationsJson.Default.HubView))
            .Is("getHub", Tags.Fleet, "How the hub and its fleet do, in short.",
                "The live topic hub tells the same as it changes, at most once a second. Callers who see some sites are told of "
                + "their devices; what cannot be told of a part is null for them.").Gives<HubView>();
        api.MapGet("/trend", (HubTrend trend) => Results.Json(trend.View(), OperationsJson.Default.HubTrendView))
            .NeedsAllSites()
            .Is("getHubTrend", Tags.Fleet, "The last hour of the fleet's figures.",
                "It is kept in memory, and begins when the hub starts.").Gives<HubTrendView>();
    }
}
