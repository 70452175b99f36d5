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

        var exact = Fewest<Exactly>(sample, DecimalsMax);
        // A near decimal pays only where it is shorter than an exact one.
        var near = Fewest<Nearly>(sample, exact < 0 ? DecimalsMax : exact - CorrectionDecimals - 1);
        var decimals = near >= 0 ? near : exact;
        // Many decimals may hide a step or decimals in single precision, which are shorter.
        if (decimals is >= 0 and <= 8)
            return new ValueShape(decimals, -1, 0, isSingle);
        var singleDecimals = isSingle ? Fewest<InSingles>(sample, SingleDecimalsMax) : -1;
        if (singleDecimals >= 0)
            return new ValueShape(-1, singleDecimals, 0, true);
        var step = isSingle
            ? StepFinder.Find(values, SinglePrecision, SingleMax)
            : StepFinder.Find(values, DoublePrecision, NearMax);
        return step > 0 ? new ValueShape(-1, -1, step, isSingle) : new ValueShape(decimals, -1, 0, isSingle);
    }

    /// <summary>The fewest decimals that at least 7 of 8 sampled values are written with; -1 when there is no such
    /// number up to <paramref name="most"/>.</summary>
    private static int Fewest<TTest>(ReadOnlySpan<double> sample, int most)
        where TTest : struct, IDecimalTest
    {
        for (var decimals = 0; decimals <= most; decimals++)
        {
            var (power, failed) = (Powers[decimals], 0);
            foreach (var value in sample)
            {
                // The sum makes a negative zero the zero that an integer comes back as.
                if (!TTest.Holds(value, Math.Round(value * power) + 0.0, power) && 8 * ++failed > sample.Length)
                    break;
            }

            if (8 * failed <= sample.Length)
                return decimals;
        }

        return -1;
    }

    /// <summary>Whether an integer over a power of ten stands for a value.</summary>
    private interface IDecimalTest
    {
        static abstract bool Holds(double value, double integer, double power);
    }

    private readonly struct Exactly : IDecimalTest
    {
        public static bool Holds(double value, double integer, double power) =>
            Math.Abs(integer) < ExactMax && Doubles.Place(integer / power) == Doubles.Place(value);
    }

    private readonly struct Nearly : IDecimalTest
    {
        public static bool Holds(double value, double integer, double power) =>
            Math.Abs(integer) < NearMax
            && unchecked(Doubles.Place(integer / power) - Doubles.Place(value)) is >= -CorrectionMax and <= CorrectionMax;
    }

    private readonly struct InSingles : IDecimalTest
    {
        public static bool Holds(double value, double integer, double power) =>
            Math.Abs(integer) < SingleMax && Singles.Place(integer / power) == Singles.Place(value);
    }
}
