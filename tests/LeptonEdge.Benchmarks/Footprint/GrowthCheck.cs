namespace LeptonEdge.Benchmarks.Footprint;

/// <summary>Whether a series of memory samples grows: the medians of successive blocks of time, the highest of them
/// beside the first after the warm-up.</summary>
/// <remarks>A step shows in full wherever it lies, and a slope as what it gained by the end; one sample that stands
/// out, and what comes and goes within a block, do not.</remarks>
/// <param name="FirstMinute">Median of the first minute, or of the first block if that is shorter; MiB, as all
/// figures.</param>
/// <param name="LeftOutMinutes">The warm-up.</param>
/// <param name="Warm">Median of the first block after the warm-up.</param>
/// <param name="End">Median of the last block.</param>
/// <param name="HighestBlock">The highest median of a block after the warm-up.</param>
/// <param name="HighestAtMinute">When the block of the highest median began.</param>
/// <param name="Maximum">The highest sample of all, the warm-up included.</param>
/// <param name="Judged">The time was long enough to say anything: warm-up and three blocks. In a shorter time both are
/// shorter, and the figures say little.</param>
internal sealed record GrowthCheck(
    double FirstMinute, double LeftOutMinutes, double Warm, double End, double HighestBlock, double HighestAtMinute,
    double Maximum, bool Judged)
{
    /// <summary>Most of the compiler's work is done by then: methods are compiled again after their 30th call, and what
    /// runs once in 10 s has had that by minute 5.</summary>
    public const double WarmUpMinutes = 10;

    /// <summary>Longer than the time between two times that an agent's heaps are compacted.</summary>
    public const double BlockMinutes = 5;

    /// <summary>Of an agent the young generation alone is anything between 0 and 2 MiB, by the moment of its last
    /// collection, and the heaps rise by about 1 MiB between two times that they are compacted: medians of blocks of a
    /// steady process lie up to that far apart.</summary>
    public const double ToleranceMiB = 1;

    /// <summary>How far the highest block lies above the first after the warm-up; 0 for a process that
    /// shrank.</summary>
    public double Gained => HighestBlock - Warm;

    public bool Grew => Gained > ToleranceMiB;

    /// <param name="samples">Minutes since the start, rising, and MiB; at least one.</param>
    public static GrowthCheck Of(IReadOnlyList<(double Minutes, double MiB)> samples)
    {
        var end = samples[^1].Minutes;
        var judged = end >= WarmUpMinutes + (3 * BlockMinutes);
        var (warmUp, length) = judged ? (WarmUpMinutes, BlockMinutes) : (end / 6, end / 12);
        var blocks = Blocks(samples, warmUp, length);
        var highest = blocks.MaxBy(block => block.Median);
        return new GrowthCheck(
            Median(samples.TakeWhile(sample => sample.Minutes <= Math.Min(1, warmUp))) ?? samples[0].MiB, warmUp,
            blocks[0].Median, blocks[^1].Median, highest.Median, highest.From, samples.Max(sample => sample.MiB),
            judged);
    }

    // Less than half a block at the end belongs to the block before it.
    private static List<(double From, double Median)> Blocks(
        IReadOnlyList<(double Minutes, double MiB)> samples, double warmUp, double length)
    {
        var count = Math.Max(1, (int)Math.Round((samples[^1].Minutes - warmUp) / length));
        return samples.Where(sample => sample.Minutes >= warmUp)
            .GroupBy(sample => Math.Min(count - 1, (int)((sample.Minutes - warmUp) / length)))
            .Select(block => (warmUp + (block.Key * length), Median(block)!.Value))
            .ToList();
    }

    private static double? Median(IEnumerable<(double Minutes, double MiB)> samples)
    {
        var values = samples.Select(sample => sample.MiB).ToArray();
        return values.Length == 0 ? null : Statistics.Median(values);
    }
}
