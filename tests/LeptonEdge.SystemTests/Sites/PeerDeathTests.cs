using System.Text.Json;
using LeptonEdge.Core.Plans;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.SystemTests.Sites;

/// <summary>A device answers another's windows, and dies.</summary>
[Collection(Alone.Name)]
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
            async () => await MoveFromAsync(site, Host) is not null, "the plan moves the work of the dead device");
        // Whichever place is best without it: on a busy machine that may be the third device.
        await AnsweredAsync(
            site, "windows are answered elsewhere", "inferencesLocal", "inferencesHub", "inferencesPeer");
        var move = (await MoveFromAsync(site, Host))!.Value;
        var dead = (await site.DeviceAsync("plan/devices", "items", Host))!.Value;
        Assert.Equal("nodedown", move.GetProperty("cause").GetString());
        Assert.NotEqual(Host, move.GetProperty("toNode").GetString());
        // Both by the hub's own clock: when it last heard the dead device, and when it decided.
        var took = move.GetProperty("timeMicros").GetInt64() - dead.GetProperty("seenMicros").GetInt64();
        Assert.InRange(took, 1, WithinMicros);
        var shown = await site.LeptonAsync("plan", "show");
        Assert.Contains($"{Host} is down", shown.Output);

        site.StartAgent(Host);
        await site.UntilAsync(
            async () => (await site.DeviceAsync("plan", "placements", Caller))?.GetProperty("node").GetString() == Host,
            "the pin holds again");
        await PeerAnswersAsync(site);
        await StopAsync(site);
        Judge(site);
    }

    [Fact]
    public async Task Work_that_the_plan_put_on_a_peer_leaves_it_as_soon_as_its_windows_come_back_unanswered()
    {
        using var site = new PeerSite(Caller, Host, Third);
        site.StartHub();
        foreach (var device in new[] { Caller, Host, Third })
            site.StartAgent(device);
        await site.UntilAsync(
            async () => await site.AskAsync("plan") is { } plan && plan.GetProperty("placements").GetArrayLength() == 3,
            "all are planned");
        await site.UntilAsync(
            async () => (await site.LeptonAsync("plan", "drain", Caller)).Status == 0, "the device is drained");
        await PeerAnswersAsync(site);
        var peer = (await site.DeviceAsync("plan", "placements", Caller))!.Value.GetProperty("node").GetString()!;
        Assert.Contains(peer, new[] { Host, Third });

        await site.KillAsync(peer);
        await site.UntilAsync(
            async () => await MoveFromAsync(site, peer) is not null, "the plan moves the work of the dead device");
        var move = (await MoveFromAsync(site, peer))!.Value;
        var dead = (await site.DeviceAsync("plan/devices", "items", peer))!.Value;
        // Its sender says so before it has been silent for long enough to count as down.
        Assert.Equal("missed", move.GetProperty("cause").GetString());
        Assert.DoesNotContain(move.GetProperty("toNode").GetString(), new[] { peer, Caller });
        var took = move.GetProperty("timeMicros").GetInt64() - dead.GetProperty("seenMicros").GetInt64();
        Assert.InRange(took, 1, WithinMicros);
        foreach (var name in new[] { Caller, Host, Third, "hub" }.Where(name => name != peer))
            await site.StopAsync(name);
        Assert.Equal((0, 0), (site.Compare(Caller).Doubled, site.Compare(Caller).Unknown));
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
            async () => await site.DeviceAsync("devices", "items", Caller) is { } device
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
            await site.DeviceAsync("workloads", "items", Caller) is { } workload
                ? figures.Sum(figure => workload.GetProperty(figure).GetInt64())
                : 0;
        var before = await CountAsync();
        await site.UntilAsync(async () => await CountAsync() > before + 40, what);
    }

    private static async Task<JsonElement?> MoveFromAsync(PeerSite site, string host)
    {
        if (await site.AskAsync("plan") is not { } plan)
            return null;
        foreach (var move in plan.GetProperty("moves").EnumerateArray())
        {
            if (move.GetProperty("device").GetString() == Caller && move.GetProperty("fromNode").GetString() == host)
                return move;
        }

        return null;
    }
}
