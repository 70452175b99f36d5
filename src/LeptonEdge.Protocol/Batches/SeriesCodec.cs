using System.Buffers;
using LeptonEdge.Protocol.Buffers;

namespace LeptonEdge.Protocol.Batches;

/// <summary>One series alone as bytes: how the hub's store keeps readings.</summary>
public static class SeriesCodec
{
    /// <param name="timesMicros">Shape (N,).</param>
    /// <param name="values">Shape (N,).</param>
    public static void Encode(ReadOnlySpan<long> timesMicros, ReadOnlySpan<double> values, IBufferWriter<byte> target)
    {
        if (timesMicros.Length != values.Length)
            throw new ArgumentException($"{timesMicros.Length} times but {values.Length} values");
        using var columns = new ColumnWriter();
        columns.WriteCount(values.Length);
        columns.Asked += (long)values.Length * Asking.Reading;
        SeriesColumns.Encode(columns, timesMicros, values, []);
        BatchFrame.Write(columns, BatchFrame.Version2, target);
    }

    /// <summary>Fills the columns and returns how many readings they hold.</summary>
    /// <param name="timesMicros">Grown to hold the times.</param>
    /// <param name="values">Grown to hold the values.</param>
    /// <exception cref="BatchFormatException">The bytes are not a series within the limits.</exception>
    public static int Decode(
        ReadOnlySpan<byte> bytes, ref long[] timesMicros, ref double[] values, BatchLimits? limits = null)
    {
        limits ??= BatchLimits.Default;
        using var scratch = new PooledBufferWriter();
        var reader = BatchFrame.Open(bytes, scratch, limits);
        var count = reader.ReadCount(limits.RecordsMax, "number of readings");
        reader.Ask(count, Asking.Reading, "number of readings");
        if (timesMicros.Length < count)
            timesMicros = new long[count];
        if (values.Length < count)
            values = new double[count];
        SeriesColumns.Decode(ref reader, timesMicros.AsSpan(0, count), values.AsSpan(0, count), []);
        reader.ExpectEnd();
        return count;
    }
}

/// <summary>The samples of one raw window as bytes: how the hub's store keeps them.</summary>
public static class SamplesCodec
{
    /// <param name="samples">Shape (N,).</param>
    public static void Encode(ReadOnlySpan<float> samples, IBufferWriter<byte> target)
    {
        using var columns = new ColumnWriter();
        columns.WriteCount(samples.Length);
        columns.Asked += (long)samples.Length * Asking.Sample;
        SampleColumn.Encode(columns, samples);
        BatchFrame.Write(columns, BatchFrame.Version2, target);
    }

    /// <exception cref="BatchFormatException">The bytes are not samples within the limits.</exception>
    public static float[] Decode(ReadOnlySpan<byte> bytes, BatchLimits? limits = null)
    {
        limits ??= BatchLimits.Default;
        using var scratch = new PooledBufferWriter();
        var reader = BatchFrame.Open(bytes, scratch, limits);
        var count = reader.ReadCount(limits.SamplesMax, "number of samples");
        reader.Ask(count, Asking.Sample, "number of samples");
        var samples = new float[count];
        SampleColumn.Decode(ref reader, samples, "samples");
        reader.ExpectEnd();
        return samples;
    }
}
