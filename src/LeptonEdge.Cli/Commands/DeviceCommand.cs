using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using LeptonEdge.Cli.Output;
using Spectre.Console;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton device …</c>: the fleet as the hub knows it.</summary>
internal static class DeviceCommand
{
    private const int PipedWidth = 400;

    public static Command Create() =>
        new("device", "List and inspect devices, and rehearse an overload.") { List(), Show(), Load() };

    private static Command List()
    {
        var hub = new HubOptions();
        var command = new Command(
            "list", "List every channel of every device, with its rates and where its workload runs.");
        hub.AddTo(command);
        command.SetAction((parsed, cancellation) => HubOptions.RunAsync(async () =>
        {
            using var client = hub.Connect(parsed);
            var summary = await client.GetAsync("api/v1/summary", cancellation);
            if (hub.WantsJson(parsed))
                return Print.Json(summary);
            var table = new Table().Border(TableBorder.Simple);
            foreach (var title in (string[])[
                "device", "online", "channel", "source", "readings/s", "inferences/s", "runs on", "backlog", "alarms"])
                table.AddColumn(new TableColumn(title).NoWrap());
            foreach (var row in FleetRow.ReadAll(summary))
                table.AddRow([.. Cells(row).Select(Markup.Escape)]);
            // What is piped has no edge to fit within.
            if (Console.IsOutputRedirected)
                AnsiConsole.Profile.Width = PipedWidth;
            AnsiConsole.Write(table);
            return 0;
        }));
        return command;
    }

    private static IEnumerable<string> Cells(FleetRow row) =>
    [
        row.Device, (row.Online ? "yes" : "no") + (row.Distrust is null ? "" : ", not believed"), row.Channel,
        row.Source,
        row.ReadingsPerSecond.ToString("0.#", CultureInfo.InvariantCulture),
        row.Workload is null ? "" : row.InferencesPerSecond.ToString("0.0", CultureInfo.InvariantCulture),
        row.Place ?? "", row.BacklogRecords.ToString(CultureInfo.InvariantCulture),
        row.ActiveAlarms.ToString(CultureInfo.InvariantCulture),
    ];

    private static Command Show()
    {
        var hub = new HubOptions();
        var device = new Argument<string>("device") { Description = "Name of the device." };
        var command = new Command("show", "Show all that the hub knows of one device.") { device };
        hub.AddTo(command);
        command.SetAction((parsed, cancellation) => HubOptions.RunAsync(async () =>
        {
            using var client = hub.Connect(parsed);
            var found = await client.GetAsync(
                $"api/v1/devices/{Uri.EscapeDataString(parsed.GetValue(device)!)}", cancellation);
            return hub.WantsJson(parsed) ? Print.Json(found) : Print.Tree(found);
        }));
        return command;
    }

    private static Command Load()
    {
        var hub = new HubOptions();
        var device = new Argument<string>("device") { Description = "Name of the device." };
        var share = new Option<double>("--utilisation")
        {
            Description = "Share of the inference lane's time to take, 0 to 0.98.",
            DefaultValueFactory = _ => 0.9,
        };
        var length = new Option<double>("--seconds")
            { Description = "How long; 0 ends a running drill.", DefaultValueFactory = _ => 15 };
        var command = new Command("load", "Rehearse an overload: fill a device's inference lane with real inferences.")
            { device, share, length };
        hub.AddTo(command);
        command.SetAction((parsed, cancellation) => HubOptions.RunAsync(async () =>
        {
            using var client = hub.Connect(parsed);
            var seconds = parsed.GetValue(length);
            await client.PostAsync(
                $"api/v1/devices/{Uri.EscapeDataString(parsed.GetValue(device)!)}/commands/load-drill",
                new { utilisation = parsed.GetValue(share), rampSeconds = seconds / 3, seconds }, cancellation);
            return 0;
        }));
        return command;
    }
}
