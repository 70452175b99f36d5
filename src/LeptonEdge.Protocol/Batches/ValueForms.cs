using System.Runtime.Intrinsics;

namespace LeptonEdge.Protocol.Batches;

/// <summary>How a value comes from an integer, and how far a value lies from the one that comes so: in steps of its own
/// precision, which <see cref="TryPlace"/> numbers.</summary>
internal interface IValueForm
{
    /// <summary>The integer whose value is nearest; not rounded.</summary>
    double Scale(double value);

    /// <summary>The place of the value that the integer stands for.</summary>
    long Place(double integer);

    /// <summary>False when no place gives the value back bit by bit.</summary>
    bool TryPlace(double value, out long place);

    double FromPlace(long place);

    Vector256<double> Scale(Vector256<double> values);

    /// <summary>The values that the integers stand for.</summary>
    Vector256<double> Unscale(Vector256<double> integers);
}

/// <summary>A short decimal in double precision: integer / 10^e.</summary>
internal readonly struct DecimalForm(double power) : IValueForm
{
    public double Scale(double value) => value * power;

    public long Place(double integer) => Doubles.Place(integer / power);

    public bool TryPlace(double value, out long place) => Doubles.TryPlace(value, out place);

    public double FromPlace(long place) => Doubles.FromPlace(place);

    public Vector256<double> Scale(Vector256<double> values) => values * power;

    public Vector256<double> Unscale(Vector256<double> integers) => integers / power;
}

/// <summary>What a converter with a step gives in double precision: integer · step.</summary>
internal readonly struct StepForm(double step) : IValueForm
{
    public double Scale(double value) => value / step;

    public long Place(double integer) => Doubles.Place(integer * step);

    public bool TryPlace(double value, out long place) => Doubles.TryPlace(value, out place);

    public double FromPlace(long place) => Doubles.FromPlace(place);

    public Vector256<double> Scale(Vector256<double> values) => values / step;

    public Vector256<double> Unscale(Vector256<double> integers) => integers * step;
}

/// <summary>A short decimal in single precision.</summary>
internal readonly struct SingleDecimalForm(double power) : IValueForm
{
    public double Scale(double value) => value * power;

    public long Place(double integer) => Singles.Place(integer / power);

    public bool TryPlace(double value, out long place) => Singles.TryPlace(value, out place);

    public double FromPlace(long place) => Singles.FromPlace(place);

    public Vector256<double> Scale(Vector256<double> values) => values * power;

    public Vector256<double> Unscale(Vector256<double> integers) => Singles.Narrow(integers / power);
}

/// <summary>What a converter with a step gives in single precision.</summary>
internal readonly struct SingleStepForm(double step) : IValueForm
{
    public double Scale(double value) => value / step;

    public long Place(double integer) => Singles.Place(integer * step);

    public bool TryPlace(double value, out long place) => Singles.TryPlace(value, out place);

    public double FromPlace(long place) => Singles.FromPlace(place);

    public Vector256<double> Scale(Vector256<double> values) => values / step;

    public Vector256<double> Unscale(Vector256<double> integers) => Singles.Narrow(integers * step);
}

/// <summary>Doubles numbered in order.</summary>
internal static class Doubles
{
    public static long Place(double value) => FloatOrder.Map(BitConverter.DoubleToInt64Bits(value));

    public static bool TryPlace(double value, out long place)
    {
        place = Place(value);
        return true;
    }

    public static double FromPlace(long place) => BitConverter.Int64BitsToDouble(FloatOrder.Map(place));
}

/// <summary>Singles numbered in order.</summary>
internal static class Singles
{
    public static long Place(double value) => FloatOrder.Map(BitConverter.SingleToInt32Bits((float)value));

    public static bool TryPlace(double value, out long place)
    {
        place = Place(value);
        return BitConverter.DoubleToInt64Bits(FromPlace(place)) == BitConverter.DoubleToInt64Bits(value);
    }

    public static Vector256<double> Narrow(Vector256<double> values) =>
        Vector256.WidenLower(Vector256.Narrow(values, values));

    public static double FromPlace(long place) => BitConverter.Int32BitsToSingle(FloatOrder.Map((int)place));
}
