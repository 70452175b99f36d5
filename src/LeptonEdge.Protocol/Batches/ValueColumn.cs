using System.Buffers;
using System.Runtime.InteropServices;
using LeptonEdge.Protocol.Buffers;

namespace LeptonEdge.Protocol.Batches;

/// <summary>A column of doubles, exact to the last bit of a NaN. Sensors mostly report short decimals or single
/// precision, so the column is written as scaled integers, as single precision or as it is, whichever holds.</summary>
/// <remarks>The decimal way is the idea of ALP (Afroozeh, Kuffó and Boncz, SIGMOD 2023): q = round(v·10^e) stands for v
/// wherever q/10^e gives v back bit by bit; the few values where it does not are kept beside the column.</remarks>
internal static class ValueColumn
{
    private const byte Doubles = 0xFE;
    private const byte Singles = 0xFF;
    private const int DecimalsMax = 14;
    private const int SampleMax = 32;
    private const double ScaledMax = 1L << 53;

    private static readonly double[] Powers =
        [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14];

    public static void Encode(PooledBufferWriter writer, ReadOnlySpan<double> values)
    {
        if (values.IsEmpty)
            return;
        var column = ArrayPool<long>.Shared.Rent(values.Length);
        var odd = ArrayPool<int>.Shared.Rent(values.Length);
        try
        {
            var span = column.AsSpan(0, values.Length);
            var decimals = ChooseDecimals(values);
            if (decimals >= 0 && TryScale(values, decimals, span, odd, out var odds))
            {
                writer.WriteByte((byte)decimals);
                WriteOdds(writer, values, odd.AsSpan(0, odds));
            }
            else if (TryNarrow(values, span))
            {
                writer.WriteByte(Singles);
            }
            else
            {
                writer.WriteByte(Doubles);
                for (var i = 0; i < span.Length; i++)
                    span[i] = InOrder(BitConverter.DoubleToInt64Bits(values[i]));
            }

            IntegerColumn.Encode(writer, span);
        }
        finally
        {
            ArrayPool<int>.Shared.Return(odd);
            ArrayPool<long>.Shared.Return(column);
        }
    }

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
        IntegerColumn.Decode(ref reader, column, what);
        switch (kind)
        {
            case Singles:
                for (var i = 0; i < column.Length; i++)
                    values[i] = BitConverter.Int32BitsToSingle(InOrder((int)column[i]));
                break;
            case Doubles:
                foreach (ref var bits in column)
                    bits = InOrder(bits);
                break;
            default:
                for (var i = 0; i < column.Length; i++)
                    values[i] = column[i] / Powers[kind];
                ReadOdds(ref oddsAt, values, what);
                break;
        }
    }

    /// <summary>Single-precision samples: the same column without the widening.</summary>
    public static void Encode(PooledBufferWriter writer, ReadOnlySpan<float> samples)
    {
        var column = ArrayPool<long>.Shared.Rent(Math.Max(samples.Length, 1));
        var span = column.AsSpan(0, samples.Length);
        for (var i = 0; i < span.Length; i++)
            span[i] = InOrder(BitConverter.SingleToInt32Bits(samples[i]));
        IntegerColumn.Encode(writer, span);
        ArrayPool<long>.Shared.Return(column);
    }

    public static void Decode(ref WireReader reader, Span<float> samples, string what)
    {
        var column = ArrayPool<long>.Shared.Rent(Math.Max(samples.Length, 1));
        try
        {
            var span = column.AsSpan(0, samples.Length);
            IntegerColumn.Decode(ref reader, span, what);
            for (var i = 0; i < span.Length; i++)
                samples[i] = BitConverter.Int32BitsToSingle(InOrder((int)span[i]));
        }
        finally
        {
            ArrayPool<long>.Shared.Return(column);
        }
    }

    /// <summary>Maps the bits of a float so that neighbouring values are neighbouring integers; its own
    /// inverse.</summary>
    private static int InOrder(int bits) => bits ^ ((bits >> 31) & int.MaxValue);

    private static long InOrder(long bits) => bits ^ ((bits >> 63) & long.MaxValue);

    /// <summary>The fewest decimals that at least 7 of 8 sampled values are written with; -1 when there is no such
    /// number.</summary>
    private static int ChooseDecimals(ReadOnlySpan<double> values)
    {
        Span<int> histogram = stackalloc int[DecimalsMax + 1];
        var step = Math.Max(1, values.Length / SampleMax);
        var sampled = 0;
        for (var i = 0; i < values.Length; i += step, sampled++)
        {
            var decimals = 0;
            while (decimals <= DecimalsMax && !TryScale(values[i], decimals, out _))
                decimals++;
            if (decimals <= DecimalsMax)
                histogram[decimals]++;
        }

        var covered = 0;
        for (var decimals = 0; decimals <= DecimalsMax; decimals++)
        {
            covered += histogram[decimals];
            if (8 * covered >= 7 * sampled)
                return decimals;
        }

        return -1;
    }

    private static bool TryScale(double value, int decimals, out long scaled)
    {
        var product = value * Powers[decimals];
        // Written so that NaN fails too.
        if (!(Math.Abs(product) < ScaledMax))
        {
            scaled = 0;
            return false;
        }

        scaled = (long)Math.Round(product);
        return BitConverter.DoubleToInt64Bits(scaled / Powers[decimals]) == BitConverter.DoubleToInt64Bits(value);
    }

    private static bool TryScale(ReadOnlySpan<double> values, int decimals, Span<long> column, int[] odd, out int odds)
    {
        odds = 0;
        long last = 0;
        // An odd value costs about ten bytes and a plain double about seven, so beyond a quarter it does not pay.
        var oddsMax = Math.Max(4, values.Length / 4);
        for (var i = 0; i < values.Length; i++)
        {
            if (TryScale(values[i], decimals, out var scaled))
                last = scaled;
            else if (odds < oddsMax && odds < values.Length)
                odd[odds++] = i;
            else
                return false;
            column[i] = last;
        }

        return true;
    }

    private static bool TryNarrow(ReadOnlySpan<double> values, Span<long> column)
    {
        for (var i = 0; i < values.Length; i++)
        {
            var single = (float)values[i];
            if (BitConverter.DoubleToInt64Bits(single) != BitConverter.DoubleToInt64Bits(values[i]))
                return false;
            column[i] = InOrder(BitConverter.SingleToInt32Bits(single));
        }

        return true;
    }

    private static void WriteOdds(PooledBufferWriter writer, ReadOnlySpan<double> values, ReadOnlySpan<int> odd)
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
