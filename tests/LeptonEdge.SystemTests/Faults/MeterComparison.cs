using LeptonEdge.Core.Records;
using LeptonEdge.Storage.Hubs;

namespace LeptonEdge.SystemTests.Faults;

/// <summary>What the hub's meters say, beside the usage records and verdicts that they come from.</summary>
/// <param name="Lives">How often the agent was started.</param>
/// <param name="Recorded">Sum of the usage records of workloads; that each is stored once and as it was appended is
/// <see cref="FaultComparison"/>'s to say.</param>
/// <param name="Metered">Sum of the hub's meters for workloads.</param>
/// <param name="Verdicts">Stored verdicts.</param>
/// <param name="MeteredVerdicts">Verdicts by the hub's meters.</param>
/// <param name="Covered">Stored verdicts that were there before the end of a usage record, and after its
/// beginning.</param>
/// <param name="Bytes">Of the batches in the store.</param>
internal sealed record MeterComparison(
    int Lives, UsageAmounts Recorded, UsageAmounts Metered, long Verdicts, long MeteredVerdicts, long Covered,
    long Bytes, long MeteredBytes)
{
    // What a kill may leave between an inference and its verdict's way to the disk, or a record and its end.
    private const int UnderWayMax = 16;

    public string Line =>
        $"metered={Metered.Inferences} recorded={Recorded.Inferences} verdicts={Verdicts} "
        + $"unmetered={Verdicts - Metered.Inferences} covered={Covered} lives={Lives}";

    public static MeterComparison Of(HubStore store, int lives)
    {
        var batches = store.EnumerateBatches().ToList();
        var usage = batches.SelectMany(batch => batch.Records.Usage).ToList();
        var verdicts = batches.SelectMany(batch => batch.Records.Verdicts).ToList();
        var ofWorkloads = usage.Where(entry => entry.Workload is not null)
            .OrderBy(entry => entry.FromMicros).ToList();
        var sums = store.ReadMeters(new MeterFilter(0, 7_000_000_000_000_000)).Sums;
        var bytes = batches.Sum(batch => (long)batch.SealedBytes);
        return new MeterComparison(
            lives, Sum(ofWorkloads.Select(entry => entry.Amounts)),
            Sum(sums.Where(sum => sum.Workload.Length > 0).Select(sum => sum.Used)), verdicts.Count,
            sums.Sum(sum => sum.Verdicts), verdicts.Count(verdict => IsCovered(verdict, ofWorkloads)), bytes,
            sums.Where(sum => sum.Workload.Length == 0).Sum(sum => sum.Used.Bytes));
    }

    public void Judge()
    {
        Assert.Equal(Recorded, Metered);
        Assert.Equal(Verdicts, MeteredVerdicts);
        Assert.Equal(Bytes, MeteredBytes);
        Assert.True(Metered.Inferences > 0, Line);
        Assert.InRange(Metered.Inferences, Covered - (UnderWayMax * Lives), Covered + (UnderWayMax * Lives));
    }

    private static bool IsCovered(Verdict verdict, List<Usage> usage)
    {
        var answered = verdict.TimeMicros + verdict.LatencyMicros;
        return usage.Exists(entry => entry.FromMicros <= answered && answered < entry.ToMicros);
    }

    private static UsageAmounts Sum(IEnumerable<UsageAmounts> amounts) =>
        amounts.Aggregate(default(UsageAmounts), (sum, each) => sum + each);
}
