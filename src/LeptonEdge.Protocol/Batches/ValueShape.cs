namespace LeptonEdge.Protocol.Batches;

/// <summary>What a sample of a column suggests that its values are made of.</summary>
/// <param name="Decimals">Decimals that most are written with; -1 when they are no decimals.</param>
/// <param name="SingleDecimals">The same for decimals that were narrowed to single precision.</param>
/// <param name="Step">The step that all are multiples of; 0 when there is none.</param>
/// <param name="IsSingle">All are of single precision.</param>
internal readonly record struct ValueShape(int Decimals, int SingleDecimals, double Step, bool IsSingle)
{
    public const int DecimalsMax = 14;
    public const int SingleDecimalsMax = 8;
    private const int SampleMax = 32;

    // Rounding in a mean or a product of decimals puts a value a few places beside the decimal.
    private const long CorrectionMax = 8;

    // Beyond these a value would pass for a decimal by chance.
    private const double NearMax = 1L << 44;
    private const double SingleMax = 1 << 20;
    private const double ExactMax = 1L << 53;

    private const double SinglePrecision = 1.0 / (1 << 24);
    private const double DoublePrecision = 1.0 / (1L << 53);

    // What a column of corrections costs, in decimals: two bits.
    private const int CorrectionDecimals = 1;

    private static readonly double[] Powers =
        [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14];

    public static double Power(int decimals) => Powers[decimals];

    public static ValueShape Of(ReadOnlySpan<double> values)
    {
        Span<double> sample = stackalloc double[SampleMax];
        var count = Math.Min(SampleMax, values.Length);
        sample = sample[..count];
        var isSingle = true;
        for (var i = 0; i < count; i++)
        {
            sample[i] = values[(int)((long)i * values.Length / count)];
            isSingle &= Singles.TryPlace(sample[i], out _);
        }

        var exact = Fewest(sample, DecimalsMax, IsDecimal);
        var near = exact == 0 ? 0 : Fewest(sample, DecimalsMax, IsNearDecimal);
        var decimals = near >= 0 && (exact < 0 || near + CorrectionDecimals < exact) ? near : exact;
        // Many decimals may hide a step or decimals in single precision, which are shorter.
        if (decimals is >= 0 and <= 8)
            return new ValueShape(decimals, -1, 0, isSingle);
        var singleDecimals = isSingle ? Fewest(sample, SingleDecimalsMax, IsSingleDecimal) : -1;
        if (singleDecimals >= 0)
            return new ValueShape(-1, singleDecimals, 0, true);
        var step = isSingle
            ? StepFinder.Find(values, SinglePrecision, SingleMax)
            : StepFinder.Find(values, DoublePrecision, NearMax);
        return step > 0 ? new ValueShape(-1, -1, step, isSingle) : new ValueShape(decimals, -1, 0, isSingle);
    }

    /// <summary>The fewest decimals that at least 7 of 8 sampled values are written with; -1 when there is no such
    /// number.</summary>
    private static int Fewest(ReadOnlySpan<double> sample, int most, Func<double, int, bool> isDecimal)
    {
        Span<int> histogram = stackalloc int[DecimalsMax + 1];
        histogram.Clear();
        var missing = 0;
        foreach (var value in sample)
        {
            var decimals = 0;
            while (decimals <= most && !isDecimal(value, decimals))
                decimals++;
            if (decimals <= most)
                histogram[decimals]++;
            else if (8 * ++missing > sample.Length)
                return -1;
        }

        var covered = 0;
        for (var decimals = 0; decimals <= most; decimals++)
        {
            covered += histogram[decimals];
            if (8 * covered >= 7 * sample.Length)
                return decimals;
        }

        return -1;
    }

    private static bool IsDecimal(double value, int decimals)
    {
        var integer = Math.Round(value * Powers[decimals]) + 0.0;
        return Math.Abs(integer) < ExactMax && Doubles.Place(integer / Powers[decimals]) == Doubles.Place(value);
    }

    private static bool IsNearDecimal(double value, int decimals)
    {
        var integer = Math.Round(value * Powers[decimals]) + 0.0;
        return Math.Abs(integer) < NearMax
            && unchecked(Doubles.Place(integer / Powers[decimals]) - Doubles.Place(value))
                is >= -CorrectionMax and <= CorrectionMax;
    }

    private static bool IsSingleDecimal(double value, int decimals)
    {
        var integer = Math.Round(value * Powers[decimals]) + 0.0;
        return Math.Abs(integer) < SingleMax && Singles.Place(integer / Powers[decimals]) == Singles.Place(value);
    }
}
