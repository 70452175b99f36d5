using System.ComponentModel;
using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Api.Alarms;
using LeptonEdge.Hub.Api.Common;
using LeptonEdge.Hub.Api.OpenApi;
using LeptonEdge.Hub.Audit;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Storage.Hubs.Alarms;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace LeptonEdge.Hub.Api.Devices;

/// <summary>Devices: the list, each of them, and what people write about them.</summary>
internal static class DeviceEndpoints
{
    private const int AlarmsMax = 200;

    private static readonly Listing<DeviceView> Orders = new(
        "device", view => view.Device.Value,
        ("device", view => view.Device.Value), ("site", view => view.State.Site),
        ("board", view => view.State.Board), ("agentVersion", view => view.State.AgentVersion),
        ("lastSeenMicros", view => (double)view.LastSeenMicros), ("cpuLoad", view => view.State.CpuLoad),
        ("laneUtilisation", view => view.State.LaneUtilisation), ("hubRttSeconds", view => view.State.HubRttSeconds),
        ("memoryUsedBytes", view => (double)view.State.MemoryUsedBytes),
        ("channels", view => (double)view.State.Channels.Count),
        ("workloads", view => (double)view.State.Workloads.Count),
        ("backlogRecords", view => (double)(view.State.Backlog?.Records ?? 0)),
        ("startedMicros", view => (double)view.State.StartedMicros),
        ("temperatureCelsius", view => view.State.HasTemperatureCelsius ? view.State.TemperatureCelsius : double.NaN),
        ("freeBytes", view => view.State.Storage?.FreeBytes ?? double.NaN));

    internal readonly record struct Query
    {
        [FromQuery(Name = "online")]
        [Description("true for those that reported lately, false for the others.")]
        public bool? Online { get; init; }

        [FromQuery(Name = "site")]
        [Description("Only of this site.")]
        public string? Site { get; init; }

        [FromQuery(Name = "board")]
        [Description("Only on this board.")]
        public string? Board { get; init; }

        [FromQuery(Name = "agentVersion")]
        [Description("Only with this version of the agent.")]
        public string? AgentVersion { get; init; }

        [FromQuery(Name = "tag")]
        [Description("Only with this tag.")]
        public string? Tag { get; init; }

        [FromQuery(Name = "text")]
        [Description("Only with this text in name, site, board, tags or note, in any case of letters.")]
        public string? Text { get; init; }

        public DeviceFilter ToFilter() => new(Online, Site, Board, AgentVersion, Tag, Text);
    }

    public static void MapDevices(this RouteGroupBuilder api)
    {
        api.MapGet("/devices", List)
            .Is("listDevices", Tags.Devices, "Devices as they last reported themselves.",
                "Sorted by device, site, board, agentVersion, lastSeenMicros, cpuLoad, laneUtilisation, hubRttSeconds, "
                + "memoryUsedBytes, channels, workloads, backlogRecords, startedMicros, temperatureCelsius or freeBytes.")
            .Gives<Page<DeviceSummary>>();
        api.MapGet("/devices/{device}", Show)
            .Is("getDevice", Tags.Devices, "One device: reported, desired, health, inventory, channels, workloads, alarms.",
                "Its ETag stands for what people wrote about it: tags, note and position.").Gives<DeviceDetail>();
        api.MapPatch("/devices/{device}", Change).Audited("device.change")
            .Is("changeDevice", Tags.Devices, "Changes tags, note or place of a device.").Gives<DeviceSummary>()
            .Fails(StatusCodes.Status412PreconditionFailed);
        api.MapPost("/devices/bulk", DeviceBulkEndpoint.RunAsync).Audited("device.bulk")
            .Is("changeDevices", Tags.Devices,
                "Tags, drains or sets the model of many devices; each tells what became of it.").Gives<BulkResult>();
    }

    public static FieldErrors? Check(DeviceFilter filter, string prefix = "")
    {
        var errors = new FieldErrors();
        foreach (var (field, text) in ((string, string?)[])
            [("site", filter.Site), ("board", filter.Board), ("agentVersion", filter.AgentVersion), ("tag", filter.Tag),
            ("text", filter.Text)])
            errors.Add(TextRules.Text(prefix + field, text, TextRules.FilterMax));
        return errors.Any ? errors : null;
    }

    private static IResult List(
        [AsParameters] Query query, [AsParameters] ListQuery paging, Caller caller, FleetState fleet, DeviceViews views)
    {
        var filter = query.ToFilter();
        if (Check(filter) is { } errors)
            return Problems.BadRequest(errors);
        if (Orders.Read(paging, $"devices {filter}", out var order) is { } fault)
            return Problems.BadRequest(fault);
        var alive = views.AliveAfterMicros;
        return Results.Json(
            Orders.Take(
                fleet.Seen(caller).Where(view => views.Matches(view, filter, alive)), order,
                view => views.Summary(view, view.LastSeenMicros >= alive)),
            ApiJson.Default.PageDeviceSummary);
    }

    private static IResult Show(
        string device, Caller caller, FleetState fleet, DeviceViews views, DeviceNotes notes, HubStore store,
        PlanHolder plans, HttpContext context)
    {
        if (fleet.Find(caller, device, out var view) is { } fault)
            return fault;
        var active = store.AlarmStates(new AlarmFilter(fleet.Tenant) { Device = view.Device, Active = true }, AlarmsMax);
        var online = views.IsOnline(view);
        ETags.Set(context, notes.Of(view.Device).Version);
        return Results.Json(
            new DeviceDetail(
                views.Summary(view, online), [.. view.State.Channels.Select(Views.Of)],
                [.. FleetEndpoints.WorkloadsOf(view, plans.Current)],
                [.. active.Select(alarm => AlarmViews.Of(alarm, fleet))], views.Desired(view),
                views.Health(view, online, active.Count),
                DeviceViews.Inventory(view, store.Device(fleet.Tenant, view.Device))),
            ApiJson.Default.DeviceDetail);
    }

    private static IResult Change(
        string device, DevicePatch patch, Caller caller, FleetState fleet, DeviceViews views, DeviceNotes notes,
        HttpContext context)
    {
        if (fleet.Find(caller, device, out var view) is { } fault)
            return fault;
        var errors = new FieldErrors().Add(ETags.Read(context, out var version))
            .Add(TextRules.Tags("tags", patch.Tags)).Add(TextRules.Text("note", patch.Note, TextRules.NoteMax));
        if (patch.Position is { } at && !(at.X is >= 0 and <= 1 && at.Y is >= 0 and <= 1))
            errors.Add("position", "give x and y within 0 to 1");
        if (errors.Any)
            return Problems.BadRequest(errors);
        var after = notes.Change(view.Device, version, context.AuditNote(), note => note with
        {
            Tags = patch.Tags is null ? note.Tags : [.. patch.Tags.Distinct().Order(StringComparer.Ordinal)],
            Note = patch.Note ?? note.Note, Position = patch.Position ?? note.Position,
        });
        if (after is null)
            return ETags.Differs(device);
        ETags.Set(context, after.Version);
        return Results.Json(views.Summary(view, views.IsOnline(view)), ApiJson.Default.DeviceSummary);
    }
}
