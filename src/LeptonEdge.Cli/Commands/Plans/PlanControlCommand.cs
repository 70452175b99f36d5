using System.CommandLine;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary>The parts of <c>lepton plan</c> that tell the planner something.</summary>
internal static class PlanControlCommand
{
    private const string Path = "api/v1/plan";

    public static Command List() => HubVerb.Create(
        "controls", "Show what is pinned and drained, and when nothing moves by choice.", [], async call =>
        {
            var controls = await call.Client.GetAsync($"{Path}/controls", call.Cancellation);
            return call.Form == OutputForm.Table
                ? PlanText.Controls(controls)
                : SheetWriter.Write(call.Form, PlanSheets.Pins, controls, [.. controls.Items("pins")]);
        });

    public static Command Pin()
    {
        var workload = PlanCommand.Workload();
        var node = new Argument<string>("node") { Description = "'hub', 'pool:NAME', or a device of the same site." };
        node.CompletionSources.Add("hub");
        node.CompletionSources.Add(Completing.Devices);
        var recipe = new Option<string?>("--recipe")
        {
            Description = "whole, cascade or split: by which it runs; left out, the planner chooses.",
        };
        recipe.CompletionSources.Add("whole", "cascade", "split");
        return Change("pin", "Have a workload run on one node until it is unpinned.", [workload, node, recipe],
            async call =>
            {
                var path = await PlanCommand.PathAsync(call.Client, call.Parsed.GetValue(workload)!, call.Cancellation);
                var (at, how) = (call.Parsed.GetValue(node), call.Parsed.GetValue(recipe));
                var (device, name) = Parts(path);
                return (new Change(HttpMethod.Put, $"{Path}/pins/{path}", new { node = at, recipe = how }),
                    new { pin = new[] { new { device, workload = name, node = at, recipe = how } } });
            });
    }

    public static Command Unpin()
    {
        var workload = PlanCommand.Workload();
        return Change("unpin", "Leave a workload to the planner again.", [workload], async call =>
        {
            var path = await PlanCommand.PathAsync(call.Client, call.Parsed.GetValue(workload)!, call.Cancellation);
            var (device, name) = Parts(path);
            return (new Change(HttpMethod.Delete, $"{Path}/pins/{path}"),
                new { unpin = new[] { new { device, workload = name } } });
        });
    }

    public static Command Drain()
    {
        var device = Node();
        return Change(
            "drain", "Empty a device or a node of the hub: what may leave it runs elsewhere.", [device], call =>
            {
                var name = call.Parsed.GetValue(device);
                return Task.FromResult((
                    new Change(HttpMethod.Put, $"{Path}/drained/{HubVerb.Escape(name)}", new { }),
                    (object)new { drain = new[] { name } }));
            });
    }

    public static Command Undrain()
    {
        var device = Node();
        return Change("undrain", "Let a drained device be used again.", [device], call =>
        {
            var name = call.Parsed.GetValue(device);
            return Task.FromResult((
                new Change(HttpMethod.Delete, $"{Path}/drained/{HubVerb.Escape(name)}"),
                (object)new { undrain = new[] { name } }));
        });
    }

    private static Argument<string> Node() =>
        DeviceCommand.Device("Name of the device; or 'hub', or 'pool:NAME'.");

    private static (string Device, string Workload) Parts(string path) =>
        path.Split('/') is [var device, var workload]
            ? (Uri.UnescapeDataString(device), Uri.UnescapeDataString(workload))
            : throw new InvalidOperationException(path);

    /// <param name="what">The change, and the same as a wish to the planner for <c>--dry-run</c>.</param>
    private static Command Change(
        string name, string description, Symbol[] symbols, Func<HubCall, Task<(Change Change, object Wish)>> what)
    {
        var dry = new Option<bool>("--dry-run")
            { Description = "Only say what would be sent, and what the planner would then move; nothing changes." };
        return HubVerb.Create(name, description, [.. symbols, dry], async call =>
        {
            var (change, wish) = await what(call);
            if (!call.Parsed.GetValue(dry))
            {
                var controls = await ChangeVerb.SendAsync(call.Client, change, call.Cancellation);
                return call.Form == OutputForm.Csv
                    ? SheetWriter.Write(call.Form, PlanSheets.Pins, controls, [.. controls.Items("pins")])
                    : ChangeVerb.Tell(call.Form, change, controls, said => PlanText.Controls(said));
            }

            if (call.Form == OutputForm.Table)
                ChangeVerb.DryRun(call, change);
            return await PlanDryRunCommand.AskAsync(call, wish);
        });
    }
}
