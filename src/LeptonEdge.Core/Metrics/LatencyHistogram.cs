using System.Numerics;

namespace LeptonEdge.Core.Metrics;

/// <summary>
/// Counts durations in buckets that grow with them: 16 to each doubling, so a percentile is right to 1/16 of itself.
/// Fixed size (4.3 KiB), any number of threads, no allocation and no lock to record.
/// </summary>
public sealed class LatencyHistogram
{
    private const int SubBits = 4;
    private const int SubBuckets = 1 << SubBits;

    // 2^37 ticks of 100 ns are 3.8 hours; whatever takes longer counts as that.
    private const int ExponentMax = 36;

    /// <summary>Buckets that <see cref="CopyDoublings"/> gives, the one without an upper bound included.</summary>
    public const int Doublings = 25;

    private readonly long[] _buckets = new long[(ExponentMax - SubBits + 2) * SubBuckets];
    private long _sumTicks;
    private long _maxTicks;

    /// <summary>How many durations were recorded.</summary>
    public long Count
    {
        get
        {
            var count = 0L;
            foreach (ref var bucket in _buckets.AsSpan())
                count += Volatile.Read(ref bucket);
            return count;
        }
    }

    /// <summary>Sum of all durations.</summary>
    public TimeSpan Sum => new(Volatile.Read(ref _sumTicks));

    /// <summary>The longest duration, exactly.</summary>
    public TimeSpan Max => new(Volatile.Read(ref _maxTicks));

    /// <summary>Told each duration as well, by the thread that records it; null for nobody.</summary>
    public Action<TimeSpan>? Observed { get; set; }

    /// <summary>Records one duration; below 0 counts as 0.</summary>
    public void Record(TimeSpan duration)
    {
        var ticks = Math.Max(duration.Ticks, 0);
        Observed?.Invoke(duration);
        Interlocked.Increment(ref _buckets[IndexOf(ticks)]);
        Interlocked.Add(ref _sumTicks, ticks);
        for (var seen = Volatile.Read(ref _maxTicks); ticks > seen;)
        {
            var before = Interlocked.CompareExchange(ref _maxTicks, ticks, seen);
            if (before == seen)
                break;
            seen = before;
        }
    }

    /// <summary>The duration that a share of all durations does not exceed; zero when nothing was recorded.</summary>
    /// <param name="share">0.5 for the median, 0.99 for the 99th percentile.</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is not within 0 to 1.</exception>
    public TimeSpan Percentile(double share)
    {
        if (!(share is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(share), share, "use a share from 0 to 1");
        var rank = Math.Max((long)Math.Ceiling(share * Count), 1);
        var seen = 0L;
        for (var i = 0; i < _buckets.Length; i++)
        {
            seen += Volatile.Read(ref _buckets[i]);
            if (seen >= rank)
                return new TimeSpan(Math.Min(UpperBound(i), Volatile.Read(ref _maxTicks)));
        }

        return TimeSpan.Zero;
    }

    /// <summary>The counts in fewer buckets, each twice as wide as the one before.</summary>
    /// <param name="counts">Shape (<see cref="Doublings"/>,); receives at i the durations below
    /// <see cref="DoublingBound"/> of i that are in none before it, and last all that are longer.</param>
    public void CopyDoublings(Span<long> counts)
    {
        counts[..Doublings].Clear();
        for (var i = 0; i < _buckets.Length; i++)
            counts[Math.Min(i / SubBuckets, Doublings - 1)] += Volatile.Read(ref _buckets[i]);
    }

    /// <summary>Upper bound of a bucket of <see cref="CopyDoublings"/>, itself not within: 1.6 µs · 2^i.</summary>
    /// <param name="bucket">0 to <see cref="Doublings"/> − 2; the last bucket has no bound.</param>
    public static TimeSpan DoublingBound(int bucket) => new((long)SubBuckets << bucket);

    /// <summary>Forgets everything. Durations recorded meanwhile may be counted or not.</summary>
    public void Clear()
    {
        Array.Clear(_buckets);
        Volatile.Write(ref _sumTicks, 0);
        Volatile.Write(ref _maxTicks, 0);
    }

    private static int IndexOf(long ticks)
    {
        if (ticks < SubBuckets)
            return (int)ticks;
        var exponent = BitOperations.Log2((ulong)ticks);
        if (exponent > ExponentMax)
            return ((ExponentMax - SubBits + 2) * SubBuckets) - 1;
        var sub = (int)(ticks >> (exponent - SubBits)) & (SubBuckets - 1);
        return ((exponent - SubBits + 1) * SubBuckets) + sub;
    }

    /// <summary>The longest duration that falls into a bucket, in ticks.</summary>
    private static long UpperBound(int index)
    {
        if (index < SubBuckets)
            return index;
        var shift = (index / SubBuckets) - 1;
        var lower = (long)(SubBuckets + (index % SubBuckets)) << shift;
        return lower + (1L << shift) - 1;
    }
}
