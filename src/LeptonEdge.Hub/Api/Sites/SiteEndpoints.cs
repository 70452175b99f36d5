using System.Text.Json;
using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Api.Common;
using LeptonEdge.Hub.Api.Devices;
using LeptonEdge.Hub.Api.OpenApi;
using LeptonEdge.Hub.Audit;
using LeptonEdge.Hub.Live;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Storage.Hubs.Documents;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LeptonEdge.Hub.Api.Sites;

/// <summary>Sites are what devices report as theirs; people add a title and a place.</summary>
internal static class SiteEndpoints
{
    private const string Kind = "site";
    private const int TitleMax = 100;

    private static readonly Listing<SiteView> Orders = new(
        "site", site => site.Site,
        ("site", site => site.Site), ("title", site => site.Title), ("devices", site => (double)site.Devices),
        ("online", site => (double)site.Online), ("activeAlarms", site => (double)site.ActiveAlarms));

    public static void MapSites(this RouteGroupBuilder api)
    {
        api.MapGet("/sites", List)
            .Is("listSites", Tags.Sites, "Sites with sums over their devices.",
                "Sorted by site, title, devices, online or activeAlarms.").Gives<Page<SiteView>>();
        api.MapGet("/sites/{site}", Show).Is("getSite", Tags.Sites, "One site.").Gives<SiteView>();
        api.MapPatch("/sites/{site}", Change).Audited("site.change")
            .Is("changeSite", Tags.Sites, "Changes a site's title or where it is.").Gives<SiteView>()
            .Fails(StatusCodes.Status412PreconditionFailed);
    }

    public static bool Exists(FleetState fleet, Caller caller, string site) =>
        caller.Sees(site) && fleet.Devices.Any(view => view.State.Site == site);

    public static IResult Unknown(string site) => Problems.NotFound(
        $"no device reports site '{(site.Length <= 64 ? site : site[..64] + "…")}'; GET /api/v1/sites lists those that there are");

    private static IResult List(
        [AsParameters] ListQuery query, Caller caller, FleetState fleet, DeviceViews views, AlarmBoard alarms,
        HubStore store) =>
        Orders.Read(query, "sites", out var order) is { } fault
            ? Problems.BadRequest(fault)
            : Results.Json(
                Orders.Take(Build(fleet.Seen(caller), fleet, views, alarms, store), order, site => site),
                OperationsJson.Default.PageSiteView);

    private static IResult Show(
        string site, Caller caller, FleetState fleet, DeviceViews views, AlarmBoard alarms, HubStore store,
        HttpContext context) =>
        Exists(fleet, caller, site) ? Tell(site, fleet, views, alarms, store, context) : Unknown(site);

    private static IResult Change(
        string site, SitePatch patch, Caller caller, FleetState fleet, DeviceViews views, AlarmBoard alarms,
        HubStore store, HttpContext context)
    {
        var errors = new FieldErrors().Add(ETags.Read(context, out var version))
            .Add(TextRules.Text("title", patch.Title, TitleMax));
        if (patch.Location is { } at)
        {
            if (at.Latitude is not (>= -90 and <= 90))
                errors.Add("location.latitude", "give degrees from -90 to 90");
            if (at.Longitude is not (>= -180 and <= 180))
                errors.Add("location.longitude", "give degrees from -180 to 180");
        }

        if (errors.Any)
            return Problems.BadRequest(errors);
        if (!Exists(fleet, caller, site))
            return Unknown(site);
        var note = context.AuditNote();
        var stored = store.Together(() =>
        {
            var before = Read(store.Document(fleet.Tenant, Kind, site));
            var after = new SiteNote(patch.Title ?? before.Title, patch.Location ?? before.Location);
            (note.Before, note.After) = (before, after);
            var content = JsonSerializer.SerializeToUtf8Bytes(after, OperationsJson.Default.SiteNote);
            return store.PutDocument(fleet.Tenant, Kind, site, content, version);
        });
        return stored is null
            ? ETags.Differs(site)
            : Tell(site, fleet, views, alarms, store, context);
    }

    private static IResult Tell(
        string site, FleetState fleet, DeviceViews views, AlarmBoard alarms, HubStore store, HttpContext context)
    {
        var view = Build(fleet.Devices.Where(device => device.State.Site == site), fleet, views, alarms, store).Single();
        ETags.Set(context, view.Version);
        return Results.Json(view, OperationsJson.Default.SiteView);
    }

    private static List<SiteView> Build(
        IEnumerable<DeviceView> devices, FleetState fleet, DeviceViews views, AlarmBoard alarms, HubStore store)
    {
        var notes = store.Documents(fleet.Tenant, Kind).ToDictionary(document => document.Name);
        var alive = views.AliveAfterMicros;
        return [.. devices.GroupBy(view => view.State.Site).Select(group =>
        {
            var document = notes.GetValueOrDefault(group.Key);
            var note = Read(document);
            return new SiteView(
                group.Key, note.Title, note.Location, group.Count(), group.Count(view => view.LastSeenMicros >= alive),
                group.Sum(view => alarms.CountOf(view.Device)), group.Sum(view => view.State.Channels.Count),
                group.Sum(view => view.State.Workloads.Count),
                group.Sum(view => view.State.Channels.Sum(c => Views.Number(c.ReadingsPerSecond))),
                group.Sum(view => (long)(view.State.Backlog?.Records ?? 0)),
                store.HasDocument(fleet.Tenant, FloorPlanEndpoints.Kind, group.Key), document?.Version ?? 0);
        })];
    }

    private static SiteNote Read(Document? document) => document is null
        ? new SiteNote("", null)
        : JsonSerializer.Deserialize(document.Content, OperationsJson.Default.SiteNote)!;
}
