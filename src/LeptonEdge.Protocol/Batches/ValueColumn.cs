using System.Buffers;
using System.Runtime.InteropServices;

namespace LeptonEdge.Protocol.Batches;

/// <summary>A column of doubles, exact to the last bit of a NaN. Sensors mostly report short decimals, multiples of a
/// converter's step or single precision, so the column is written as the integers behind them; as the places of the
/// doubles in their order where none of that holds.</summary>
/// <remarks>The decimal way is the idea of ALP (Afroozeh, Kuffó and Boncz, SIGMOD 2023). Here a value may also lie a
/// few places beside the one that its integer stands for (a mean of decimals does), which is a column of its own; the
/// few that lie elsewhere are kept as they are.</remarks>
internal static class ValueColumn
{
    private const byte SingleDecimals = 16;
    private const byte Steps = 32;
    private const byte SingleSteps = 33;
    private const byte PlainDoubles = 34;
    private const byte PlainSingles = 35;
    private const byte KindBits = 63;
    private const byte HasCorrections = 64;
    private const byte HasOdds = 128;

    public static void Encode(ColumnWriter writer, ReadOnlySpan<double> values)
    {
        if (values.IsEmpty)
            return;
        var buffer = ArrayPool<long>.Shared.Rent(2 * values.Length);
        var odd = ArrayPool<int>.Shared.Rent(values.Length);
        try
        {
            var scratch = new ValueScratch(
                buffer.AsSpan(0, values.Length), buffer.AsSpan(values.Length, values.Length), odd);
            var shape = ValueShape.Of(values);
            if (shape.Decimals >= 0
                && TryEncode(writer, values, scratch, new DecimalForm(ValueShape.Power(shape.Decimals)),
                    (byte)shape.Decimals, 0))
                return;
            if (shape.SingleDecimals >= 0
                && TryEncode(writer, values, scratch, new SingleDecimalForm(ValueShape.Power(shape.SingleDecimals)),
                    (byte)(SingleDecimals + shape.SingleDecimals), 0))
                return;
            if (shape.Step > 0 && (shape.IsSingle
                ? TryEncode(writer, values, scratch, new SingleStepForm(shape.Step), SingleSteps, shape.Step)
                : TryEncode(writer, values, scratch, new StepForm(shape.Step), Steps, shape.Step)))
                return;
            EncodePlain(writer, values, scratch.Integers, shape.IsSingle);
        }
        finally
        {
            ArrayPool<int>.Shared.Return(odd);
            ArrayPool<long>.Shared.Return(buffer);
        }
    }

    /// <param name="values">Shape (N,), receives the column.</param>
    public static void Decode(ref WireReader reader, Span<double> values, string what)
    {
        if (reader.IsVersion1)
        {
            Version1.ValueColumn1.Decode(ref reader, values, what);
            return;
        }

        if (values.IsEmpty)
            return;
        var head = reader.ReadByte(what);
        var kind = head & KindBits;
        switch (kind)
        {
            case <= ValueShape.DecimalsMax:
                Decode(ref reader, values, new DecimalForm(ValueShape.Power(kind)), head, what);
                break;
            case >= SingleDecimals and <= SingleDecimals + ValueShape.SingleDecimalsMax:
                Decode(ref reader, values, new SingleDecimalForm(ValueShape.Power(kind - SingleDecimals)), head, what);
                break;
            case Steps:
                Decode(ref reader, values, new StepForm(ReadStep(ref reader, what)), head, what);
                break;
            case SingleSteps:
                Decode(ref reader, values, new SingleStepForm(ReadStep(ref reader, what)), head, what);
                break;
            case PlainDoubles or PlainSingles when head == kind:
                DecodePlain(ref reader, values, kind == PlainSingles, what);
                break;
            default:
                throw reader.Fault($"{what} is of unknown kind {head}");
        }
    }

    private static bool TryEncode<TForm>(
        ColumnWriter writer, ReadOnlySpan<double> values, ValueScratch scratch, TForm form, byte kind, double step)
        where TForm : struct, IValueForm
    {
        if (!ValueScaling.TryScale(values, scratch, form, out var odds, out var isExact))
            return false;
        writer.WriteByte((byte)(kind | (isExact ? 0 : HasCorrections) | (odds > 0 ? HasOdds : 0)));
        if (step > 0)
            writer.WriteFixed64(BitConverter.DoubleToUInt64Bits(step));
        IntegerColumn.Encode(writer, scratch.Integers);
        if (!isExact)
            IntegerColumn.Encode(writer, scratch.Corrections);
        if (odds > 0)
            WriteOdds(writer, values, scratch.Odd.AsSpan(0, odds));
        return true;
    }

    private static void Decode<TForm>(
        ref WireReader reader, Span<double> values, TForm form, byte head, string what)
        where TForm : struct, IValueForm
    {
        var integers = MemoryMarshal.Cast<double, long>(values);
        IntegerColumn.Decode(ref reader, integers, what);
        if ((head & HasCorrections) == 0)
        {
            for (var i = 0; i < values.Length; i++)
                values[i] = form.FromPlace(form.Place(integers[i]));
        }
        else
        {
            var pooled = ArrayPool<long>.Shared.Rent(values.Length);
            try
            {
                var corrections = pooled.AsSpan(0, values.Length);
                IntegerColumn.Decode(ref reader, corrections, what);
                for (var i = 0; i < values.Length; i++)
                    values[i] = form.FromPlace(unchecked(form.Place(integers[i]) + corrections[i]));
            }
            finally
            {
                ArrayPool<long>.Shared.Return(pooled);
            }
        }

        if ((head & HasOdds) != 0)
            ReadOdds(ref reader, values, what);
    }

    private static void EncodePlain(
        ColumnWriter writer, ReadOnlySpan<double> values, Span<long> places, bool isSingle)
    {
        for (var i = 0; isSingle && i < values.Length; i++)
            isSingle = Singles.TryPlace(values[i], out places[i]);
        for (var i = 0; !isSingle && i < values.Length; i++)
            places[i] = Doubles.Place(values[i]);
        writer.WriteByte(isSingle ? PlainSingles : PlainDoubles);
        IntegerColumn.Encode(writer, places);
    }

    private static void DecodePlain(ref WireReader reader, Span<double> values, bool isSingle, string what)
    {
        var places = MemoryMarshal.Cast<double, long>(values);
        IntegerColumn.Decode(ref reader, places, what);
        for (var i = 0; i < values.Length; i++)
            values[i] = isSingle ? Singles.FromPlace(places[i]) : Doubles.FromPlace(places[i]);
    }

    private static double ReadStep(ref WireReader reader, string what) =>
        BitConverter.UInt64BitsToDouble(reader.ReadFixed64(what));

    private static void WriteOdds(ColumnWriter writer, ReadOnlySpan<double> values, ReadOnlySpan<int> odd)
    {
        writer.WriteCount(odd.Length);
        var next = 0;
        foreach (var index in odd)
        {
            writer.WriteCount(index - next);
            writer.WriteFixed64(BitConverter.DoubleToUInt64Bits(values[index]));
            next = index + 1;
        }
    }

    private static void ReadOdds(ref WireReader reader, Span<double> values, string what)
    {
        var odds = reader.ReadCount(values.Length, what);
        long next = 0;
        for (var i = 0; i < odds; i++)
        {
            next += reader.ReadCount(values.Length, what);
            var value = BitConverter.UInt64BitsToDouble(reader.ReadFixed64(what));
            if (next >= values.Length)
                throw reader.Fault($"{what} has a value out of place");
            values[(int)next++] = value;
        }
    }
}
