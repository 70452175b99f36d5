using System.Text.Json;
using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Api.Common;
using LeptonEdge.Hub.Api.OpenApi;
using LeptonEdge.Hub.Audit;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Storage.Hubs.Documents;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LeptonEdge.Hub.Api.SavedViews;

/// <summary>Views that each caller keeps for itself.</summary>
internal static class SavedViewEndpoints
{
    private const int ViewsMax = 100;
    private const int NameMax = 60;

    private static readonly Listing<SavedView> Orders = new(
        "name", view => view.Name,
        ("name", view => view.Name), ("changedMicros", view => (double)view.ChangedMicros));

    public static void MapSavedViews(this RouteGroupBuilder group)
    {
        var api = group.MapGroup("/views").AddEndpointFilter<RouteGroupBuilder, StoreGate>();
        api.MapGet("", List).Is("listViews", Tags.Views, "The caller's saved views.", "Sorted by name or changedMicros.")
            .Gives<Page<SavedView>>();
        api.MapGet("/{name}", Show).Is("getView", Tags.Views, "One saved view.").Gives<SavedView>();
        // A view is the caller's own: whoever may look may keep how to look.
        api.MapPut("/{name}", Put).Needs(Role.Viewer).Audited("view.put")
            .Is("putView", Tags.Views, "Keeps a view, new or changed.").Gives<SavedView>()
            .Fails(StatusCodes.Status412PreconditionFailed, StatusCodes.Status409Conflict);
        api.MapDelete("/{name}", Delete).Needs(Role.Viewer).Audited("view.delete")
            .Is("deleteView", Tags.Views, "Gives a view up.").Produces(StatusCodes.Status204NoContent);
    }

    private static IResult List([AsParameters] ListQuery query, Caller caller, HubStore store) =>
        Orders.Read(query, $"views {caller.Name}", out var order) is { } fault
            ? Problems.BadRequest(fault)
            : Results.Json(
                Orders.Take(store.Documents(caller.Tenant, KindOf(caller)).Select(Read), order, view => view),
                OperationsJson.Default.PageSavedView);

    private static IResult Show(string name, Caller caller, HubStore store, HttpContext context) =>
        store.Document(caller.Tenant, KindOf(caller), name) is { } document ? Tell(document, context) : Unknown();

    private static IResult Put(
        string name, SavedViewContent view, Caller caller, HubStore store, HttpContext context)
    {
        var errors = new FieldErrors().Add(ETags.Read(context, out var version))
            .Add(TextRules.Text("name", name, NameMax, 1)).Add(TextRules.Text("page", view.Page, 40, 1))
            .Add(TextRules.Text("content", view.Content, 8000));
        if (errors.Any)
            return Problems.BadRequest(errors);
        var kind = KindOf(caller);
        if (!store.HasDocument(caller.Tenant, kind, name) && store.Documents(caller.Tenant, kind).Count >= ViewsMax)
            return Problems.Conflict($"name: there are {ViewsMax} views already; give one up first");
        var content = JsonSerializer.SerializeToUtf8Bytes(view, OperationsJson.Default.SavedViewContent);
        var note = context.AuditNote();
        var put = store.Together(() =>
        {
            note.Before = Content(store.Document(caller.Tenant, kind, name));
            return store.PutDocument(caller.Tenant, kind, name, content, version);
        });
        return put is { } document ? Tell(document, context) : ETags.Differs("the view");
    }

    private static IResult Delete(string name, Caller caller, HubStore store, HttpContext context)
    {
        var (note, kind) = (context.AuditNote(), KindOf(caller));
        var deleted = store.Together(() =>
        {
            note.Before = Content(store.Document(caller.Tenant, kind, name));
            return store.DeleteDocument(caller.Tenant, kind, name);
        });
        return deleted ? Results.NoContent() : Unknown();
    }

    private static IResult Tell(Document document, HttpContext context)
    {
        ETags.Set(context, document.Version);
        return Results.Json(Read(document), OperationsJson.Default.SavedView);
    }

    private static SavedView Read(Document document)
    {
        var content = Content(document)!;
        return new SavedView(document.Name, content.Page, content.Content, document.Version, document.TimeMicros);
    }

    private static SavedViewContent? Content(Document? document) => document is null
        ? null
        : JsonSerializer.Deserialize(document.Content, OperationsJson.Default.SavedViewContent);

    private static string KindOf(Caller caller) => $"view/{caller.Name}";

    private static IResult Unknown() =>
        Problems.NotFound("you keep no view of that name; GET /api/v1/views lists those that you keep");
}
