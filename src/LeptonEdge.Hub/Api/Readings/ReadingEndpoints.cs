using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Api.Common;
using LeptonEdge.Hub.Api.OpenApi;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Storage.Hubs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace LeptonEdge.Hub.Api.Readings;

/// <summary>The newest readings of many channels, and readings as they were measured.</summary>
internal static class ReadingEndpoints
{
    public static void MapReadings(this RouteGroupBuilder group)
    {
        var api = group.MapGroup("").AddEndpointFilter<RouteGroupBuilder, StoreGate>();
        api.MapGet("/readings/latest", Latest)
            .Is("listLatestReadings", Tags.Readings, "The newest readings of at most 200 channels in one call.")
            .Gives<LatestReadings>();
        api.MapGet("/devices/{device}/channels/{channel}/readings/export", ExportAsync)
            .Is("exportReadings", Tags.Readings, "Readings as they were measured, as CSV or JSON lines, oldest first.",
                "At most `rows` of them; the last line says in a comment, or a field `next`, where to go on.")
            .Produces<string>(StatusCodes.Status200OK, "text/csv", "application/jsonl");
    }

    private static IResult Latest(
        [FromQuery(Name = "channel")] string[] channels, Caller caller, FleetState fleet, HubStore store)
    {
        if (ChannelNames.Read("channel", channels, out var names) is { } fault)
            return Problems.BadRequest(fault);
        if (names.Count == 0)
            return Problems.BadRequest("channel: give at least one, as DEVICE/CHANNEL");
        var seen = names.Where(name => fleet.Sees(caller, name.Device)).ToHashSet();
        var found = store.LatestReadings(fleet.Tenant, [.. seen]);
        return Results.Json(
            new LatestReadings([.. names.Select(name => found.TryGetValue(name, out var reading)
                ? new LatestReading(
                    name.Device.Value, name.Channel.Value, reading.TimeMicros, Views.Finite(reading.Value))
                : new LatestReading(name.Device.Value, name.Channel.Value, null, null))]),
            OperationsJson.Default.LatestReadings);
    }

    private static async Task<IResult> ExportAsync(
        string device, string channel, long? from, long? to, string? format, int? rows, Caller caller, FleetState fleet,
        HubStore store, TimeProvider clock, HttpContext context)
    {
        if (fleet.Name(caller, device, out var id) is { } unknown)
            return unknown;
        var errors = new FieldErrors().Add(RequestRange.Channel(channel, out var name))
            .Add(RequestRange.Times(from, to, TimeSpan.FromHours(1), clock, out var range));
        if (format is not (null or "csv" or "jsonl"))
            errors.Add("format", "give csv or jsonl");
        if (rows is < 1 or > ReadingExport.RowsMax)
            errors.Add("rows", $"give 1 to {ReadingExport.RowsMax}");
        if (errors.Any)
            return Problems.BadRequest(errors);
        var export = new ReadingExport(store, fleet.Tenant, id, name, range, rows ?? ReadingExport.RowsMax);
        await export.WriteAsync(context, format is "jsonl").ConfigureAwait(false);
        return Results.Empty;
    }
}
