using System.CommandLine;
using System.Text.Json;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton plan …</c>: where work runs, and why.</summary>
internal static class PlanCommand
{
    public static Command Create() => new("plan", "Where work runs, why, and what an operator says to it.")
    {
        Show(), Explain(), History(), Recompute(),
        PlanControlCommand.DryRun(), PlanControlCommand.Pin(), PlanControlCommand.Unpin(),
        PlanControlCommand.Drain(), PlanControlCommand.Undrain(),
    };

    private static Command Show()
    {
        var hub = new HubOptions();
        var command = new Command(
            "show", "Show where every workload runs, and why; and devices that are down, drained or not believed.");
        hub.AddTo(command);
        command.SetAction((parsed, cancellation) => HubOptions.RunAsync(async () =>
        {
            using var client = hub.Connect(parsed);
            var plan = await client.GetAsync("api/v1/plan", cancellation);
            var devices = await client.GetAsync("api/v1/plan/devices", cancellation);
            var controls = await client.GetAsync("api/v1/plan/controls", cancellation);
            return hub.WantsJson(parsed)
                ? Print.Json(JsonSerializer.SerializeToElement(new { plan, devices, controls }))
                : PlanTable.Show(plan, devices, controls);
        }));
        return command;
    }

    private static Command Explain()
    {
        var (hub, workload) = (new HubOptions(), Workload());
        var command = new Command(
            "explain", "Say why a workload is where it is, what every other place would mean, and what would move it.")
            { workload };
        hub.AddTo(command);
        command.SetAction((parsed, cancellation) => HubOptions.RunAsync(async () =>
        {
            using var client = hub.Connect(parsed);
            var path = await PathAsync(client, parsed.GetValue(workload)!, cancellation);
            var explanation = await client.GetAsync($"api/v1/plan/workloads/{path}", cancellation);
            if (hub.WantsJson(parsed))
                return Print.Json(explanation);
            var workloads = await client.GetAsync("api/v1/workloads", cancellation);
            return PlanTable.Explain(explanation, workloads.GetProperty("workloads"));
        }));
        return command;
    }

    private static Command History()
    {
        var hub = new HubOptions();
        var limit = new Option<int>("--limit")
            { Description = "At most so many, the newest.", DefaultValueFactory = _ => 20 };
        var command = new Command("history", "Show past plans and the moves that led to each, newest first.") { limit };
        hub.AddTo(command);
        command.SetAction((parsed, cancellation) => HubOptions.RunAsync(async () =>
        {
            using var client = hub.Connect(parsed);
            var list = await client.GetAsync($"api/v1/plan/decisions?limit={parsed.GetValue(limit)}", cancellation);
            return hub.WantsJson(parsed) ? Print.Json(list) : PlanTable.History(list.GetProperty("decisions"));
        }));
        return command;
    }

    private static Command Recompute()
    {
        var hub = new HubOptions();
        var version = new Argument<ulong>("version") { Description = "Number of the plan; 'lepton plan history' has it." };
        var command = new Command(
            "recompute",
            "Decide again from the inputs that a past plan was decided from; exit status 3 when the moves differ.")
            { version };
        hub.AddTo(command);
        command.SetAction((parsed, cancellation) => HubOptions.RunAsync(async () =>
        {
            using var client = hub.Connect(parsed);
            var result = await client.PostAsync(
                $"api/v1/plan/decisions/{parsed.GetValue(version)}/recompute", new { }, cancellation);
            var same = result.GetProperty("same").GetBoolean();
            if (hub.WantsJson(parsed))
                Print.Json(result);
            else
                PlanTable.Recomputed(result);
            return same ? 0 : 3;
        }));
        return command;
    }

    public static Argument<string> Workload() => new("workload")
    {
        Description = "DEVICE/WORKLOAD, or the workload alone where one device has it.",
    };

    /// <summary>DEVICE/WORKLOAD as a path of the API.</summary>
    /// <exception cref="HubException">No device has it, or several have.</exception>
    public static async Task<string> PathAsync(HubClient client, string text, CancellationToken cancellation)
    {
        if (text.Split('/') is [{ Length: > 0 } device, { Length: > 0 } workload])
            return $"{Uri.EscapeDataString(device)}/{Uri.EscapeDataString(workload)}";
        var plan = await client.GetAsync("api/v1/plan", cancellation);
        var found = plan.GetProperty("placements").EnumerateArray()
            .Where(placed => placed.GetProperty("workload").GetString() == text)
            .Select(placed => $"{placed.GetProperty("device").GetString()}/{text}").ToList();
        return found switch
        {
            [var only] => only,
            [] => throw new HubException(
                $"workload: no device has '{text}'; write DEVICE/WORKLOAD as 'lepton plan show' lists them"),
            _ => throw new HubException(
                $"workload: several devices have '{text}'; write one of {string.Join(", ", found.Take(10))}"),
        };
    }
}
