using System.Buffers;
using System.Runtime.InteropServices;

namespace LeptonEdge.Protocol.Batches;

/// <summary>A column of singles: the same column as their doubles. A NaN that widening would change makes it the places
/// of the singles in their order.</summary>
internal static class SampleColumn
{
    private const byte Widened = 0;
    private const byte Places = 1;

    public static void Encode(ColumnWriter writer, ReadOnlySpan<float> samples)
    {
        if (samples.IsEmpty)
            return;
        var pooled = ArrayPool<double>.Shared.Rent(samples.Length);
        var values = pooled.AsSpan(0, samples.Length);
        if (TryWiden(samples, values))
        {
            writer.WriteByte(Widened);
            ValueColumn.Encode(writer, values);
        }
        else
        {
            writer.WriteByte(Places);
            var places = MemoryMarshal.Cast<double, long>(values);
            for (var i = 0; i < samples.Length; i++)
                places[i] = FloatOrder.Map(BitConverter.SingleToInt32Bits(samples[i]));
            IntegerColumn.Encode(writer, places);
        }

        ArrayPool<double>.Shared.Return(pooled);
    }

    /// <param name="samples">Shape (N,), receives the column.</param>
    public static void Decode(ref WireReader reader, Span<float> samples, string what)
    {
        if (reader.IsVersion1)
        {
            Version1.ValueColumn1.Decode(ref reader, samples, what);
            return;
        }

        if (samples.IsEmpty)
            return;
        var kind = reader.ReadByte(what);
        if (kind > Places)
            throw reader.Fault($"{what} is of unknown kind {kind}");
        var pooled = ArrayPool<double>.Shared.Rent(samples.Length);
        try
        {
            var values = pooled.AsSpan(0, samples.Length);
            if (kind == Widened)
            {
                ValueColumn.Decode(ref reader, values, what);
                for (var i = 0; i < samples.Length; i++)
                    samples[i] = (float)values[i];
                return;
            }

            var places = MemoryMarshal.Cast<double, long>(values);
            IntegerColumn.Decode(ref reader, places, what);
            for (var i = 0; i < samples.Length; i++)
                samples[i] = BitConverter.Int32BitsToSingle(FloatOrder.Map((int)places[i]));
        }
        finally
        {
            ArrayPool<double>.Shared.Return(pooled);
        }
    }

    private static bool TryWiden(ReadOnlySpan<float> samples, Span<double> values)
    {
        for (var i = 0; i < samples.Length; i++)
        {
            values[i] = samples[i];
            if (BitConverter.SingleToInt32Bits((float)values[i]) != BitConverter.SingleToInt32Bits(samples[i]))
                return false;
        }

        return true;
    }
}
