using System.CommandLine;
using System.Text.Json;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton plan …</c>: where work runs, and why.</summary>
internal static class PlanCommand
{
    public static IEnumerable<Command> Verbs() =>
    [
        Show(), Explain(), Moves(), History(), Recompute(), PlanControlCommand.List(),
        PlanDryRunCommand.Create(), PlanControlCommand.Pin(), PlanControlCommand.Unpin(),
        PlanControlCommand.Drain(), PlanControlCommand.Undrain(),
    ];

    public static Argument<string> Workload()
    {
        var workload = new Argument<string>("workload")
            { Description = "DEVICE/WORKLOAD, or the workload alone where one device has it." };
        workload.CompletionSources.Add(Completing.Workloads);
        return workload;
    }

    /// <summary>DEVICE/WORKLOAD as a path of the API.</summary>
    /// <exception cref="HubException">No device has it, or several have.</exception>
    public static async Task<string> PathAsync(HubClient client, string text, CancellationToken cancellation)
    {
        if (text.Split('/') is [{ Length: > 0 } device, { Length: > 0 } workload])
            return $"{Uri.EscapeDataString(device)}/{Uri.EscapeDataString(workload)}";
        var plan = await client.GetAsync("api/v1/plan", cancellation);
        var found = plan.Items("placements").Where(placed => placed.Text("workload") == text)
            .Select(placed => $"{placed.Text("device")}/{text}").ToList();
        return found switch
        {
            [var only] => only,
            [] => throw new HubException(
                $"workload: no device has '{text}'; write DEVICE/WORKLOAD as 'lepton plan show' lists them",
                ExitCodes.NotFound),
            _ => throw HubException.Usage(
                $"workload: several devices have '{text}'; write one of {string.Join(", ", found.Take(10))}"),
        };
    }

    private static Command Show()
    {
        var watch = new WatchOptions();
        return HubVerb.Create(
            "show", "Show where every workload runs, and why; and devices that are down, drained or not believed.",
            watch.All, async call =>
            {
                if (watch.IsAsked(call.Parsed))
                {
                    const string Path = "api/v1/plan";
                    return await Watching.RunAsync(
                        call, PlanSheets.Placements, Path, watch.Every(call.Parsed), async () =>
                        {
                            var now = await call.Client.GetAsync(Path, call.Cancellation);
                            return new Listed(now, [.. now.Items("placements")]);
                        });
                }

                var plan = await call.Client.GetAsync("api/v1/plan", call.Cancellation);
                var devices = await call.Client.GetAsync("api/v1/plan/devices", call.Cancellation);
                var controls = await call.Client.GetAsync("api/v1/plan/controls", call.Cancellation);
                return call.Form is OutputForm.Table or OutputForm.Wide
                    ? PlanText.Show(plan, devices, controls, call.Form == OutputForm.Wide)
                    : SheetWriter.Write(
                        call.Form, PlanSheets.Placements,
                        JsonSerializer.SerializeToElement(new { plan, devices, controls }),
                        [.. plan.Items("placements")]);
            });
    }

    private static Command Explain()
    {
        var workload = Workload();
        return HubVerb.Create(
            "explain", "Say why a workload is where it is, what every other place would mean, and what would move it.",
            [workload], async call =>
            {
                var path = await PathAsync(call.Client, call.Parsed.GetValue(workload)!, call.Cancellation);
                var explanation = await call.Client.GetAsync($"api/v1/plan/workloads/{path}", call.Cancellation);
                if (call.Form is not (OutputForm.Table or OutputForm.Wide))
                {
                    return SheetWriter.Write(
                        call.Form, PlanSheets.Options, explanation, [.. explanation.Items("options")]);
                }

                var workloads = await Paging.ReadAsync(
                    call.Client, $"api/v1/workloads?device={path.Split('/')[0]}", int.MaxValue, call.Cancellation);
                return PlanText.Explain(explanation, workloads.Rows, call.Form == OutputForm.Wide);
            });
    }

    private static Command Moves() => new ListVerb(
        "Show what moved, when and why, newest first.", PlanSheets.Moved, "api/v1/plan/moves")
    {
        Name = "moves",
        Filters =
        [
            Filter.Time("--since", "sinceMicros", "Decided from then on"),
            Filter.Time("--until", "untilMicros", "Decided before"),
            Filter.Device("Workloads of this device alone."),
            Filter.Text("--workload", "workload", "Workloads of this name alone.", "workload"),
            Filter.Text("--cause", "cause", "Of this cause alone, such as gain, missed or pinned.", "cause"),
        ],
        Limit = 100,
        None = "nothing moved",
    }.Create();

    private static Command History() => new ListVerb(
        "Show past plans and the moves that led to each, newest first.", PlanSheets.Decisions, "api/v1/plan/decisions")
        { Name = "history", Limit = 20, None = "no plan was decided yet" }.Create();

    private static Command Recompute()
    {
        var version = new Argument<ulong>("version")
            { Description = "Number of the plan; 'lepton plan history' has it." };
        return HubVerb.Create(
            "recompute",
            "Decide again from the inputs that a past plan was decided from; exit status 7 when the moves differ.",
            [version], async call =>
            {
                var result = await call.Client.PostAsync(
                    $"api/v1/plan/decisions/{call.Parsed.GetValue(version)}/recompute", new { }, call.Cancellation);
                _ = call.Form == OutputForm.Table
                    ? PlanText.Recomputed(result)
                    : SheetWriter.Write(call.Form, PlanSheets.Moves, result, [.. result.Items("recomputed")]);
                return result.IsTrue("same") ? ExitCodes.Ok : ExitCodes.No;
            });
    }
}
