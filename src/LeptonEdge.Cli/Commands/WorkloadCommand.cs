using System.CommandLine;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton workload …</c>: what runs on a device.</summary>
internal static class WorkloadCommand
{
    public static Command Create() => new("workload", "Say what a device's workloads run.") { SetModel() };

    private static Command SetModel()
    {
        var hub = new HubOptions();
        var device = new Argument<string>("device") { Description = "Name of the device." };
        var workload = new Argument<string>("workload") { Description = "Name of the workload." };
        var model = new Argument<string>("model")
        {
            Description = "NAME/VERSION in the device's models folder; left out: the one of its configuration.",
            DefaultValueFactory = _ => "",
        };
        var command = new Command(
            "set-model",
            "Put another of the device's models in service, between two windows. 'lepton device show' says what runs, "
            + "or why the model was refused.") { device, workload, model };
        hub.AddTo(command);
        command.SetAction((parsed, cancellation) => HubOptions.RunAsync(async () =>
        {
            using var client = hub.Connect(parsed);
            var (name, id) = (parsed.GetValue(device)!, parsed.GetValue(workload)!);
            await client.PostAsync(
                $"api/v1/devices/{Uri.EscapeDataString(name)}/workloads/{Uri.EscapeDataString(id)}/model",
                new { model = parsed.GetValue(model) }, cancellation);
            return 0;
        }));
        return command;
    }
}
