using System.Numerics;

namespace LeptonEdge.Agent.Pipeline;

/// <summary>Latencies of the last half minute, exact to 1/16 of their size. Any thread; allocates nothing after
/// creation.</summary>
/// <remarks>Log-linear buckets as in Gil Tene's HdrHistogram: sixteen equal buckets within each power of two.</remarks>
public sealed class RecentLatencies(TimeProvider clock)
{
    private const int SubBits = 4;
    private const int SubBuckets = 1 << SubBits;
    private const int Buckets = 28 * SubBuckets; // up to 2^31 µs
    private const int Slices = 6;

    private static readonly TimeSpan SliceLength = TimeSpan.FromSeconds(5);

    private readonly int[] _counts = new int[Slices * Buckets];
    private readonly Lock _gate = new();
    private readonly long _origin = clock.GetTimestamp();
    private long _slice;

    /// <param name="micros">Microseconds; negative ones count as 0.</param>
    public void Record(long micros)
    {
        lock (_gate)
        {
            Turn();
            _counts[(int)(_slice % Slices) * Buckets + Index(micros)]++;
        }
    }

    /// <summary>The latency that the given share of answers did not exceed, seconds; 0 while there is none.</summary>
    /// <param name="share">0 to 1.</param>
    public double Quantile(double share)
    {
        lock (_gate)
        {
            Turn();
            long total = 0;
            foreach (var count in _counts)
                total += count;
            if (total == 0)
                return 0;
            var rank = Math.Max(1, (long)Math.Ceiling(share * total));
            for (var bucket = 0; bucket < Buckets; bucket++)
            {
                for (var slice = 0; slice < Slices; slice++)
                    rank -= _counts[slice * Buckets + bucket];
                if (rank <= 0)
                    return UpperMicros(bucket) * 1e-6;
            }

            return UpperMicros(Buckets - 1) * 1e-6;
        }
    }

    private void Turn()
    {
        var now = clock.GetElapsedTime(_origin).Ticks / SliceLength.Ticks;
        for (var cleared = 0; _slice < now && cleared < Slices; cleared++)
        {
            _slice++;
            Array.Clear(_counts, (int)(_slice % Slices) * Buckets, Buckets);
        }

        // Longer silence than the whole half minute: every slice is clear already, but clear slices keep their phase.
        if (_slice < now)
            _slice = now;
    }

    private static int Index(long micros)
    {
        var value = (uint)Math.Clamp(micros, 0, int.MaxValue);
        if (value < SubBuckets)
            return (int)value;
        var shift = BitOperations.Log2(value) - SubBits;
        return ((shift + 1) << SubBits) + (int)((value >> shift) - SubBuckets);
    }

    private static long UpperMicros(int bucket)
    {
        if (bucket < SubBuckets)
            return bucket;
        var shift = (bucket >> SubBits) - 1;
        return ((long)((bucket & (SubBuckets - 1)) + SubBuckets + 1) << shift) - 1;
    }
}
