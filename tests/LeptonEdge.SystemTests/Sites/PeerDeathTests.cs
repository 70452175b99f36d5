using System.Text.Json;
using LeptonEdge.Core.Plans;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.SystemTests.Sites;

/// <summary>A device answers another's windows, and dies.</summary>
public class PeerDeathTests
{
    private const string Caller = "press";
    private const string Host = "pump";
    private const string Third = "mill";
    private const int WithinMicros = 5_000_000;

    [Fact]
    public async Task Work_on_a_peer_that_is_killed_runs_elsewhere_within_five_seconds_and_no_window_is_lost()
    {
        using var site = new PeerSite(Caller, Host, Third);
        site.StartHub();
        foreach (var device in new[] { Caller, Host, Third })
            site.StartAgent(device);
        await site.UntilAsync(
            async () => (await site.LeptonAsync("plan", "pin", $"{Caller}/bearing", Host)).Status == 0,
            "the workload is pinned to a peer");
        await PeerAnswersAsync(site);

        await site.KillAsync(Host);
        await site.UntilAsync(
            async () => await MoveFromHostAsync(site) is not null, "the plan moves the work of the dead device");
        await AnsweredAsync(site, "windows are answered elsewhere", "inferencesLocal", "inferencesHub");
        var move = (await MoveFromHostAsync(site))!.Value;
        var dead = (await site.DeviceAsync("plan/devices", "devices", Host))!.Value;
        Assert.Equal("nodedown", move.GetProperty("cause").GetString());
        Assert.NotEqual(Host, move.GetProperty("toNode").GetString());
        // Both by the hub's own clock: when it last heard the dead device, and when it decided.
        var took = move.GetProperty("timeMicros").GetInt64() - dead.GetProperty("seenMicros").GetInt64();
        Assert.InRange(took, 1, WithinMicros);
        var shown = await site.LeptonAsync("plan", "show");
        Assert.Contains($"{Host} is down", shown.Output);

        site.StartAgent(Host);
        await PeerAnswersAsync(site);
        await StopAsync(site);
        Judge(site);
    }

    private static void Judge(PeerSite site)
    {
        var (windows, summary) = (site.Compare(Caller), site.Summary(Caller));
        Assert.Equal((0, 0), (windows.Doubled, windows.Unknown));
        // None is left without a verdict, but those that a machine out of breath sheds and counts.
        Assert.Equal(summary.ShedWindows, windows.Unanswered);
        Assert.InRange(windows.Unanswered, 0, windows.Windows / 20);
        Assert.Contains(windows.Verdicts, verdict => verdict.Place == Place.Peer);
        Assert.Contains(windows.Verdicts, verdict => verdict.Place == Place.Local);
    }

    private static async Task StopAsync(PeerSite site)
    {
        await site.UntilAsync(
            async () => await site.DeviceAsync("devices", "devices", Caller) is { } device
                && device.GetProperty("backlog").GetProperty("batches").GetInt64() < 5, "the hub has caught up");
        foreach (var name in new[] { Caller, Host, Third, "hub" })
            await site.StopAsync(name);
    }

    private static Task PeerAnswersAsync(PeerSite site) =>
        AnsweredAsync(site, "its peer answers the device's windows", "inferencesPeer");

    /// <summary>Waits for verdicts of windows that came after this call.</summary>
    /// <param name="figures">Whose verdicts, as the API names them.</param>
    private static async Task AnsweredAsync(PeerSite site, string what, params string[] figures)
    {
        async Task<long> CountAsync() =>
            await site.DeviceAsync("workloads", "workloads", Caller) is { } workload
                ? figures.Sum(figure => workload.GetProperty(figure).GetInt64())
                : 0;
        var before = await CountAsync();
        await site.UntilAsync(async () => await CountAsync() > before + 40, what);
    }

    private static async Task<JsonElement?> MoveFromHostAsync(PeerSite site)
    {
        if (await site.AskAsync("plan") is not { } plan)
            return null;
        foreach (var move in plan.GetProperty("moves").EnumerateArray())
        {
            if (move.GetProperty("device").GetString() == Caller && move.GetProperty("fromNode").GetString() == Host)
                return move;
        }

        return null;
    }
}
