using System.Numerics;

namespace LeptonEdge.Protocol.Batches;

/// <summary>What each value is expected to be.</summary>
internal enum Forecast
{
    Centre = 0,
    Previous = 1,
    PreviousStep = 2,
    Line = 3,
    Linear = 4,
}

/// <summary>The plain forecasts: a centre, the value before, the step before.</summary>
internal static class Differences
{
    private const int CentreSample = 15;

    /// <param name="bits">About how many bits the chosen forecast leaves.</param>
    /// <param name="centre">About the median of the values.</param>
    /// <param name="step">About the median of the steps from one to the next.</param>
    public static Forecast Choose(ReadOnlySpan<long> values, out long bits, out long centre, out long step)
    {
        (bits, centre, step) = (0, values[0], 0);
        if (values.Length < 2)
            return Forecast.Centre;
        centre = Centre(values);
        step = CentreOfSteps(values);
        var difference = unchecked(values[1] - values[0]);
        long plain = Bits(unchecked(values[0] - centre)) + Bits(unchecked(values[1] - centre));
        long once = Bits(unchecked(difference - step));
        long twice = 0;
        for (var i = 2; i < values.Length; i++)
        {
            var next = unchecked(values[i] - values[i - 1]);
            plain += Bits(unchecked(values[i] - centre));
            once += Bits(unchecked(next - step));
            twice += Bits(unchecked(next - difference));
            difference = next;
        }

        bits = Math.Min(plain, once);
        if (values.Length > 2 && twice < bits)
        {
            bits = twice;
            return Forecast.PreviousStep;
        }

        return once < plain ? Forecast.Previous : Forecast.Centre;
    }

    private static int Bits(long value) => 64 - BitOperations.LeadingZeroCount(WireWriter.ZigZag(value));

    /// <summary>About the median: that of a few values, evenly taken.</summary>
    private static long Centre(ReadOnlySpan<long> values)
    {
        Span<long> sample = stackalloc long[CentreSample];
        var count = Math.Min(sample.Length, values.Length);
        for (var i = 0; i < count; i++)
            sample[i] = values[(int)((long)i * values.Length / count)];
        sample[..count].Sort();
        return sample[count / 2];
    }

    private static long CentreOfSteps(ReadOnlySpan<long> values)
    {
        Span<long> sample = stackalloc long[CentreSample];
        var count = Math.Min(sample.Length, values.Length - 1);
        for (var i = 0; i < count; i++)
        {
            var at = (int)((long)i * (values.Length - 1) / count);
            sample[i] = unchecked(values[at + 1] - values[at]);
        }

        sample[..count].Sort();
        return sample[count / 2];
    }

    /// <summary>Takes the centre off.</summary>
    public static void Subtract(Span<long> values, long centre)
    {
        foreach (ref var value in values)
            value = unchecked(value - centre);
    }

    /// <summary>Differences in place; what is left of them comes back, without the values they start from.</summary>
    public static Span<long> Difference(Span<long> values, int times)
    {
        for (var pass = 0; pass < times; pass++)
        {
            for (var i = values.Length - 1; i > pass; i--)
                values[i] = unchecked(values[i] - values[i - 1]);
        }

        return values[times..];
    }

    /// <summary>Undoes <see cref="Difference"/> and <see cref="Subtract"/>.</summary>
    public static void Integrate(Span<long> values, int differences, long first, long step)
    {
        if (differences == 0)
        {
            foreach (ref var value in values)
                value = unchecked(value + first);
            return;
        }

        values[0] = first;
        if (differences == 1)
        {
            for (var i = 1; i < values.Length; i++)
                values[i] = first = unchecked(first + step + values[i]);
            return;
        }

        values[1] = first = unchecked(first + step);
        for (var i = 2; i < values.Length; i++)
        {
            step = unchecked(step + values[i]);
            values[i] = first = unchecked(first + step);
        }
    }
}
