namespace LeptonEdge.Inference.Quantizing;

/// <summary>What one tensor was seen to hold: its extremes, and an even sample of its values.</summary>
internal sealed class TensorSamples
{
    private const int SamplesMax = 1 << 17;

    private readonly List<float> _samples = [];
    private long _seen;
    private long _stride;

    public float Low { get; private set; } = float.MaxValue;

    public float High { get; private set; } = float.MinValue;

    /// <summary>Takes the values of one batch.</summary>
    /// <param name="values">The values.</param>
    /// <param name="expected">Values that all batches will have together.</param>
    public void Take(ReadOnlySpan<float> values, long expected)
    {
        if (_stride == 0)
        {
            // Coprime to the batch, or one channel would be all that is seen.
            _stride = Math.Max(1, expected / SamplesMax);
            while (_stride > 1 && Divisor(_stride, values.Length) != 1)
                _stride++;
        }

        Low = Math.Min(Low, Extremes.Min(values));
        High = Math.Max(High, Extremes.Max(values));
        for (var at = (_stride - (_seen % _stride)) % _stride; at < values.Length; at += _stride)
            _samples.Add(values[(int)at]);
        _seen += values.Length;
    }

    /// <summary>Ranges worth trying, the one that changes the sample least first.</summary>
    public ActivationRange[] Candidates()
    {
        var sorted = _samples.ToArray();
        Array.Sort(sorted);
        ActivationRange[] all =
        [
            ActivationRange.Of("min-max", Low, High),
            Percentile(sorted, 0.9999),
            Percentile(sorted, 0.999),
            EntropyRange.Find(sorted, Low, High),
        ];
        return [.. all.DistinctBy(range => (range.Low, range.High)).OrderBy(range => range.ErrorOn(sorted))];
    }

    private static ActivationRange Percentile(float[] sorted, double share)
    {
        var last = sorted.Length - 1;
        return ActivationRange.Of(
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $"percentile {share * 100:0.##}"),
            sorted[(int)Math.Round((1 - share) * last)], sorted[(int)Math.Round(share * last)]);
    }

    private static long Divisor(long a, long b) => b == 0 ? a : Divisor(b, a % b);
}

/// <summary>Lowest and highest of many values.</summary>
internal static class Extremes
{
    public static float Min(ReadOnlySpan<float> values)
    {
        var low = float.MaxValue;
        foreach (var value in values)
            low = Math.Min(low, value);
        return low;
    }

    public static float Max(ReadOnlySpan<float> values)
    {
        var high = float.MinValue;
        foreach (var value in values)
            high = Math.Max(high, value);
        return high;
    }
}
