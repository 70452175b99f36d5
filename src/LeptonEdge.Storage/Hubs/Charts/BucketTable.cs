using System.Runtime.InteropServices;

namespace LeptonEdge.Storage.Hubs.Charts;

/// <summary>Gathers readings, whole chunks and sums into buckets.</summary>
internal sealed class BucketTable(long widthMicros, int countMax)
{
    private readonly Dictionary<long, (ChunkSummary Sum, long LastTime)> _buckets = [];

    /// <summary>Start of the bucket that a time falls in.</summary>
    public long KeyOf(long time) => ChartLevel.StartOf(time, widthMicros);

    public void Add(long time, double value)
    {
        var finite = double.IsFinite(value);
        Add(new ChunkSummary(time, time, 1, finite ? 0 : 1, finite ? value : 0, value, value, value));
    }

    /// <param name="part">Lies within one bucket.</param>
    public void Add(in ChunkSummary part)
    {
        ref var bucket = ref CollectionsMarshal.GetValueRefOrAddDefault(_buckets, KeyOf(part.Start), out var known);
        if (known)
        {
            bucket = (bucket.Sum.With(part, part.End >= bucket.LastTime), Math.Max(bucket.LastTime, part.End));
            return;
        }

        if (_buckets.Count > countMax)
            throw new ArgumentException(
                $"the range holds more than {countMax} buckets: narrow it or widen the buckets");
        bucket = (part, part.End);
    }

    public List<ReadingBucket> ToList() =>
        [.. _buckets.OrderBy(pair => pair.Key).Select(pair => ToBucket(pair.Key, pair.Value.Sum))];

    private static ReadingBucket ToBucket(long start, ChunkSummary sum) => sum.HasFinite
        ? new ReadingBucket(
            start, sum.Count, sum.Min, sum.Max, sum.Sum / (sum.Count - sum.Invalid), sum.Last, sum.Invalid)
        : new ReadingBucket(start, sum.Count, double.NaN, double.NaN, double.NaN, sum.Last, sum.Invalid);
}
