using System.CommandLine;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton plan dry-run</c>: what the planner would do.</summary>
internal static class PlanDryRunCommand
{
    private const string Path = "api/v1/plan/dry-run";

    public static Command Create()
    {
        Option<string[]> Option(string name, string description) => new(name) { Description = description };
        var pin = Option("--pin", "DEVICE/WORKLOAD=NODE or …=NODE/RECIPE, as if it were pinned; may be repeated.");
        var unpin = Option("--unpin", "DEVICE/WORKLOAD, as if it were not pinned.");
        var drain = Option("--drain", "A device, as if it were drained.");
        var undrain = Option("--undrain", "A device, as if it were not drained.");
        drain.CompletionSources.Add(Completing.Devices);
        undrain.CompletionSources.Add(Completing.Devices);
        return HubVerb.Create(
            "dry-run", "Show what would move now, also under other controls; nothing changes.",
            [pin, unpin, drain, undrain], call => AskAsync(call, new
            {
                pin = (call.Parsed.GetValue(pin) ?? []).Select(ReadPin).ToArray(),
                unpin = (call.Parsed.GetValue(unpin) ?? []).Select(text => ReadWorkload(text, "--unpin")).ToArray(),
                drain = call.Parsed.GetValue(drain) ?? [],
                undrain = call.Parsed.GetValue(undrain) ?? [],
            }));
    }

    /// <summary>Asks the planner what it would do under these controls, and prints that.</summary>
    public static async Task<int> AskAsync(HubCall call, object wish)
    {
        var result = await call.Client.PostAsync(Path, wish, call.Cancellation);
        return call.Form == OutputForm.Table
            ? PlanText.DryRun(result)
            : SheetWriter.Write(call.Form, PlanSheets.Moves, result, [.. result.Items("moves")]);
    }

    private static object ReadPin(string text) => text.Split('=') is [var place, { Length: > 0 } node]
        && place.Split('/') is [{ Length: > 0 } device, { Length: > 0 } workload]
        && node.Split('/') is [{ Length: > 0 } at, ..] parts && parts.Length <= 2
            ? new { device, workload, node = at, recipe = parts.Length == 2 ? parts[1] : null }
            : throw HubException.Usage($"--pin: '{text}' must be DEVICE/WORKLOAD=NODE, such as press/bearing=hub");

    private static object ReadWorkload(string text, string option) =>
        text.Split('/') is [{ Length: > 0 } device, { Length: > 0 } workload]
            ? new { device, workload }
            : throw HubException.Usage($"{option}: '{text}' must be DEVICE/WORKLOAD, such as press/bearing");
}
