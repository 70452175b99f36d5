namespace LeptonEdge.Inference.Quantizing;

/// <summary>The range whose 8-bit picture of the values loses the least information.</summary>
/// <remarks>Migacz, 8-bit inference with TensorRT, GTC 2017: the threshold of least Kullback-Leibler
/// divergence.</remarks>
internal static class EntropyRange
{
    private const int Bins = 2048;
    private const int Step = 16;

    /// <summary>Finds the range.</summary>
    /// <param name="values">A sample.</param>
    /// <param name="low">Lowest value ever seen.</param>
    /// <param name="high">Highest value ever seen.</param>
    public static ActivationRange Find(ReadOnlySpan<float> values, float low, float high)
    {
        // A range that starts at 0 has all 256 steps for one side.
        var levels = low >= 0 ? 256 : 128;
        var top = Math.Max(Math.Abs(low), Math.Abs(high));
        if (top <= 0)
            return ActivationRange.Of("entropy", low, high);
        var counts = new double[Bins];
        foreach (var value in values)
            counts[Math.Min(Bins - 1, (int)(Math.Abs(value) / top * Bins))]++;
        var (best, least) = (Bins, double.MaxValue);
        for (var cut = levels; cut <= Bins; cut += Step)
        {
            var divergence = Divergence(counts, cut, levels);
            if (divergence < least)
                (best, least) = (cut, divergence);
        }

        var threshold = top * best / Bins;
        return ActivationRange.Of("entropy", Math.Max(low, -threshold), Math.Min(high, threshold));
    }

    private static double Divergence(double[] counts, int cut, int levels)
    {
        // What lies beyond the cut is clipped onto its last bin.
        var outside = counts.AsSpan(cut).ToArray().Sum();
        var total = counts.Sum();
        var sum = 0d;
        for (var level = 0; level < levels; level++)
        {
            var (from, to) = (level * cut / levels, (level + 1) * cut / levels);
            var (inside, filled) = (0d, 0);
            for (var bin = from; bin < to; bin++)
            {
                inside += counts[bin];
                filled += counts[bin] > 0 ? 1 : 0;
            }

            for (var bin = from; bin < to; bin++)
            {
                var p = counts[bin] + (bin == cut - 1 ? outside : 0);
                if (p == 0)
                    continue;
                var q = filled == 0 ? 1e-9 : Math.Max(counts[bin] > 0 ? inside / filled : 0, 1e-9);
                sum += p / total * Math.Log(p / total * (total - outside + 1e-9) / q);
            }
        }

        return sum;
    }
}
