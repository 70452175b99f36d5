using System.CommandLine;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton workload …</c>: what runs on devices.</summary>
internal static class WorkloadCommand
{
    private const string Path = "api/v1/workloads";

    private static readonly Sheet s_rows = new(
        Sheet.By("device", "workload"),
        Column.Text("device", "device"),
        Column.Text("workload", "workload"),
        Column.Of("model", row => row.Text("modelVersion") is { Length: > 0 } version
            ? $"{row.Text("model")}/{version}" : row.Text("model")),
        Column.Of("runs on", row => row.Text("recipe") is "" or "whole"
            ? row.Text("place") : $"{row.Text("recipe")}: {row.Text("place")}"),
        Column.Text("planned", "plannedPlace"),
        Column.Seconds("deadline", "deadlineSeconds"),
        Column.Number("windows/s", "windowsPerSecond", "0.##").Passing,
        Column.Seconds("local p99", "localP99Seconds").Passing,
        Column.Seconds("hub p99", "hubP99Seconds").Passing,
        Column.Number("late", "late", "0").Passing,
        Column.Text("channel", "channel").Wide,
        Column.Text("provider", "executionProvider").Wide,
        Column.Text("hub model", "hubModel").Wide,
        Column.Number("local", "inferencesLocal", "0").Wide.Passing,
        Column.Number("hub", "inferencesHub", "0").Wide.Passing,
        Column.Number("peer", "inferencesPeer", "0").Wide.Passing,
        Column.Number("fallbacks", "fallbacks", "0").Wide.Passing,
        Column.Text("refused", "modelRefused").Wide,
        Column.Text("why", "reason").Wide);

    public static IEnumerable<Command> Verbs() => [List(), Show(), Wait(), SetModel()];

    private static Command List() => new ListVerb("List workloads, what they run and where.", s_rows, Path)
    {
        Filters =
        [
            Filter.Device(), Filter.Text("--workload", "workload", "Of this name alone.", "workload"),
            Filter.Text("--place", "place", "Those that run there: local, peer or hub.", "place"),
            Filter.Sort("device", "workload", "model", "place"),
        ],
        None = "no device has reported a workload",
    }.Create();

    private static Command Show()
    {
        var workload = PlanCommand.Workload();
        return HubVerb.Create("show", "Show all that a device reports of one workload.", [workload], async call =>
        {
            var found = await FindAsync(call, call.Parsed.GetValue(workload)!);
            return ShowVerb.Write(call.Form, s_rows, found, found);
        });
    }

    private static Command Wait()
    {
        var workload = PlanCommand.Workload();
        return WaitVerb.Create(
            "Wait until a workload runs somewhere.", "place=hub (or local, peer), recipe=whole (or cascade, split)",
            "place=hub", "plan", [workload], async (call, condition) =>
            {
                if (condition.Split('=', 2) is not [("place" or "recipe") and var field, { Length: > 0 } value])
                    throw HubException.Usage($"--for: '{condition}' must be place=local|peer|hub or recipe=…");
                var found = await FindAsync(call, call.Parsed.GetValue(workload)!);
                var now = $"{found.Text("device")}/{found.Text("workload")} runs on {found.Text("place")} "
                    + $"({found.Text("recipe")})";
                return new WaitLook(found.Text(field) == value ? Waiting.Met : Waiting.NotYet, now);
            });
    }

    private static async Task<System.Text.Json.JsonElement> FindAsync(HubCall call, string text)
    {
        var parts = Uri.UnescapeDataString(await PlanCommand.PathAsync(call.Client, text,
            call.Cancellation)).Split('/');
        var listed = await Paging.ReadAsync(
            call.Client, $"{Path}?device={HubVerb.Escape(parts[0])}", int.MaxValue, call.Cancellation);
        var found = listed.Rows.FirstOrDefault(
            row => row.Text("device") == parts[0] && row.Text("workload") == parts[1]);
        return found.ValueKind == System.Text.Json.JsonValueKind.Object
            ? found
            : throw new HubException(
                $"workload: '{text}' is not reported; 'lepton workload list' says which are", ExitCodes.NotFound);
    }

    private static Command SetModel()
    {
        var device = DeviceCommand.Device();
        var workload = new Argument<string>("workload") { Description = "Name of the workload." };
        var model = new Argument<string>("model")
        {
            Description = "NAME/VERSION in the device's models folder; left out: the one of its configuration.",
            DefaultValueFactory = _ => "",
        };
        return ChangeVerb.Create(
            "set-model",
            "Put another of the device's models in service, between two windows. 'lepton workload show' says what "
            + "runs, or why the model was refused.", [device, workload, model], call =>
            {
                var (name, id) = (call.Parsed.GetValue(device), call.Parsed.GetValue(workload));
                return Task.FromResult(new Change(
                    HttpMethod.Post, $"{DeviceCommand.PathOf(name)}/workloads/{HubVerb.Escape(id)}/model",
                    new { model = call.Parsed.GetValue(model) }, $"{name} was told"));
            });
    }
}
