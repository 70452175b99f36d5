using System.Collections.Concurrent;

namespace LeptonEdge.Simulation;

/// <summary>What many schedules came to.</summary>
public sealed record SimTotals(
    long Schedules, long Steps, long Appended, long Stored, long GapRanges, long Quarantined, long Crashes, long Resent,
    long Forks, long Shed)
{
    public SimTotals Add(SimOutcome one) => new(
        Schedules + 1, Steps + one.Steps, Appended + one.Appended, Stored + one.Stored, GapRanges + one.GapRanges,
        Quarantined + one.Quarantined, Crashes + one.Crashes, Resent + one.Resent, Forks + one.Forks, Shed + one.Shed);

    public SimTotals Add(SimTotals other) => new(
        Schedules + other.Schedules, Steps + other.Steps, Appended + other.Appended, Stored + other.Stored,
        GapRanges + other.GapRanges, Quarantined + other.Quarantined, Crashes + other.Crashes, Resent + other.Resent,
        Forks + other.Forks, Shed + other.Shed);

    public static SimTotals Zero { get; } = new(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}

/// <summary>Runs one schedule after another; each is single-threaded, several run side by side.</summary>
public static class SimSweep
{
    /// <summary>Runs seeds [first, first + count) and stops at the first that fails.</summary>
    /// <param name="progress">Told now and then how many schedules are done.</param>
    /// <returns>The totals, and the failed schedule of the lowest seed among those found; null when all held.</returns>
    public static (SimTotals Totals, SimOutcome? Failed) Run(
        ulong first, ulong count, PlantedBugs bugs, int threads, Action<long>? progress = null)
    {
        const ulong Chunk = 256;
        var next = 0L;
        var done = 0L;
        var all = new ConcurrentBag<SimTotals>();
        var failed = new ConcurrentBag<SimOutcome>();
        Parallel.For(0, threads, _ =>
        {
            var totals = SimTotals.Zero;
            while (failed.IsEmpty)
            {
                var start = (ulong)(Interlocked.Increment(ref next) - 1) * Chunk;
                if (start >= count)
                    break;
                for (var i = start; i < Math.Min(start + Chunk, count); i++)
                {
                    var outcome = SimSchedule.Run(new SimOptions(first + i, bugs));
                    totals = totals.Add(outcome);
                    if (outcome.Fault is not null)
                    {
                        failed.Add(outcome);
                        break;
                    }
                }

                progress?.Invoke(Interlocked.Add(ref done, (long)Chunk));
            }

            all.Add(totals);
        });
        return (all.Aggregate(SimTotals.Zero, (sum, one) => sum.Add(one)), failed.MinBy(outcome => outcome.Seed));
    }
}
