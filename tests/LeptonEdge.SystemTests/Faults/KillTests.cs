using System.Diagnostics;
using System.Globalization;
using LeptonEdge.SystemTests.Support;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.SystemTests.Faults;

/// <summary>SIGKILL of agent, hub and broker at seeded random moments, in one run.</summary>
/// <remarks><c>FAULTS</c> says how many kills (200), <c>FAULTS_SEED</c> replays the moments of an earlier
/// run.</remarks>
public class KillTests(FaultReport report) : IClassFixture<FaultReport>
{
    [PeerFact("mosquitto")]
    public async Task Kills_at_any_moment_lose_nothing_and_double_nothing()
    {
        var kills = FaultSeed.Kills();
        var seed = FaultSeed.Draw();
        report.Say($"FAULTS={kills} FAULTS_SEED={seed}");
        var watch = Stopwatch.StartNew();
        using var fleet = new FaultFleet(new FleetOptions { Bearing = true });
        fleet.StartAll();
        foreach (var stroke in KillSchedule.Create(seed, kills))
        {
            // The pause between two strokes is the fault that is tested, not a wait for something.
            await Task.Delay(stroke.Pause);
            await fleet.KillAsync(stroke.Victims);
            await Task.Delay(stroke.Away);
            foreach (var part in stroke.StartOrder)
                fleet.Start(part);
        }

        var killing = watch.Elapsed;
        await fleet.DrainAndStopAsync();
        var result = fleet.Compare().Judge();
        report.Say(result.Line(kills));
        report.Say(string.Create(CultureInfo.InvariantCulture,
            $"{killing.TotalSeconds:0.0} s of kills, {watch.Elapsed.TotalSeconds:0.0} s in all, "
            + $"{result.UnlistedBatches} batches that only the store lists"));
        Assert.True(result.Lost == 0 && result.Duplicated == 0, $"seed {seed}: {string.Join("\n", result.Findings)}");
        Assert.True(result.Stored > 10 * kills, $"only {result.Stored} records: the fleet hardly ran");
        // One append is under way at a kill, so more that the ledger lacks would be appends that never returned.
        Assert.InRange(result.UnlistedBatches, 0, kills);
        var meters = fleet.CompareMeters();
        report.Say(meters.Line);
        meters.Judge();
    }
}
