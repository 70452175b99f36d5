using System.CommandLine;
using System.Text.Json;
using LeptonEdge.Cli.Output;
using LeptonEdge.Core.Identity;
using LeptonEdge.Hub;
using LeptonEdge.Hub.Trust;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton hub …</c>: how a hub does, and what is done on its own machine.</summary>
internal static class HubCommand
{
    public static IEnumerable<Command> Verbs() => [Status(), Run(), Issue()];

    private static readonly Sheet s_rows = new(
        Sheet.By("tenant"),
        Column.Text("tenant", "tenant"),
        Column.Text("version", "version"),
        Column.Number("devices", "devices.total", "0") with { Name = "devices" },
        Column.Number("online", "devices.online", "0"),
        Column.Number("alarms", "alarms.active", "0") with { Name = "alarms" },
        Column.Number("critical", "alarms.critical", "0"),
        Column.Number("readings/s", "rates.readingsPerSecond", "#,0.#").Passing with { Name = "readings_per_second" },
        Column.Share("in time", "deadlines.share").Passing with { Name = "deadline_share" },
        Column.Number("backlog", "backlog.records", "0").Passing with { Name = "backlog_records" },
        Column.Number("cost an hour", "plan.costPerHour", "0.######") with { Name = "cost_per_hour" },
        Column.Flag("broker", "broker.connected", "connected", "away"),
        Column.Flag("store", "store.up", "up", "down"),
        Column.Bytes("memory", "memory.residentBytes").Passing,
        Column.Time("started", "startedMicros"));

    private static Command Status()
    {
        const string Path = "api/v1/hub";
        var watch = new WatchOptions();
        return HubVerb.Create("status", "Show how the hub and its fleet do.", watch.All, async call =>
        {
            Task<JsonElement> ReadAsync() => call.Client.GetAsync(Path, call.Cancellation);
            if (watch.IsAsked(call.Parsed))
            {
                return await Watching.RunAsync(call, s_rows, Path, watch.Every(call.Parsed), async () =>
                {
                    var now = await ReadAsync();
                    return new Listed(now, [now]);
                });
            }

            var found = await ReadAsync();
            return ShowVerb.Write(call.Form, s_rows, found, found);
        });
    }

    private static Command Run()
    {
        var config = new Option<string>("--config") { Description = "The hub's configuration file.", Required = true };
        var command = new Command("run", "Run a hub until it is told to stop.") { config };
        command.SetAction(parsed => HubHost.RunAsync(["--config", parsed.GetValue(config)!]));
        return command;
    }

    private static Command Issue()
    {
        var device = new Argument<string>("device") { Description = "Name of the device." };
        var data = new Option<string>("--data")
            { Description = "The hub's data folder, which holds its authority.", Required = true };
        var tenant = new Option<string>("--tenant")
            { Description = "The fleet's tenant, as in hub.yaml.", Required = true };
        var folder = new Option<string>("--out")
            { Description = "Folder for device.crt, device.key, ca.crt and hub.pub.", Required = true };
        var dry = new Option<bool>("--dry-run") { Description = "Only say what would be written." };
        var command = new Command("issue", "Issue the certificate that lets one device speak to this hub.")
            { device, data, tenant, folder, dry };
        command.SetAction(async parsed =>
        {
            try
            {
                if (parsed.GetValue(dry))
                {
                    Console.WriteLine($"would issue a certificate for {new DeviceId(parsed.GetValue(device)!)} of "
                        + $"{new TenantId(parsed.GetValue(tenant)!)} into "
                        + Path.GetFullPath(parsed.GetValue(folder)!));
                    return ExitCodes.Ok;
                }

                var target = Directory.CreateDirectory(parsed.GetValue(folder)!).FullName;
                var authority = FleetAuthority.OpenOrCreate(
                    parsed.GetValue(data)!, new TenantId(parsed.GetValue(tenant)!));
                authority.IssueDevice(new DeviceId(parsed.GetValue(device)!), target);
                Console.WriteLine($"{target}: device.crt, device.key, ca.crt, hub.pub");
                return 0;
            }
            catch (Exception fault) when (fault is FormatException or IOException or UnauthorizedAccessException
                or System.Security.Cryptography.CryptographicException)
            {
                await Console.Error.WriteLineAsync($"lepton hub issue: {fault.Message}");
                return 1;
            }
        });
        return command;
    }
}
