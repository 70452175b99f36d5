namespace LeptonEdge.Core.Signals;

/// <summary>The transforms that a <see cref="TransformChain"/> knows, by the name that a manifest gives
/// them.</summary>
public static class TransformKinds
{
    /// <summary>Takes the mean (order 0) or the least-squares line (order 1) away. Field: order.</summary>
    public const string Detrend = "detrend";

    /// <summary>Multiplies by a periodic window function, 0.5 − 0.5·cos(2πn/N) for "hann". Field: function.</summary>
    public const string Window = "window";

    /// <summary>N/2+1 magnitudes, scaled so that a sine of amplitude A, windowed or not, reads A. No field.</summary>
    public const string RfftMagnitude = "rfft_magnitude";

    /// <summary>Natural logarithm of x + epsilon. Field: epsilon.</summary>
    public const string Log = "log";

    /// <summary>(x − mean) / scale, value by value. Fields: mean, scale.</summary>
    public const string Standardise = "standardise";

    /// <summary>x / (RMS + epsilon). Field: epsilon, 1e-9 unless given.</summary>
    public const string RmsNormalise = "rms_normalise";

    /// <summary>(x − median) / (1.4826 · median of |x − median| + epsilon), held within ±limit: a spike in the window
    /// moves neither middle nor spread. Fields: epsilon, limit.</summary>
    public const string RobustNormalise = "robust_normalise";

    /// <summary>Keeps count values from start on. Fields: start (0 unless given), count.</summary>
    public const string Take = "take";

    /// <summary>N values of the envelope of one frequency band (magnitude of the analytic signal). Fields: low_hz,
    /// high_hz.</summary>
    public const string Envelope = "envelope";

    /// <summary>Means of size neighbouring values each. Field: size.</summary>
    public const string MeanPool = "mean_pool";

    /// <summary>Several chains from one input, their results one after another. Field: branches.</summary>
    public const string Concat = "concat";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        Detrend, Window, RfftMagnitude, Log, Standardise, RmsNormalise, RobustNormalise, Take, Envelope, MeanPool,
        Concat,
    ];
}
