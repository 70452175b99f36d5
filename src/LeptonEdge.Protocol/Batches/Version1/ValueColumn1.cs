using System.Buffers;
using System.Runtime.InteropServices;

namespace LeptonEdge.Protocol.Batches.Version1;

/// <summary>Reads the columns of values that version 1 wrote: scaled integers with the values that they do not fit
/// beside them, single precision or the doubles as they are.</summary>
internal static class ValueColumn1
{
    private const byte Doubles = 0xFE;
    private const byte Singles = 0xFF;
    private const int DecimalsMax = 14;

    private static readonly double[] Powers =
        [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14];

    /// <param name="values">Shape (N,), receives the column.</param>
    public static void Decode(ref WireReader reader, Span<double> values, string what)
    {
        if (values.IsEmpty)
            return;
        var kind = reader.ReadByte(what);
        if (kind > DecimalsMax && kind is not (Singles or Doubles))
            throw reader.Fault($"{what} is of unknown kind {kind}");
        var oddsAt = reader;
        if (kind <= DecimalsMax)
            SkipOdds(ref reader, values.Length, what);
        var column = MemoryMarshal.Cast<double, long>(values);
        IntegerColumn1.Decode(ref reader, column, what);
        switch (kind)
        {
            case Singles:
                for (var i = 0; i < column.Length; i++)
                    values[i] = BitConverter.Int32BitsToSingle(FloatOrder.Map((int)column[i]));
                break;
            case Doubles:
                foreach (ref var bits in column)
                    bits = FloatOrder.Map(bits);
                break;
            default:
                for (var i = 0; i < column.Length; i++)
                    values[i] = column[i] / Powers[kind];
                ReadOdds(ref oddsAt, values, what);
                break;
        }
    }

    public static void Decode(ref WireReader reader, Span<float> samples, string what)
    {
        var column = ArrayPool<long>.Shared.Rent(Math.Max(samples.Length, 1));
        try
        {
            var span = column.AsSpan(0, samples.Length);
            IntegerColumn1.Decode(ref reader, span, what);
            for (var i = 0; i < span.Length; i++)
                samples[i] = BitConverter.Int32BitsToSingle(FloatOrder.Map((int)span[i]));
        }
        finally
        {
            ArrayPool<long>.Shared.Return(column);
        }
    }

    private static void SkipOdds(ref WireReader reader, int length, string what)
    {
        var odds = reader.ReadCount(length, what);
        var next = 0L;
        for (var i = 0; i < odds; i++)
        {
            next += reader.ReadCount(length, what) + 1L;
            reader.ReadFixed64(what);
            if (next > length)
                throw reader.Fault($"{what} has a value out of place");
        }
    }

    private static void ReadOdds(ref WireReader reader, Span<double> values, string what)
    {
        var odds = reader.ReadCount(values.Length, what);
        var next = 0;
        for (var i = 0; i < odds; i++)
        {
            next += reader.ReadCount(values.Length, what);
            values[next++] = BitConverter.UInt64BitsToDouble(reader.ReadFixed64(what));
        }
    }
}
