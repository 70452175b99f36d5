using System.ComponentModel;
using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Api.Common;
using LeptonEdge.Hub.Api.OpenApi;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Placement.Planning;
using LeptonEdge.Storage.Hubs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace LeptonEdge.Hub.Api;

/// <summary><c>GET /api/v1/plan/moves</c>: what moved, when and why.</summary>
internal static class PlanMoveEndpoints
{
    private static readonly string[] Causes =
        [.. Enum.GetNames<MoveCause>().Select(name => name.ToLowerInvariant())];

    internal readonly record struct Query
    {
        [FromQuery(Name = "sinceMicros")]
        [Description("Decided at this time or later, microseconds since 1970-01-01 UTC.")]
        public long? Since { get; init; }

        [FromQuery(Name = "untilMicros")]
        [Description("Decided before this time, microseconds since 1970-01-01 UTC.")]
        public long? Until { get; init; }

        [FromQuery(Name = "device")]
        [Description("Only workloads of this device.")]
        public string? Device { get; init; }

        [FromQuery(Name = "workload")]
        [Description("Only workloads of this name.")]
        public string? Workload { get; init; }

        [FromQuery(Name = "cause")]
        [Description("Only those of this cause, such as gain, threatened, pinned or drained.")]
        public string? Cause { get; init; }
    }

    public static void MapPlanMoves(this RouteGroupBuilder group) => group.MapGroup("/plan/moves")
        .AddEndpointFilter<RouteGroupBuilder, StoreGate>().MapGet("", List)
        .Is("listMoves", Tags.Plan, "What moved, when and why, the newest first.",
            "The newest million moves are kept, with their causes: gain, recovery, threatened, missed, late, linklost, "
            + "nodedown, pinned, drained, yields and refused.").Gives<Page<MoveView>>();

    private static IResult List(
        [AsParameters] Query query, [AsParameters] PageQuery paging, Caller caller, FleetState fleet, HubStore store)
    {
        var scope = $"moves {query}";
        var errors = new FieldErrors().Add(StoredPage.ReadByTime(paging, scope, out var page))
            .Add(RequestRange.Span("sinceMicros", query.Since, "untilMicros", query.Until))
            .Add(query.Device is { } named ? RequestRange.Device(named, out _) : null)
            .Add(TextRules.Text("workload", query.Workload, TextRules.FilterMax));
        if (query.Cause is { } cause && !Causes.Contains(cause))
            errors.Add("cause", $"give one of {string.Join(", ", Causes)}");
        if (errors.Any)
            return Problems.BadRequest(errors);
        var filter = new MoveFilter(fleet.Tenant)
        {
            Device = query.Device, Workload = query.Workload, Cause = query.Cause, FromMicros = query.Since ?? long.MinValue,
            ToMicros = query.Until ?? long.MaxValue, BeforeMicros = page.BeforeMicros, BeforeId = page.BeforeId,
            Devices = fleet.SetFor(caller),
        };
        return Results.Json(
            StoredPage.Of(
                store.Moves(filter, page.Limit + 1), page.Limit, scope, move => move.Id, Views.Of, move => move.TimeMicros),
            OperationsJson.Default.PageMoveView);
    }
}
