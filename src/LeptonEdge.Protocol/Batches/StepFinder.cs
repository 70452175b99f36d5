namespace LeptonEdge.Protocol.Batches;

/// <summary>Finds the step of an analogue-to-digital converter in what it measured.</summary>
internal static class StepFinder
{
    private const int SampleMax = 128;
    private const int SampleLeast = 16;

    // Euclid's remainder, as a share of the step, below which it is taken for rounding.
    private const double RemainderMax = 0.15;

    /// <summary>The step that the values are whole multiples of, to their precision; 0 when there is none that is
    /// worth it.</summary>
    /// <param name="precision">Relative rounding of one value: 2^-24 for singles, 2^-53 for doubles.</param>
    /// <param name="levelsMax">Beyond so many levels the numbers are no shorter than the values.</param>
    public static double Find(ReadOnlySpan<double> values, double precision, double levelsMax)
    {
        Span<double> sample = stackalloc double[SampleMax];
        var count = 0;
        var most = 0.0;
        for (var i = 0; i < Math.Min(SampleMax, values.Length); i++)
        {
            var value = values[(int)((long)i * values.Length / Math.Min(SampleMax, values.Length))];
            if (!double.IsFinite(value))
                continue;
            sample[count++] = value;
            most = Math.Max(most, Math.Abs(value));
        }

        sample = sample[..count];
        if (count < SampleLeast || most == 0 || most > 1e300)
            return 0;
        sample.Sort();
        var least = most / levelsMax;
        var step = CommonDivisor(sample, Math.Max(least, 16 * precision * most));
        return step > 0 ? Refine(sample, step, precision) : 0;
    }

    /// <summary>Euclid's algorithm over the differences of neighbours.</summary>
    private static double CommonDivisor(ReadOnlySpan<double> sorted, double least)
    {
        var step = double.MaxValue;
        for (var i = 1; i < sorted.Length; i++)
        {
            var difference = sorted[i] - sorted[i - 1];
            if (difference > 0)
                step = Math.Min(step, difference);
        }

        if (step == double.MaxValue)
            return 0;
        for (var i = 1; i < sorted.Length; i++)
        {
            var difference = sorted[i] - sorted[i - 1];
            while (step >= least)
            {
                var remainder = Math.Abs(difference - (Math.Round(difference / step) * step));
                if (remainder <= RemainderMax * step)
                    break;
                step = remainder;
            }
        }

        return step >= least ? step : 0;
    }

    private static double Refine(ReadOnlySpan<double> sorted, double step, double precision)
    {
        // The farther apart two values are, the better they tell the step; each says how many steps the next are.
        for (var i = 1; i < sorted.Length; i++)
        {
            var distance = sorted[i] - sorted[0];
            var steps = Math.Round(distance / step);
            if (steps > 0)
                step = distance / steps;
        }

        // What every single value allows the step to be.
        var (low, high) = (0.0, double.MaxValue);
        foreach (var value in sorted)
        {
            var steps = Math.Abs(Math.Round(value / step));
            if (steps == 0)
                continue;
            low = Math.Max(low, Math.Abs(value) * (1 - precision) / steps);
            high = Math.Min(high, Math.Abs(value) * (1 + precision) / steps);
        }

        return high < double.MaxValue && low * (1 - precision) <= high ? (low + high) / 2 : 0;
    }
}
