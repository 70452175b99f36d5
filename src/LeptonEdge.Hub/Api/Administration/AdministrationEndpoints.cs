using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Api.Common;
using LeptonEdge.Hub.Api.OpenApi;
using LeptonEdge.Hub.Configuration;
using LeptonEdge.Hub.Live;
using LeptonEdge.Hub.Planning;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LeptonEdge.Hub.Api.Administration;

/// <summary>Tenants, and what the hub was told.</summary>
internal static class AdministrationEndpoints
{
    private static readonly Listing<TenantView> Orders =
        new("tenant", tenant => tenant.Tenant, ("tenant", tenant => tenant.Tenant));

    public static void MapAdministration(this RouteGroupBuilder api)
    {
        api.MapGet("/tenants", List)
            .Is("listTenants", Tags.Administration, "The caller's tenants: one, for a hub serves one fleet.",
                "Sorted by tenant.").Gives<Page<TenantView>>();
        api.MapGet("/tenants/{tenant}", Show).Is("getTenant", Tags.Administration, "One of the caller's tenants.")
            .Gives<TenantView>();
        api.MapGet("/settings", Settings).Needs(Role.Admin)
            .Is("getSettings", Tags.Administration, "What the hub was told by its configuration; for administrators.")
            .Gives<SettingsView>();
    }

    private static IResult List([AsParameters] ListQuery query, Caller caller, FleetState fleet) =>
        Orders.Read(query, "tenants", out var order) is { } fault
            ? Problems.BadRequest(fault)
            : Results.Json(Orders.Take([View(caller, fleet)], order, tenant => tenant), OperationsJson.Default.PageTenantView);

    private static IResult Show(string tenant, Caller caller, FleetState fleet) => tenant == fleet.Tenant.Value
        ? Results.Json(View(caller, fleet), OperationsJson.Default.TenantView)
        : Problems.NotFound("there is no such tenant; GET /api/v1/tenants lists those that you see");

    private static TenantView View(Caller caller, FleetState fleet)
    {
        var seen = fleet.Seen(caller).ToList();
        return new TenantView(fleet.Tenant.Value, seen.Count, seen.Select(view => view.State.Site).Distinct().Count());
    }

    private static IResult Settings(HubOptions options) => Results.Json(
        new SettingsView(
            options.Tenant.Value, HubVersion.Text, options.Workers, options.QueueMax,
            options.Broker is { } broker ? $"{broker.Host}:{broker.Port}" : null, options.Listen.Https.ToString(),
            options.Listen.Mqtt?.ToString(), options.Listen.Http?.ToString(),
            [.. options.Upstreams.Select(upstream => upstream.Name)], options.Planning.Every.TotalSeconds,
            options.MeterEvery.TotalSeconds, FleetState.DevicesMax, LiveHub.ClientsMax),
        OperationsJson.Default.SettingsView);
}
