using LeptonEdge.Core.Identity;
using LeptonEdge.Hub.Audit;
using LeptonEdge.Hub.Live;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Sync.Hubs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LeptonEdge.Hub.Api;

/// <summary>What the fleet is and does now: summary, devices, workloads, plan, and commands to devices.</summary>
internal static class FleetEndpoints
{
    public static void MapFleet(this IEndpointRouteBuilder api)
    {
        api.MapGet("/summary", (SummaryService summary) => summary.Build())
            .WithSummary("The whole fleet at a glance, one row per channel and workload.");
        api.MapGet("/devices", ListDevices)
            .WithSummary("Devices as they last reported themselves, by name.");
        api.MapGet("/devices/{device}", ShowDevice).Produces<DeviceDetail>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("One device: channels, workloads, active alarms.");
        api.MapGet("/workloads", ListWorkloads)
            .WithSummary("Every workload, where it runs, where the plan wants it, and how quick it is.");
        api.MapPost("/devices/{device}/workloads/{workload}/model", SetModelAsync).Audited("workload.model")
            .Produces(StatusCodes.Status202Accepted)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Wants a device to run one of its own models in a workload, from its next window on.");
        api.MapPost("/devices/{device}/commands/load-drill", LoadDrillAsync).Audited("device.load-drill")
            .Produces<CommandAccepted>(StatusCodes.Status202Accepted)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .WithSummary("Occupies the device's inference lane with real inferences, to rehearse an overload.");
    }

    private static async Task<IResult> SetModelAsync(
        string device, string workload, SetModelRequest wish, FleetState fleet, DesiredStates desired, HubLink link)
    {
        if (RequestRange.Device(device, out var id) is { } fault)
            return Problems.BadRequest(fault);
        if (fleet.Find(id) is not { } view)
            return Unknown(id);
        if (view.State.Workloads.All(known => known.Workload != workload))
            return Problems.NotFound($"{id} has no workload '{workload}'");
        ModelReference? model;
        try
        {
            model = wish.Model.Length == 0 ? null : ModelReference.Parse(wish.Model);
        }
        catch (FormatException e)
        {
            return Problems.BadRequest($"model: {e.Message}");
        }

        // Retained by the broker: a device that is away takes it up when it is back.
        await link.PublishDesiredAsync(fleet.Tenant, id, desired.SetModel(view, workload, model));
        return Results.Accepted();
    }

    private static IResult ListDevices(
        FleetState fleet, SummaryService summary, AlarmBoard alarms, int? limit, string? after)
    {
        if (RequestRange.Limit(limit, out var count) is { } fault)
            return Problems.BadRequest(fault);
        var page = fleet.Devices
            .OrderBy(view => view.Device)
            .Where(view => after is null || string.CompareOrdinal(view.Device.Value, after) > 0)
            .Take(count)
            .Select(view =>
                Views.Of(view, view.LastSeenMicros >= summary.AliveAfterMicros, alarms.CountOf(view.Device)));
        return Results.Json(new DeviceList([.. page]), ApiJson.Default.DeviceList);
    }

    private static IResult ShowDevice(
        string device, FleetState fleet, SummaryService summary, AlarmBoard alarms, PlanHolder plans)
    {
        if (RequestRange.Device(device, out var id) is { } fault)
            return Problems.BadRequest(fault);
        if (fleet.Find(id) is not { } view)
            return Unknown(id);
        var active = alarms.Active.Where(a => a.Key.Device == id).Select(a => Views.Of(id, a.Value)).ToList();
        return Results.Json(
            new DeviceDetail(
                Views.Of(view, view.LastSeenMicros >= summary.AliveAfterMicros, active.Count),
                [.. view.State.Channels.Select(Views.Of)],
                [.. WorkloadsOf(view, plans.Current)],
                active),
            ApiJson.Default.DeviceDetail);
    }

    private static WorkloadList ListWorkloads(FleetState fleet, PlanHolder plans) =>
        new([.. fleet.Devices.OrderBy(view => view.Device).SelectMany(view => WorkloadsOf(view, plans.Current))
            .Take(RequestRange.LimitMax)]);

    private static IEnumerable<WorkloadView> WorkloadsOf(DeviceView view, PlanRecord plan) =>
        view.State.Workloads.Select(
        workload => Views.Of(view.Device, workload, plan.Plan.Places.FirstOrDefault(
            p => p.Device == view.Device.Value && p.Workload == workload.Workload)));

    private static async Task<IResult> LoadDrillAsync(
        string device, LoadDrillRequest drill, FleetState fleet, HubLink link)
    {
        if ((RequestRange.Device(device, out var id) ?? RequestRange.Drill(drill)) is { } fault)
            return Problems.BadRequest(fault);
        if (fleet.Find(id) is null)
            return Unknown(id);
        var command = new Command
        {
            Id = Guid.NewGuid().ToString("n"),
            LoadDrill = new LoadDrill
            {
                Utilisation = drill.Utilisation, RampSeconds = drill.RampSeconds, Seconds = drill.Seconds,
            },
        };
        return await link.SendCommandAsync(fleet.Tenant, id, command)
            ? Results.Json(
                new CommandAccepted(command.Id), ApiJson.Default.CommandAccepted,
                statusCode: StatusCodes.Status202Accepted)
            : Problems.Unavailable(
                $"{id} is not connected now; commands are not kept for later, so send it again when it is");
    }

    private static IResult Unknown(DeviceId device) =>
        Problems.NotFound($"no device '{device}' has reported to this hub; GET /api/v1/devices lists those that have");
}
