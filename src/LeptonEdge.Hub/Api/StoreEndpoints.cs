using LeptonEdge.Core.Records;
using LeptonEdge.Hub.Configuration;
using LeptonEdge.Hub.Live;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Storage.Hubs;
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
        api.MapGet("/devices/{device}/channels", ListChannels).Produces<ChannelList>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .WithSummary("Channels that the store holds readings of.");
        api.MapGet("/devices/{device}/channels/{channel}/readings", ReadReadings)
            .Produces<ReadingsResponse>().ProducesProblem(StatusCodes.Status400BadRequest)
            .WithSummary(
                "Readings between two times (microseconds since 1970), down-sampled to at most so many points.");
        api.MapGet("/alarms", ListAlarms).Produces<AlarmList>().ProducesProblem(StatusCodes.Status400BadRequest)
            .WithSummary("Alarms: state=active (standard) for those raised now, state=all for events, newest first.");
        api.MapGet("/plan/history", ListPlans).Produces<PlanHistory>().ProducesProblem(StatusCodes.Status400BadRequest)
            .WithSummary("Plans of the past, newest first.");
        api.MapGet("/gaps", ListGaps).Produces<GapList>().ProducesProblem(StatusCodes.Status400BadRequest)
            .WithSummary("What is missing for good, and why: shed by a full outbox, damaged, or left behind.");
        api.MapGet("/quarantine", ListQuarantine).Produces<QuarantineList>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .WithSummary("Batches that the hub could not read, newest first, with the reason.");
        api.MapGet("/quarantine/{id}/sealed", ReadQuarantined).Produces(StatusCodes.Status200OK)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("The sealed bytes of a batch in quarantine, as they came.");
    }

    private static IResult ListChannels(string device, HubOptions options, HubStore store)
    {
        if (RequestRange.Device(device, out var id) is { } fault)
            return Problems.BadRequest(fault);
        var channels = store.Channels(options.Tenant, id).Take(RequestRange.LimitMax)
            .Select(c => new StoredChannel(c.Channel.Value, c.Readings, c.FirstMicros, c.LastMicros));
        return Results.Json(new ChannelList([.. channels]), ApiJson.Default.ChannelList);
    }

    private static IResult ReadReadings(
        string device, string channel, long? from, long? to, int? points, HubOptions options, HubStore store,
        TimeProvider clock)
    {
        if (RequestRange.Device(device, out var id) is { } deviceFault)
            return Problems.BadRequest(deviceFault);
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

    private static IResult ListAlarms(
        string? state, string? device, int? limit, HubOptions options, HubStore store, AlarmBoard board)
    {
        if (RequestRange.Limit(limit, out var count) is { } fault)
            return Problems.BadRequest(fault);
        Core.Identity.DeviceId? only = null;
        if (device is not null)
        {
            if (RequestRange.Device(device, out var id) is { } named)
                return Problems.BadRequest(named);
            only = id;
        }

        IEnumerable<AlarmView>? found = state switch
        {
            null or "active" => board.Active.Where(a => only is null || a.Key.Device == only)
                .Select(a => Views.Of(a.Key.Device, a.Value)).OrderByDescending(a => a.TimeMicros).Take(count),
            "all" => store.Alarms(new RecordFilter { Tenant = options.Tenant, Device = only }, count)
                .Select(a => Views.Of(a.Device, a.Event)),
            _ => null,
        };
        return found is null
            ? Problems.BadRequest($"state: '{state}' must be 'active' or 'all'")
            : Results.Json(new AlarmList([.. found]), ApiJson.Default.AlarmList);
    }

    private static IResult ListPlans(int? limit, HubOptions options, HubStore store)
    {
        if (RequestRange.Limit(limit, out var count) is { } fault)
            return Problems.BadRequest(fault);
        var plans = store.Plans(options.Tenant, count).Select(plan => Views.Of(PlanRecord.FromBytes(plan.Content)));
        return Results.Json(new PlanHistory([.. plans]), ApiJson.Default.PlanHistory);
    }

    private static IResult ListGaps(int? limit, HubOptions options, HubStore store)
    {
        if (RequestRange.Limit(limit, out var count) is { } fault)
            return Problems.BadRequest(fault);
        var gaps = store.Gaps(new RecordFilter { Tenant = options.Tenant }, count).Select(g => new GapView(
            g.Device.Value, Name(g.Gap.Class), g.Gap.FirstSequence, g.Gap.LastSequence, g.Gap.Records, g.Gap.TimeMicros,
            g.Gap.Reason));
        return Results.Json(new GapList([.. gaps]), ApiJson.Default.GapList);
    }

    private static IResult ListQuarantine(string? device, int? limit, HubOptions options, HubStore store)
    {
        if (RequestRange.Limit(limit, out var count) is { } fault)
            return Problems.BadRequest(fault);
        var filter = new RecordFilter { Tenant = options.Tenant };
        if (device is not null)
        {
            if (RequestRange.Device(device, out var id) is { } named)
                return Problems.BadRequest(named);
            filter = filter with { Device = id };
        }

        var batches = store.Quarantined(filter, count).Select(b => new QuarantinedView(
            b.Id, b.Device.Value, b.Epoch.ToString("x16"), b.FirstSequence, b.Sequence, b.Reason, b.SealedBytes, b.Kept,
            b.ReceivedMicros));
        return Results.Json(new QuarantineList([.. batches]), ApiJson.Default.QuarantineList);
    }

    private static IResult ReadQuarantined(long id, HubOptions options, HubStore store) =>
        store.QuarantinedBytes(id, options.Tenant) is { } bytes
            ? Results.Bytes(bytes, "application/octet-stream", $"batch-{id}.sealed")
            : Problems.NotFound($"no bytes are kept of a batch {id} in quarantine");

    private static string Name(RecordClass kind) => kind.ToString().ToLowerInvariant();
}
