using System.CommandLine;
using LeptonEdge.Core.Identity;
using LeptonEdge.Hub;
using LeptonEdge.Hub.Trust;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton hub …</c>: what is done on the hub's own machine.</summary>
internal static class HubCommand
{
    public static IEnumerable<Command> Verbs() => [Run(), Issue()];

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
