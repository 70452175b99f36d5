using System.CommandLine;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary>The parts of <c>lepton plan</c> that tell the planner something, or ask what it would do.</summary>
internal static class PlanControlCommand
{
    public static Command Pin()
    {
        var (hub, workload) = (new HubOptions(), PlanCommand.Workload());
        var node = new Argument<string>("node") { Description = "'hub', 'pool:NAME', or a device of the same site." };
        var recipe = new Option<string?>("--recipe")
        {
            Description = "whole, cascade or split: by which it runs; left out, the planner chooses.",
        };
        var command = new Command("pin", "Have a workload run on one node until it is unpinned.")
            { workload, node, recipe };
        return WithControls(command, hub, async (client, parsed, cancellation) =>
        {
            var path = await PlanCommand.PathAsync(client, parsed.GetValue(workload)!, cancellation);
            return await client.PutAsync(
                $"api/v1/plan/pins/{path}",
                new { node = parsed.GetValue(node), recipe = parsed.GetValue(recipe) }, cancellation);
        });
    }

    public static Command Unpin()
    {
        var (hub, workload) = (new HubOptions(), PlanCommand.Workload());
        var command = new Command("unpin", "Leave a workload to the planner again.") { workload };
        return WithControls(command, hub, async (client, parsed, cancellation) => await client.DeleteAsync(
            $"api/v1/plan/pins/{await PlanCommand.PathAsync(client, parsed.GetValue(workload)!, cancellation)}",
            cancellation));
    }

    public static Command Drain()
    {
        var (hub, device) = (new HubOptions(), Device());
        var command = new Command("drain", "Empty a device or a node of the hub: what may leave it runs elsewhere.") { device };
        return WithControls(command, hub, (client, parsed, cancellation) => client.PutAsync(
            $"api/v1/plan/drained/{Uri.EscapeDataString(parsed.GetValue(device)!)}", new { }, cancellation));
    }

    public static Command Undrain()
    {
        var (hub, device) = (new HubOptions(), Device());
        var command = new Command("undrain", "Let a drained device be used again.") { device };
        return WithControls(command, hub, (client, parsed, cancellation) => client.DeleteAsync(
            $"api/v1/plan/drained/{Uri.EscapeDataString(parsed.GetValue(device)!)}", cancellation));
    }

    public static Command DryRun()
    {
        var hub = new HubOptions();
        Option<string[]> Option(string name, string description) => new(name) { Description = description };
        var pin = Option("--pin", "DEVICE/WORKLOAD=NODE or …=NODE/RECIPE, as if it were pinned; may be repeated.");
        var unpin = Option("--unpin", "DEVICE/WORKLOAD, as if it were not pinned.");
        var drain = Option("--drain", "A device, as if it were drained.");
        var undrain = Option("--undrain", "A device, as if it were not drained.");
        var command = new Command("dry-run", "Show what would move now, also under other controls; nothing changes.")
            { pin, unpin, drain, undrain };
        hub.AddTo(command);
        command.SetAction((parsed, cancellation) => HubOptions.RunAsync(async () =>
        {
            using var client = hub.Connect(parsed);
            var wish = new
            {
                pin = (parsed.GetValue(pin) ?? []).Select(ReadPin).ToArray(),
                unpin = (parsed.GetValue(unpin) ?? []).Select(text => ReadWorkload(text, "--unpin")).ToArray(),
                drain = parsed.GetValue(drain) ?? [],
                undrain = parsed.GetValue(undrain) ?? [],
            };
            var result = await client.PostAsync("api/v1/plan/dry-run", wish, cancellation);
            return hub.WantsJson(parsed) ? Print.Json(result) : PlanTable.DryRun(result);
        }));
        return command;
    }

    private static Argument<string> Device() => new("device") { Description = "Name of the device; or 'hub', or 'pool:NAME'." };

    private static Command WithControls(
        Command command, HubOptions hub,
        Func<HubClient, ParseResult, CancellationToken, Task<System.Text.Json.JsonElement>> change)
    {
        hub.AddTo(command);
        command.SetAction((parsed, cancellation) => HubOptions.RunAsync(async () =>
        {
            using var client = hub.Connect(parsed);
            var controls = await change(client, parsed, cancellation);
            return hub.WantsJson(parsed) ? Print.Json(controls) : PlanTable.Controls(controls);
        }));
        return command;
    }

    private static object ReadPin(string text) => text.Split('=') is [var place, { Length: > 0 } node]
        && place.Split('/') is [{ Length: > 0 } device, { Length: > 0 } workload]
        && node.Split('/') is [{ Length: > 0 } at, ..] parts && parts.Length <= 2
            ? new { device, workload, node = at, recipe = parts.Length == 2 ? parts[1] : null }
            : throw new HubException($"--pin: '{text}' must be DEVICE/WORKLOAD=NODE, such as press/bearing=hub");

    private static object ReadWorkload(string text, string option) =>
        text.Split('/') is [{ Length: > 0 } device, { Length: > 0 } workload]
            ? new { device, workload }
            : throw new HubException($"{option}: '{text}' must be DEVICE/WORKLOAD, such as press/bearing");
}
