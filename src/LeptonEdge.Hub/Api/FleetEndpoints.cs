using LeptonEdge.Core.Identity;
using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Audit;
using LeptonEdge.Hub.Live;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Sync.Hubs;
using LeptonEdge.Hub.Api.Common;
using LeptonEdge.Hub.Api.OpenApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LeptonEdge.Hub.Api;

/// <summary>What the fleet is and does now: summary, devices, workloads, plan, and commands to devices.</summary>
internal static class FleetEndpoints
{
    private static readonly Listing<WorkloadView> WorkloadOrders = new(
        "device", w => $"{w.Device}/{w.Workload}",
        ("device", w => w.Device), ("workload", w => w.Workload), ("model", w => w.Model), ("place", w => w.Place));

    public static void MapFleet(this IEndpointRouteBuilder api)
    {
        api.MapGet("/summary", (SummaryService summary, Caller caller) => Results.Json(summary.Build(caller), ApiJson.Default.SummaryResponse))
            .Is("getSummary", Tags.Fleet, "The whole fleet at a glance, one row per channel and workload.")
            .Gives<SummaryResponse>();
        api.MapGet("/workloads", ListWorkloads)
            .Is("listWorkloads", Tags.Workloads,
                "Every workload, where it runs, where the plan wants it, and how quick it is.",
                "Sorted by device, workload, model or place.").Gives<Page<WorkloadView>>();
        api.MapPost("/devices/{device}/workloads/{workload}/model", SetModelAsync).Audited("workload.model")
            .Is("setWorkloadModel", Tags.Workloads,
                "Wants a device to run one of its own models in a workload, from its next window on.")
            .Produces(StatusCodes.Status202Accepted);
        api.MapPost("/devices/{device}/commands/load-drill", LoadDrillAsync).Audited("device.load-drill")
            .Is("startLoadDrill", Tags.Devices,
                "Occupies the device's inference lane with real inferences, to rehearse an overload.")
            .Gives<CommandAccepted>(StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> SetModelAsync(
        string device, string workload, SetModelRequest wish, Caller caller, FleetState fleet, DesiredStates desired, HubLink link,
        HttpContext context)
    {
        if (fleet.Find(caller, device, out var view) is { } fault)
            return fault;
        var id = view.Device;
        if (view.State.Workloads.All(known => known.Workload != workload))
            return Problems.NotFound($"{id} has no workload '{workload}'");
        ModelReference? model = null;
        if (wish.Model.Length > 0 && !ModelNames.TryParse(wish.Model, out model, out var modelFault))
            return Problems.BadRequest($"model: {modelFault}");

        // Retained by the broker: a device that is away takes it up when it is back.
        await link.PublishDesiredAsync(fleet.Tenant, id, desired.SetModel(view, workload, model, context.AuditNote()));
        return Results.Accepted();
    }

    private static IResult ListWorkloads(
        [AsParameters] ListQuery query, Caller caller, FleetState fleet, PlanHolder plans) =>
        WorkloadOrders.Read(query, "workloads", out var order) is { } fault
            ? Problems.BadRequest(fault)
            : Results.Json(
                WorkloadOrders.Take(
                    fleet.Seen(caller).SelectMany(view => WorkloadsOf(view, plans.Current)), order, w => w),
                ApiJson.Default.PageWorkloadView);

    internal static IEnumerable<WorkloadView> WorkloadsOf(DeviceView view, PlanRecord plan) =>
        view.State.Workloads.Select(
        workload => Views.Of(view.Device, workload, plan.Plan.Places.FirstOrDefault(
            p => p.Device == view.Device.Value && p.Workload == workload.Workload)));

    private static async Task<IResult> LoadDrillAsync(
        string device, LoadDrillRequest drill, Caller caller, FleetState fleet, HubLink link, HttpContext context)
    {
        if ((RequestRange.Device(device, out var id) ?? RequestRange.Drill(drill)) is { } fault)
            return Problems.BadRequest(fault);
        if (!fleet.Sees(caller, id) || fleet.Find(id) is null)
            return Sight.Unknown(id);
        var command = new Command
        {
            Id = Guid.NewGuid().ToString("n"),
            LoadDrill = new LoadDrill
            {
                Utilisation = drill.Utilisation, RampSeconds = drill.RampSeconds, Seconds = drill.Seconds,
            },
        };
        context.Asks();
        return await link.SendCommandAsync(fleet.Tenant, id, command)
            ? Results.Json(
                new CommandAccepted(command.Id), ApiJson.Default.CommandAccepted,
                statusCode: StatusCodes.Status202Accepted)
            : Problems.Unavailable(
                $"{id} is not connected now; commands are not kept for later, so send it again when it is");
    }
}
