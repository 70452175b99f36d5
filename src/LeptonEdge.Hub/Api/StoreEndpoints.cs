using LeptonEdge.Core.Records;
using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Configuration;
using LeptonEdge.Hub.Live;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Hub.Api.Common;
using LeptonEdge.Hub.Api.OpenApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LeptonEdge.Hub.Api;

/// <summary>What the store holds: channels, readings, alarms, gaps, plans of the past.</summary>
internal static class StoreEndpoints
{
    public static void MapStore(this RouteGroupBuilder group)
    {
        var api = group.MapGroup("").AddEndpointFilter<RouteGroupBuilder, StoreGate>();
        api.MapGet("/devices/{device}/channels", ListChannels)
            .Is("listDeviceChannels", Tags.Readings, "Channels that the store holds readings of.",
                "Sorted by channel, readings or lastMicros.").Gives<Page<StoredChannel>>();
        api.MapGet("/devices/{device}/channels/{channel}/readings", ReadReadings)
            .Is("readReadings", Tags.Readings, "Readings between two times, down-sampled to at most so many points.")
            .Gives<ReadingsResponse>();
        api.MapGet("/plan/history", ListPlans)
            .Is("listPlans", Tags.Plan, "Plans of the past, newest first.").Gives<Page<PlanResponse>>();
        api.MapGet("/gaps", ListGaps)
            .Is("listGaps", Tags.Store, "What is missing for good, and why, newest first.",
                "Shed by a full outbox, damaged, or left behind.").Gives<Page<GapView>>();
        api.MapGet("/quarantine", ListQuarantine)
            .Is("listQuarantine", Tags.Store, "Batches that the hub could not read, newest first, with the reason.")
            .Gives<Page<QuarantinedView>>();
        api.MapGet("/quarantine/{id:long}/sealed", ReadQuarantined)
            .Is("getQuarantinedBytes", Tags.Store, "The sealed bytes of a batch in quarantine, as they came.")
            .Produces<byte[]>(StatusCodes.Status200OK, "application/octet-stream");
    }

    private static readonly Listing<ChannelSummary> ChannelOrders = new(
        "channel", c => c.Channel.Value,
        ("channel", c => c.Channel.Value), ("readings", c => (double)c.Readings),
        ("lastMicros", c => (double)c.LastMicros));

    private static IResult ListChannels(
        string device, [AsParameters] ListQuery query, Caller caller, FleetState fleet, HubOptions options, HubStore store)
    {
        if (fleet.Name(caller, device, out var id) is { } fault)
            return fault;
        if (ChannelOrders.Read(query, $"channels {device}", out var order) is { } orderFault)
            return Problems.BadRequest(orderFault);
        return Results.Json(
            ChannelOrders.Take(store.Channels(options.Tenant, id), order, c =>
                new StoredChannel(c.Channel.Value, c.Readings, c.FirstMicros, c.LastMicros)),
            ApiJson.Default.PageStoredChannel);
    }

    private static IResult ReadReadings(
        string device, string channel, long? from, long? to, int? points, Caller caller, FleetState fleet,
        HubOptions options, HubStore store, TimeProvider clock)
    {
        if (fleet.Name(caller, device, out var id) is { } deviceFault)
            return deviceFault;
        if (RequestRange.Channel(channel, out var name) is { } channelFault)
            return Problems.BadRequest(channelFault);
        if (RequestRange.Readings(from, to, points, clock, out var range) is { } rangeFault)
            return Problems.BadRequest(rangeFault);
        var buckets = store.ReadBuckets(options.Tenant, id, name, range.From, range.To, range.Bucket).Select(b =>
            new ReadingPoint(
                b.StartMicros, Views.Finite(b.Min), Views.Finite(b.Max), Views.Finite(b.Mean), Views.Finite(b.Last),
                b.Count));
        return Results.Json(
            new ReadingsResponse(id.Value, name.Value, range.From, range.To, range.Bucket, [.. buckets]),
            ApiJson.Default.ReadingsResponse);
    }

    private static IResult ListPlans(
        [AsParameters] PageQuery query, Caller caller, FleetState fleet, PlanArchive archive)
    {
        const string Scope = "plans";
        return StoredPage.Read(query, Scope, out var page) is { } fault
            ? Problems.BadRequest(fault)
            : Results.Json(
                StoredPage.Of(
                    archive.History(page.Limit + 1, page.Before), page.Limit, Scope, plan => (long)plan.Plan.Version,
                    plan => Views.Of(plan).For(fleet, caller)),
                ApiJson.Default.PagePlanResponse);
    }

    private static IResult ListGaps(
        string? device, [AsParameters] PageQuery query, Caller caller, FleetState fleet, HubOptions options, HubStore store)
    {
        var scope = $"gaps {device}";
        if ((Filter(device, caller, fleet, options, out var filter) ?? StoredPage.Read(query, scope, out _)) is { } fault)
            return Problems.BadRequest(fault);
        StoredPage.Read(query, scope, out var page);
        var found = store.Gaps(filter with { BeforeId = page.Before }, page.Limit + 1);
        return Results.Json(
            StoredPage.Of(found, page.Limit, scope, g => g.Id, g => new GapView(
                g.Device.Value, Name(g.Gap.Class), g.Gap.FirstSequence, g.Gap.LastSequence, g.Gap.Records,
                g.Gap.TimeMicros, g.Gap.Reason)),
            ApiJson.Default.PageGapView);
    }

    private static IResult ListQuarantine(
        string? device, [AsParameters] PageQuery query, Caller caller, FleetState fleet, HubOptions options, HubStore store)
    {
        var scope = $"quarantine {device}";
        if ((Filter(device, caller, fleet, options, out var filter) ?? StoredPage.Read(query, scope, out _)) is { } fault)
            return Problems.BadRequest(fault);
        StoredPage.Read(query, scope, out var page);
        var found = store.Quarantined(filter with { BeforeId = page.Before }, page.Limit + 1);
        return Results.Json(
            StoredPage.Of(found, page.Limit, scope, b => b.Id, b => new QuarantinedView(
                b.Id, b.Device.Value, b.Epoch.ToString("x16"), b.FirstSequence, b.Sequence, b.Reason, b.SealedBytes,
                b.Kept, b.ReceivedMicros)),
            ApiJson.Default.PageQuarantinedView);
    }

    private static string? Filter(
        string? device, Caller caller, FleetState fleet, HubOptions options, out RecordFilter filter)
    {
        filter = new RecordFilter
        {
            Tenant = options.Tenant, Sees = caller.Sites is null ? null : id => fleet.Sees(caller, id),
        };
        if (device is null)
            return null;
        var fault = RequestRange.Device(device, out var id);
        filter = filter with { Device = id };
        return fault;
    }

    private static IResult ReadQuarantined(long id, Caller caller, HubOptions options, HubStore store) =>
        caller.Sites is null && store.QuarantinedBytes(id, options.Tenant) is { } bytes
            ? Results.Bytes(bytes, "application/octet-stream", $"batch-{id}.sealed")
            : Problems.NotFound($"no bytes are kept of a batch {id} in quarantine");

    private static string Name(RecordClass kind) => kind.ToString().ToLowerInvariant();
}
