namespace LeptonEdge.Core.Signals;

/// <summary>The figures that vibration engineers read off one window. Samples that are NaN or infinite are counted
/// and left out; where no sample is left, every figure is NaN.</summary>
/// <param name="Mean">In the channel's unit.</param>
/// <param name="Rms">Root of the mean square, mean included; in the channel's unit.</param>
/// <param name="Peak">Largest magnitude, in the channel's unit.</param>
/// <param name="CrestFactor">Peak / RMS; 1.41 for a sine. NaN where the RMS is 0.</param>
/// <param name="Kurtosis">Fourth moment about the mean over the squared variance: 3 for Gaussian noise, 1.5 for a
/// sine, well above 3 where something knocks. NaN where the variance is 0.</param>
/// <param name="Skewness">Third moment about the mean over the variance's 3/2 power. NaN where the variance is
/// 0.</param>
/// <param name="InvalidCount">Samples that were NaN or infinite.</param>
public readonly record struct WindowStatistics(
    double Mean, double Rms, double Peak, double CrestFactor, double Kurtosis, double Skewness, int InvalidCount)
{
    /// <summary>Two passes in double precision; allocates nothing.</summary>
    /// <param name="window">Samples, shape (N,), in the channel's unit.</param>
    public static WindowStatistics Compute(ReadOnlySpan<float> window)
    {
        double sum = 0;
        double squares = 0;
        float peak = 0;
        var valid = 0;
        foreach (var x in window)
        {
            if (!float.IsFinite(x))
                continue;
            valid++;
            sum += x;
            squares += (double)x * x;
            peak = Math.Max(peak, Math.Abs(x));
        }

        if (valid == 0)
            return new(double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, window.Length);
        var mean = sum / valid;
        var rms = Math.Sqrt(squares / valid);
        var (m2, m3, m4) = Moments(window, mean);
        var variance = m2 / valid;

        // A constant window leaves rounding noise here, whose shape means nothing.
        var flat = variance <= squares / valid * 1e-14;
        return new(
            mean, rms, peak,
            rms > 0 ? peak / rms : double.NaN,
            flat ? double.NaN : m4 / valid / (variance * variance),
            flat ? double.NaN : m3 / valid / (variance * Math.Sqrt(variance)),
            window.Length - valid);
    }

    private static (double M2, double M3, double M4) Moments(ReadOnlySpan<float> window, double mean)
    {
        double m2 = 0;
        double m3 = 0;
        double m4 = 0;
        foreach (var x in window)
        {
            if (!float.IsFinite(x))
                continue;
            var d = x - mean;
            var square = d * d;
            m2 += square;
            m3 += square * d;
            m4 += square * square;
        }

        return (m2, m3, m4);
    }
}
