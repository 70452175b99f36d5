using LeptonEdge.Core.Plans;
using LeptonEdge.Core.Records;
using LeptonEdge.SystemTests.Support;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.SystemTests.Faults;

/// <summary>Windows that the hub is asked about, while its line is slow, stands still and is cut, and the hub is
/// killed.</summary>
/// <remarks><c>FAULTS_SEED</c> replays the jitter of an earlier run.</remarks>
[Collection(Alone.Name)]
public class OffloadFaultTests(FaultReport report) : IClassFixture<FaultReport>
{
    private const string Channel = "drive-end";

    // There and back, give or take a half: most replies come in time, some just too late.
    private static readonly TimeSpan OneWay = TimeSpan.FromMilliseconds(65);

    [PeerFact("mosquitto")]
    public Task A_cascade_gives_each_window_one_verdict_whatever_happens_to_the_hub() => GoThroughAsync("cascade");

    [PeerFact("mosquitto")]
    public Task The_device_answers_for_a_hub_that_does_not() => GoThroughAsync("hub");

    private async Task GoThroughAsync(string offload)
    {
        var seed = FaultSeed.Draw();
        var port = FaultFleet.FreePort();
        await using var line = new FaultProxy(port, seed);
        using var fleet = new FaultFleet(new FleetOptions
        {
            Bearing = true, HubServicePort = port, AgentServicePort = line.Port, Offload = offload,
        });
        fleet.StartAll();
        await HubAnswersAsync(fleet);

        line.Delay(OneWay);
        await fleet.UntilAsync(
            async () => await fleet.Api.WorkloadFigureAsync("lateReplies") > 0, "a reply comes too late");
        line.Heal();
        line.Stall(TimeSpan.FromSeconds(1));
        await HubAnswersAsync(fleet);
        line.Cut();
        await HubAnswersAsync(fleet);

        await fleet.KillAsync(Part.Hub);
        var appended = fleet.LedgerEntries();
        await Eventually.True(() => fleet.LedgerEntries() > appended + 40, "the device goes on without a hub", 60);
        fleet.Start(Part.Hub);
        await fleet.CaughtUpAsync();
        await HubAnswersAsync(fleet);

        await fleet.DrainAndStopAsync();
        Judge(fleet, offload, seed);
    }

    private void Judge(FaultFleet fleet, string offload, int seed)
    {
        var (windows, summary) = (fleet.CompareWindows(Channel), fleet.Summary());
        var byHub = windows.Verdicts.Count(verdict => verdict.Place == Place.Hub);
        report.Say(
            $"{offload}, seed {seed}: windows={windows.Windows} unanswered={windows.Unanswered} "
            + $"doubled={windows.Doubled} by hub={byHub} late={summary.Late} late replies={summary.LateReplies} "
            + $"fallbacks={summary.Fallbacks} shed={summary.ShedWindows}");
        Assert.Equal((0, 0), (windows.Doubled, windows.Unknown));
        // None is left without a verdict, but those that a machine out of breath sheds and counts.
        Assert.Equal(summary.ShedWindows, windows.Unanswered);
        Assert.InRange(windows.Unanswered, 0, windows.Windows / 20);
        Assert.All(windows.Verdicts, IsFlaggedAndNamed);
        Assert.Equal(summary.Late, windows.Verdicts.Count(verdict => verdict.Late));
        Assert.Equal(
            (summary.InferencesHub, summary.InferencesLocal), (byHub, windows.Verdicts.Count - byHub));
        Assert.True(summary.LateReplies > 0, "no reply came too late: nothing was tested");
    }

    private static void IsFlaggedAndNamed(Verdict verdict)
    {
        Assert.Equal(verdict.LatencyMicros > FleetFiles.OffloadDeadlineMillis * 1_000, verdict.Late);
        // A reply that was not used leaves no trace in a verdict: each bears the model of the place it came from.
        Assert.Equal(verdict.Place == Place.Hub ? "bearing-fault-large" : "bearing-fault", verdict.Model.Name);
    }

    private static async Task HubAnswersAsync(FaultFleet fleet)
    {
        var before = await fleet.Api.WorkloadFigureAsync("inferencesHub");
        await fleet.UntilAsync(
            async () => await fleet.Api.WorkloadFigureAsync("inferencesHub") > before + 20, "the hub answers windows");
    }
}
