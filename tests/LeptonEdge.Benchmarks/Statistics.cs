namespace LeptonEdge.Benchmarks;

/// <summary>Order statistics of a handful of measurements.</summary>
public static class Statistics
{
    /// <summary>The middle value; the mean of the two middle ones for an even number.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>The value that a share of all values does not exceed. Sorts in place.</summary>
    public static double Percentile(Span<long> values, double share)
    {
        values.Sort();
        return values[Math.Clamp((int)Math.Ceiling(share * values.Length) - 1, 0, values.Length - 1)];
    }
}
