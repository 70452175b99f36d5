using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Configuration;
using LeptonEdge.Hub.Metering;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Hub.Api.Common;
using LeptonEdge.Hub.Api.OpenApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LeptonEdge.Hub.Api;

/// <summary>What was used, and what it costs.</summary>
internal static class UsageEndpoints
{
    private static readonly TimeSpan SpanStandard = TimeSpan.FromHours(24);

    public static void MapUsage(this RouteGroupBuilder group)
    {
        var api = group.MapGroup("").AddEndpointFilter<RouteGroupBuilder, StoreGate>();
        api.MapGet("/usage", Read)
            .Is("getUsage", Tags.Usage, "What was used between two times; standard: the last 24 hours.",
                "Summed by=device (standard), tenant, site, workload, model or node, or several of them: by=device,model. "
                + "One of minute (of at most two days), hour and day before these sums each of these times by itself: "
                + "by=day,site; at most 1,500 of them.")
            .Gives<UsageResponse>();
        api.MapGet("/prices", (HubOptions options) => Results.Json(Views.Of(options.Prices), ApiJson.Default.PriceView))
            .Is("getPrices", Tags.Usage, "What work costs, where.").Gives<PriceView>();
    }

    private static IResult Read(
        long? from, long? to, string? by, string? device, string? workload, string? model, HubOptions options,
        HubStore store, FleetState fleet, TimeProvider clock, Caller caller)
    {
        if (RequestRange.Times(from, to, SpanStandard, clock, out var range) is { } rangeFault)
            return Problems.BadRequest(rangeFault);
        if (UsageGrouping.Parse(by ?? "device", out var grouping) is { } byFault)
            return Problems.BadRequest(byFault);
        if (grouping.Check(range.From, range.To) is { } tooMany)
            return Problems.BadRequest(tooMany);
        var filter = new MeterFilter(range.From, range.To)
        {
            Tenant = options.Tenant, Workload = workload, Model = model, Step = grouping.Step,
        };
        if (device is not null)
        {
            if (RequestRange.Device(device, out var id) is { } named)
                return Problems.BadRequest(named);
            filter = filter with { Device = id };
        }

        var reading = store.ReadMeters(filter);
        if (caller.Sites is not null)
            reading = reading with
            {
                Sums = [.. reading.Sums.Where(sum => sum.Device is { } known && fleet.Sees(caller, known))],
            };
        var bill = UsageBill.Of(reading, grouping, options, fleet);
        return Results.Json(bill, ApiJson.Default.UsageResponse);
    }
}
