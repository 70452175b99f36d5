using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Api.Common;
using LeptonEdge.Hub.Api.OpenApi;
using LeptonEdge.Hub.Audit;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Storage.Hubs.Documents;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;

namespace LeptonEdge.Hub.Api.Sites;

/// <summary>The picture of a site that its devices are placed on: PNG, JPEG or WebP, told by its first bytes.</summary>
internal static class FloorPlanEndpoints
{
    public const string Kind = "floorplan";
    private const int BytesMax = 4 * 1024 * 1024;
    private static readonly string[] Types = ["image/png", "image/jpeg", "image/webp"];

    public static void MapFloorPlans(this RouteGroupBuilder group)
    {
        var api = group.MapGroup("/sites/{site}/floor-plan").AddEndpointFilter<RouteGroupBuilder, StoreGate>();
        api.MapGet("", Show).Is("getFloorPlan", Tags.Sites, "The floor plan's picture.")
            .Produces<byte[]>(StatusCodes.Status200OK, Types[0], Types[1], Types[2]);
        api.MapPut("", PutAsync).Audited("site.floor-plan", body: false)
            .Is("putFloorPlan", Tags.Sites, "Sets the floor plan: a PNG, JPEG or WebP of at most 4 MiB.")
            .Accepts<byte[]>(Types[0], Types[1], Types[2])
            .Produces(StatusCodes.Status204NoContent).Fails(StatusCodes.Status412PreconditionFailed)
            .WithMetadata(new BytesLimit(BytesMax));
        api.MapDelete("", Delete).Audited("site.floor-plan.delete")
            .Is("deleteFloorPlan", Tags.Sites, "Removes the floor plan.").Produces(StatusCodes.Status204NoContent);
    }

    private static IResult Show(string site, Caller caller, FleetState fleet, HubStore store, HttpContext context)
    {
        if (!SiteEndpoints.Exists(fleet, caller, site))
            return SiteEndpoints.Unknown(site);
        if (store.Document(fleet.Tenant, Kind, site) is not { } plan)
            return Missing(site);
        ETags.Set(context, plan.Version);
        // What a browser does with it is told by the type that we found, never by what it finds.
        context.Response.Headers.ContentDisposition = "inline";
        return Results.Bytes(plan.Content, TypeOf(plan.Content) ?? "application/octet-stream");
    }

    private static async Task<IResult> PutAsync(
        string site, Caller caller, FleetState fleet, HubStore store, HttpContext context)
    {
        if (ETags.Read(context, out var version) is { } fault)
            return Problems.BadRequest(fault);
        if (!SiteEndpoints.Exists(fleet, caller, site))
            return SiteEndpoints.Unknown(site);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = BytesMax;
        using var content = new MemoryStream();
        await context.Request.Body.CopyToAsync(content, context.RequestAborted).ConfigureAwait(false);
        var bytes = content.ToArray();
        if (TypeOf(bytes) is null)
            return Problems.BadRequest("body: it is no PNG, JPEG or WebP; send the picture itself");
        var note = context.AuditNote();
        note.After = AuditedPicture.Of(bytes);
        var put = store.Together(() =>
        {
            note.Before = Picture(store, fleet, site);
            return store.PutDocument(fleet.Tenant, Kind, site, bytes, version);
        });
        if (put is not { } stored)
            return ETags.Differs($"the floor plan of {site}");
        ETags.Set(context, stored.Version);
        return Results.NoContent();
    }

    private static IResult Delete(string site, Caller caller, FleetState fleet, HubStore store, HttpContext context)
    {
        if (!SiteEndpoints.Exists(fleet, caller, site))
            return SiteEndpoints.Unknown(site);
        var note = context.AuditNote();
        var deleted = store.Together(() =>
        {
            note.Before = Picture(store, fleet, site);
            return store.DeleteDocument(fleet.Tenant, Kind, site);
        });
        return deleted ? Results.NoContent() : Missing(site);
    }

    private static AuditedPicture? Picture(HubStore store, FleetState fleet, string site) =>
        store.Document(fleet.Tenant, Kind, site) is { } plan ? AuditedPicture.Of(plan.Content) : null;

    private static string? TypeOf(ReadOnlySpan<byte> bytes) =>
        IsPng(bytes) ? Types[0]
        : bytes.Length > 3 && bytes[0] == 0xFF && bytes[1] == 0xD8 && bytes[2] == 0xFF ? Types[1]
        : bytes.Length > 12 && bytes.StartsWith("RIFF"u8) && bytes[8..12].SequenceEqual("WEBP"u8) ? Types[2]
        : null;

    private static bool IsPng(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);

    private static IResult Missing(string site) =>
        Problems.NotFound($"{site} has no floor plan; PUT /api/v1/sites/{site}/floor-plan sets one");

    private sealed record BytesLimit(long? MaxRequestBodySize) : IRequestSizeLimitMetadata;
}
