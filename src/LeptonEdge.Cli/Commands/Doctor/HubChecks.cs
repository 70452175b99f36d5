using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using LeptonEdge.Cli.Contexts;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary>What is asked of the hub itself: its name, its answer, its clock, its version, and what it makes of our
/// token.</summary>
internal static class HubChecks
{
    // The hub's date is whole seconds; TLS and tokens are wrong long after deadlines and charts are.
    private const double SkewSmall = 2;
    private const double SkewLarge = 60;

    private static string OwnVersion { get; } = typeof(HubChecks).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    public static async Task<List<Finding>> AllAsync(HubChoice choice, CancellationToken cancellation)
    {
        var findings = new List<Finding>();
        if (await NameAsync(choice.Hub, cancellation) is { } name)
            findings.Add(name);
        if (findings.Exists(finding => finding.State == FindingState.Fail))
            return findings;
        try
        {
            using var client = HubOptions.Connect(choice);
            var clock = TimeProvider.System;
            var begun = clock.GetUtcNow();
            var (date, status) = await client.ReadDateAsync(cancellation);
            var ended = clock.GetUtcNow();
            findings.Add(status == (int)HttpStatusCode.OK
                ? Finding.Ok("hub-reach", $"{choice.Hub} answers in {(ended - begun).TotalMilliseconds:0} ms")
                : Finding.Fail(
                    "hub-reach", $"{choice.Hub} answers with {status}, which a hub that is up does not",
                    "is this the hub's own address (--hub, --context), or that of something in front of it?"));
            findings.Add(Clock(date, begun, ended));
            findings.Add(await client.IsReadyAsync(cancellation)
                ? Finding.Ok("hub-ready", "the hub is ready")
                : Finding.Warn("hub-ready", "the hub is up but not ready",
                    $"see what it waits for: {choice.Hub}readyz"));
            findings.Add(await TokenAsync(client, choice, cancellation));
            if (findings[^1].State == FindingState.Ok)
                findings.AddRange(await VersionsAsync(client, cancellation));
        }
        catch (HubException fault)
        {
            findings.Add(Finding.Fail(
                "hub-reach", fault.Message,
                "is the hub up, is this its address (--hub, --context), and does a firewall let it through?"));
        }

        return findings;
    }

    private static async Task<Finding?> NameAsync(Uri hub, CancellationToken cancellation)
    {
        const string Check = "hub-name";
        if (hub.HostNameType != UriHostNameType.Dns)
            return null;
        try
        {
            var found = await Dns.GetHostAddressesAsync(hub.Host, cancellation);
            return Finding.Ok(Check, $"{hub.Host} is {string.Join(", ", found.Take(3).Select(at => at.ToString()))}");
        }
        catch (SocketException fault)
        {
            return Finding.Fail(
                Check, $"{hub.Host}: {fault.Message}",
                "is the name right (--hub, --context)? Else name servers (/etc/resolv.conf) or /etc/hosts lack it");
        }
    }

    /// <summary>Whether hub, agents and this command line are of one version.</summary>
    private static async Task<List<Finding>> VersionsAsync(HubClient client, CancellationToken cancellation)
    {
        var findings = new List<Finding>();
        try
        {
            var hub = (await client.GetAsync("api/v1/hub", cancellation)).Text("version");
            findings.Add(hub == OwnVersion
                ? Finding.Ok("version", $"the hub is {hub}, as this lepton is")
                : Finding.Warn("version", $"the hub is {hub}, this lepton {OwnVersion}",
                    "install the hub's version of lepton here; a newer one may ask for what the hub does not know"));
            var devices = await Paging.ReadAsync(client, "api/v1/devices", int.MaxValue, cancellation);
            // What follows '+' is the commit.
            var others = devices.Rows
                .Select(row => (Name: row.Text("device"), Version: row.Text("agentVersion").Split('+')[0]))
                .Where(device => device.Version.Length > 0 && device.Version != hub)
                .Select(device => $"{device.Name} ({device.Version})").ToList();
            findings.Add(others.Count == 0
                ? Finding.Ok("agent-versions", $"{devices.Rows.Count} devices run the hub's version")
                : Finding.Warn(
                    "agent-versions",
                    $"{others.Count} of {devices.Rows.Count} devices run another version than the hub: "
                        + string.Join(", ", others.Take(5)), "upgrade the hub first, then its devices"));
        }
        catch (HubException fault)
        {
            findings.Add(Finding.Warn("version", fault.Message, "is the hub older than this lepton?"));
        }

        return findings;
    }

    private static Finding Clock(DateTimeOffset? date, DateTimeOffset begun, DateTimeOffset ended)
    {
        const string Check = "clock";
        const string Remedy =
            "set both clocks by a time service: timedatectl set-ntp true on this machine and the hub's";
        if (date is not { } hub)
            return Finding.Warn(Check, "the hub's answer has no date", "is a proxy between here and the hub?");
        // Somewhere within the second that it names, and within the time that the question took.
        var skew = begun > hub.AddSeconds(1) ? (begun - hub).TotalSeconds - 1
            : ended < hub ? (ended - hub).TotalSeconds : 0;
        var words = string.Create(
            CultureInfo.InvariantCulture,
            $"this clock is {Math.Abs(skew):0.#} s {(skew > 0 ? "ahead of" : "behind")} the hub's");
        return Math.Abs(skew) switch
        {
            <= SkewSmall => Finding.Ok(Check, "this clock and the hub's agree"),
            <= SkewLarge => Finding.Warn(Check, words, Remedy),
            _ => Finding.Fail(Check, words, Remedy),
        };
    }

    private static async Task<Finding> TokenAsync(HubClient client, HubChoice choice, CancellationToken cancellation)
    {
        const string Check = "token";
        if (choice.Token is null)
        {
            return Finding.Warn(
                Check, "no token is known here", "sign in with 'lepton login', or give --token-file or LEPTON_TOKEN");
        }

        try
        {
            await client.GetAsync("api/v1/plan/controls", cancellation);
            return Finding.Ok(Check, "the hub accepts the token");
        }
        catch (HubException fault)
        {
            return Finding.Fail(Check, fault.Message, fault.Status == ExitCodes.NotAllowed
                ? "sign in again: lepton login"
                : "look at the hub's log; is this a LeptonEdge hub, and of this version?");
        }
    }
}
