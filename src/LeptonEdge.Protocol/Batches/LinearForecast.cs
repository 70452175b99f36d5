using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LeptonEdge.Protocol.Batches;

/// <summary>Forecasts a value from the eight before it: what vibration, sound and mains leave room for. Coefficients and
/// arithmetic are whole numbers, so that every machine forecasts the same.</summary>
/// <remarks>Autocorrelation and Levinson's recursion, as in Makhoul, Proc. IEEE 63 (1975).</remarks>
internal readonly struct LinearForecast
{
    private const int Order = 8;
    private const int Shift = 12;
    private const int CountLeast = 256;
    private const int CoefficientMax = 1 << 15;

    // What a coefficient takes in bits, which the forecast has to save first.
    private const int CoefficientBits = 16;

    // The gain must be worth the reader's time: one part in so many.
    private const int GainShare = 64;

    // Small values leave too little to save; large ones are no samples of a converter.
    private const int BitsLeast = 5;
    private const long ValueMax = 1L << 30;
    private const int DivisorSample = 64;

    private readonly Coefficients _coefficients;

    private LinearForecast(in Coefficients coefficients) => _coefficients = coefficients;

    /// <summary>Whether a forecast leaves clearly fewer bits than <paramref name="bits"/>.</summary>
    /// <param name="values">Shape (N,).</param>
    /// <param name="centre">What the forecast takes off the values first.</param>
    public static bool TryFit(ReadOnlySpan<long> values, long centre, long bits, out LinearForecast forecast)
    {
        forecast = default;
        Span<double> correlation = stackalloc double[Order + 1];
        Span<double> weights = stackalloc double[Order];
        weights.Clear();
        if (!TryCorrelate(values, centre, correlation) || !TryRecur(correlation, weights))
            return false;
        var coefficients = default(Coefficients);
        for (var i = 0; i < Order; i++)
            coefficients[i] = (long)Math.Clamp(
                Math.Round(weights[i] * (1 << Shift)), -CoefficientMax, CoefficientMax);
        forecast = new LinearForecast(coefficients);
        var pooled = ArrayPool<long>.Shared.Rent(values.Length);
        var residuals = pooled.AsSpan(0, values.Length);
        for (var i = 0; i < values.Length; i++)
            residuals[i] = unchecked(values[i] - centre);
        forecast.Subtract(residuals);
        long left = Order * CoefficientBits;
        foreach (var residual in residuals)
            left += 64 - BitOperations.LeadingZeroCount(WireWriter.ZigZag(residual));
        ArrayPool<long>.Shared.Return(pooled);
        return left < bits - (bits / GainShare);
    }

    /// <summary>Worth a try: enough values of a size that samples have, and no common divisor that a forecast would
    /// destroy.</summary>
    public static bool IsPromising(ReadOnlySpan<long> values, long centre, long bits)
    {
        if (values.Length < CountLeast || bits < (long)BitsLeast * values.Length)
            return false;
        Span<long> sample = stackalloc long[DivisorSample];
        for (var i = 0; i < sample.Length; i++)
            sample[i] = unchecked(values[i] - centre);
        return Divisor.Common(sample) == 1;
    }

    /// <summary>Undoes <see cref="Subtract"/>.</summary>
    public void Add(Span<long> values)
    {
        var c = _coefficients;
        long x0 = 0, x1 = 0, x2 = 0, x3 = 0, x4 = 0, x5 = 0, x6 = 0, x7 = 0;
        foreach (ref var value in values)
        {
            unchecked
            {
                // The newest value comes last into the sum: all else is ready before it.
                var sum = (x7 * c[7]) + (x6 * c[6]) + (x5 * c[5]) + (x4 * c[4]) + (x3 * c[3]) + (x2 * c[2])
                    + (x1 * c[1]) + (1L << (Shift - 1));
                (x7, x6, x5, x4, x3, x2, x1) = (x6, x5, x4, x3, x2, x1, x0);
                value = x0 = value + ((sum + (x0 * c[0])) >> Shift);
            }
        }
    }

    public void Write(ColumnWriter writer)
    {
        for (var i = 0; i < Order; i++)
            writer.WriteSigned(_coefficients[i]);
    }

    public static LinearForecast Read(ref WireReader reader, string what)
    {
        var coefficients = default(Coefficients);
        for (var i = 0; i < Order; i++)
            coefficients[i] = reader.ReadSigned(what);
        return new LinearForecast(coefficients);
    }

    /// <summary>Leaves what the forecast leaves.</summary>
    public void Subtract(Span<long> values)
    {
        var c = _coefficients;
        long x0 = 0, x1 = 0, x2 = 0, x3 = 0, x4 = 0, x5 = 0, x6 = 0, x7 = 0;
        foreach (ref var value in values)
        {
            unchecked
            {
                var sum = (x7 * c[7]) + (x6 * c[6]) + (x5 * c[5]) + (x4 * c[4]) + (x3 * c[3]) + (x2 * c[2])
                    + (x1 * c[1]) + (1L << (Shift - 1)) + (x0 * c[0]);
                (x7, x6, x5, x4, x3, x2, x1, x0) = (x6, x5, x4, x3, x2, x1, x0, value);
                value -= sum >> Shift;
            }
        }
    }

    /// <summary>Autocorrelation under a parabolic window, which keeps the ends from counting as steps.</summary>
    private static bool TryCorrelate(ReadOnlySpan<long> values, long centre, Span<double> correlation)
    {
        var pooled = ArrayPool<double>.Shared.Rent(values.Length);
        try
        {
            var windowed = pooled.AsSpan(0, values.Length);
            var (at, step) = (-1.0, 2.0 / values.Length);
            for (var i = 0; i < windowed.Length; i++)
            {
                var value = unchecked(values[i] - centre);
                if (value is < -ValueMax or > ValueMax)
                    return false;
                windowed[i] = value * (1 - (at * at));
                at += step;
            }

            for (var lag = 0; lag <= Order; lag++)
                correlation[lag] = Dot(windowed[lag..], windowed[..^lag]);
            return correlation[0] > 0;
        }
        finally
        {
            ArrayPool<double>.Shared.Return(pooled);
        }
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var vectorsA = MemoryMarshal.Cast<double, Vector<double>>(a);
        var vectorsB = MemoryMarshal.Cast<double, Vector<double>>(b);
        var sums = Vector<double>.Zero;
        for (var i = 0; i < vectorsA.Length; i++)
            sums += vectorsA[i] * vectorsB[i];
        var sum = Vector.Sum(sums);
        for (var i = vectorsA.Length * Vector<double>.Count; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }

    private static bool TryRecur(ReadOnlySpan<double> correlation, Span<double> weights)
    {
        Span<double> previous = stackalloc double[Order];
        var error = correlation[0];
        for (var i = 0; i < Order; i++)
        {
            var reflection = correlation[i + 1];
            for (var j = 0; j < i; j++)
                reflection -= weights[j] * correlation[i - j];
            reflection /= error;
            weights.CopyTo(previous);
            weights[i] = reflection;
            for (var j = 0; j < i; j++)
                weights[j] = previous[j] - (reflection * previous[i - 1 - j]);
            error *= 1 - (reflection * reflection);
            // Rounding, or a signal without noise: a shorter forecast says all.
            if (!(error > correlation[0] * 1e-12))
                return i > 0;
        }

        return true;
    }

    [InlineArray(Order)]
    private struct Coefficients
    {
        private long _first;
    }
}
