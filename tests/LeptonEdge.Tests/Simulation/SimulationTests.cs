using LeptonEdge.Simulation;

namespace LeptonEdge.Tests.Simulation;

public class SimulationTests
{
    [Fact]
    public void Twenty_thousand_schedules_lose_double_and_change_nothing()
    {
        // Other seeds on every day, so that time widens what was looked at; a failure names its seed.
        var first = (ulong)(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 86_400) * 1_000_000;
        var (totals, failed) = SimSweep.Run(first, 20_000, PlantedBugs.None, Environment.ProcessorCount);
        Assert.True(failed is null, $"seed {failed?.Seed}: {failed?.Fault}");
        Assert.Equal(20_000, totals.Schedules);
        // Faults were there, and batches came through them.
        Assert.True(totals.Crashes > 20_000, $"{totals.Crashes} crashes");
        Assert.True(totals.Resent > 20_000, $"{totals.Resent} sent again");
        Assert.True(totals.GapRanges > 1_000, $"{totals.GapRanges} gaps");
        Assert.True(totals.Forks > 10, $"{totals.Forks} new epochs");
        Assert.True(totals.Stored > totals.Schedules * 10, $"{totals.Stored} stored");
    }

    [Theory]
    [InlineData(PlantedBugs.TrimOnPuback)]
    [InlineData(PlantedBugs.CursorApart)]
    [InlineData(PlantedBugs.EpochReused)]
    public void A_planted_bug_is_found(PlantedBugs bug)
    {
        var (_, failed) = SimSweep.Run(1, 20_000, bug, Environment.ProcessorCount);
        Assert.NotNull(failed);
        // The same seed without the bug holds: it is the bug that was found.
        Assert.Null(SimSchedule.Run(new SimOptions(failed.Seed)).Fault);
    }

    [Fact]
    public void A_seed_replays_step_by_step()
    {
        using var first = new StringWriter();
        using var second = new StringWriter();
        var one = SimSchedule.Run(new SimOptions(4_711, Trace: first));
        var two = SimSchedule.Run(new SimOptions(4_711, Trace: second));
        Assert.Equal(one, two);
        Assert.True(first.ToString().Length > 1_000);
        Assert.Equal(first.ToString(), second.ToString());
    }
}
