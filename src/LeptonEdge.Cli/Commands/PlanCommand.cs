using System.CommandLine;
using Spectre.Console;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton plan …</c>: where work runs, and why.</summary>
internal static class PlanCommand
{
    public static Command Create()
    {
        var hub = new HubOptions();
        var show = new Command("show", "Show where every workload runs, and why.");
        hub.AddTo(show);
        show.SetAction((parsed, cancellation) => HubOptions.RunAsync(async () =>
        {
            using var client = hub.Connect(parsed);
            var plan = await client.GetAsync("api/v1/plan", cancellation);
            if (hub.WantsJson(parsed))
                return Output.Print.Json(plan);
            Console.WriteLine($"plan {plan.GetProperty("version")}");
            var table = new Table().Border(TableBorder.Simple);
            table.AddColumn("device").AddColumn("workload").AddColumn("runs on").AddColumn("why");
            foreach (var placement in plan.GetProperty("placements").EnumerateArray())
            {
                string Text(string key) => Markup.Escape(placement.GetProperty(key).ToString());
                table.AddRow(Text("device"), Text("workload"), Text("place"), Text("reason"));
            }

            AnsiConsole.Write(table);
            return 0;
        }));
        return new Command("plan", "Show the hub's plan.") { show };
    }
}
