using System.Runtime.InteropServices;

namespace LeptonEdge.Protocol.Batches;

/// <summary>A column of 64-bit integers: what a simple forecast leaves of it, divided by what all of that shares, as
/// <see cref="Residuals"/>. All arithmetic wraps, so every column comes back as it was.</summary>
internal static class IntegerColumn
{
    private const int ForecastBits = 3;
    private const byte HasResiduals = 1 << ForecastBits;
    private const byte HasDivisor = 2 << ForecastBits;
    private const byte HasRepeats = 4 << ForecastBits;
    private const byte KnownBits = (8 << ForecastBits) - 1;

    /// <param name="values">Shape (N,). Overwritten: the column is differenced in place.</param>
    /// <param name="isClock">Times: a line may fit them better than steps.</param>
    public static void Encode(ColumnWriter writer, Span<long> values, bool isClock = false)
    {
        if (values.IsEmpty)
            return;
        var (line, linear) = (default(Line), default(LinearForecast));
        var first = values[0];
        var forecast = Differences.Choose(values, out var bits, out var centre, out var step);
        if (isClock && bits > 0 && Line.TryFit(values, bits, out line))
            forecast = Forecast.Line;
        else if (!isClock && TryLinear(values, centre, bits, out linear))
            (forecast, first) = (Forecast.Linear, centre);
        var rest = values;
        switch (forecast)
        {
            case Forecast.Centre:
                Differences.Subtract(values, first = centre);
                break;
            case Forecast.Line:
                line.Subtract(values);
                break;
            case Forecast.Linear:
                Differences.Subtract(values, first);
                linear.Subtract(values);
                break;
            default:
                if (forecast == Forecast.PreviousStep)
                    step = unchecked(values[1] - values[0]);
                rest = Differences.Difference(values, (int)forecast);
                if (forecast == Forecast.Previous)
                    Differences.Subtract(rest, step);
                break;
        }

        var residuals = Pack(writer, rest);
        writer.WriteByte((byte)((int)forecast | residuals.Flags));
        if (forecast == Forecast.Line)
            line.Write(writer);
        else
            writer.WriteSigned(first);
        if (forecast is Forecast.Previous or Forecast.PreviousStep)
            writer.WriteSigned(step);
        if (forecast == Forecast.Linear)
            linear.Write(writer);
        if (residuals.Divisor > 1)
            writer.WriteVarint(residuals.Divisor);
        if ((residuals.Flags & HasRepeats) == 0)
            return;
        writer.WriteByte((byte)residuals.Width);
        writer.WriteCount(residuals.Length);
    }

    /// <param name="values">Shape (N,), receives the column; N was proven against the limits by the caller.</param>
    public static void Decode(ref WireReader reader, Span<long> values, string what)
    {
        if (reader.IsVersion1)
        {
            Version1.IntegerColumn1.Decode(ref reader, values, what);
            return;
        }

        if (values.IsEmpty)
            return;
        var head = reader.ReadByte(what);
        var forecast = (Forecast)(head & (HasResiduals - 1));
        var differences = forecast is Forecast.Previous or Forecast.PreviousStep ? (int)forecast : 0;
        if (forecast > Forecast.Linear || head > KnownBits || differences > values.Length)
            throw reader.Fault($"{what} is laid out in an unknown way ({head})");
        var line = forecast == Forecast.Line ? Line.Read(ref reader, what) : default;
        var first = forecast == Forecast.Line ? 0 : reader.ReadSigned(what);
        var step = differences > 0 ? reader.ReadSigned(what) : 0;
        var linear = forecast == Forecast.Linear ? LinearForecast.Read(ref reader, what) : default;
        var divisor = (head & HasDivisor) != 0 ? reader.ReadVarint(what) : 1;
        var rest = values[differences..];
        if ((head & HasResiduals) != 0)
        {
            var residuals = MemoryMarshal.Cast<long, ulong>(rest);
            if ((head & HasRepeats) != 0)
                Repeats.Decode(ref reader, residuals, what);
            else
                Residuals.Decode(ref reader, residuals, what);
            Divisor.PutBack(rest, divisor);
        }
        else
        {
            rest.Clear();
        }

        if (forecast == Forecast.Linear)
            linear.Add(values);
        if (forecast == Forecast.Line)
            line.Add(values);
        else
            Differences.Integrate(values, differences, first, step);
    }

    /// <summary>Writes the packed bits; what belongs to them in the plain bytes comes back.</summary>
    private static (int Flags, ulong Divisor, int Width, int Length) Pack(ColumnWriter writer, Span<long> rest)
    {
        var divisor = Divisor.TakeOut(rest);
        if (divisor == 0)
            return default;
        var residuals = MemoryMarshal.Cast<long, ulong>(rest);
        var packedAt = writer.Packed.WrittenCount;
        Residuals.Encode(writer.Packed, residuals);
        var repeats = Repeats.TryReplace(writer, residuals, packedAt, out var width, out var length);
        return (HasResiduals | (divisor > 1 ? HasDivisor : 0) | (repeats ? HasRepeats : 0), divisor, width, length);
    }

    private static bool TryLinear(ReadOnlySpan<long> values, long centre, long bits, out LinearForecast linear)
    {
        linear = default;
        return LinearForecast.IsPromising(values, centre, bits)
            && LinearForecast.TryFit(values, centre, bits, out linear);
    }
}
