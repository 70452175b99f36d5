using System.CommandLine;
using System.Text.Json;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton site …</c>: where devices are.</summary>
internal static class SiteCommand
{
    private const string Path = "api/v1/sites";

    private static readonly Sheet s_rows = new(
        Sheet.By("site"),
        Column.Text("site", "site"),
        Column.Text("title", "title"),
        Column.Number("devices", "devices", "0"),
        Column.Number("online", "online", "0"),
        Column.Of("alarms", row => row.Number("activeAlarms") is { } count
            ? new Cell($"{count:0}", Tone: count > 0 ? Tone.Bad : Tone.None) : default) with { IsRight = true },
        Column.Number("workloads", "workloads", "0"),
        Column.Number("readings/s", "readingsPerSecond", "#,0.#").Passing with { Name = "readings_per_second" },
        Column.Number("backlog", "backlogRecords", "0").Passing,
        Column.Number("channels", "channels", "0").Wide,
        Column.Number("latitude", "location.latitude", "0.#####").Wide,
        Column.Number("longitude", "location.longitude", "0.#####").Wide,
        Column.Flag("floor plan", "floorPlan", "yes", "no").Wide);

    public static IEnumerable<Command> Verbs() => [List(), Show(), Set(), FloorPlanCommand.Create()];

    public static Argument<string> Site()
    {
        var site = new Argument<string>("site") { Description = "Name of the site, as its devices report it." };
        site.CompletionSources.Add(context => Completing.Names(context, Path, row => row.Text("site")));
        return site;
    }

    private static string PathOf(string? site) => $"{Path}/{HubVerb.Escape(site)}";

    private static Command List() => new ListVerb("List sites, with sums over their devices.", s_rows, Path)
    {
        Filters = [Filter.Sort("site", "title", "devices", "online", "activeAlarms")],
        None = "no device has reported a site",
    }.Create();

    private static Command Show()
    {
        var site = Site();
        return ShowVerb.Create("Show one site.", [site], s_rows, parsed => PathOf(parsed.GetValue(site)));
    }

    private static Command Set()
    {
        var site = Site();
        var title = new Option<string?>("--title") { Description = "What people call it." };
        var latitude = new Option<double?>("--latitude") { Description = "Degrees north, WGS 84; with --longitude." };
        var longitude = new Option<double?>("--longitude") { Description = "Degrees east, WGS 84; with --latitude." };
        return ChangeVerb.Create(
            "set", "Say what a site is called, and where it is.", [site, title, latitude, longitude],
            async call =>
            {
                var (north, east) = (call.Parsed.GetValue(latitude), call.Parsed.GetValue(longitude));
                if (north is null != east is null)
                    throw HubException.Usage("--latitude and --longitude go together");
                var path = PathOf(call.Parsed.GetValue(site));
                var (_, tag) = await call.Client.GetTaggedAsync(path, call.Cancellation);
                return new Change(HttpMethod.Patch, path, new
                {
                    title = call.Parsed.GetValue(title),
                    location = north is null ? null : new { latitude = north, longitude = east },
                }) { IfMatch = tag };
            }, answer => Print.Tree(answer));
    }
}
