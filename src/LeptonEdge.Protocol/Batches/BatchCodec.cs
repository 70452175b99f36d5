using System.Buffers;
using System.Runtime.InteropServices;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Buffers;

namespace LeptonEdge.Protocol.Batches;

/// <summary>A batch of records as bytes: by column, differenced, then compressed. What comes back equals what went in,
/// to the last bit of a NaN; only a text that is not valid UTF-16 loses its stray halves.</summary>
/// <remarks>Layout: <see cref="BatchFrame"/> around class, series (channel, count, times, values),
/// verdicts, alarms, raw windows, gaps and, from version 3 on, usage, each as columns. Numbers are base-128, columns as
/// <see cref="IntegerColumn"/> and <see cref="ValueColumn"/> lay them out.</remarks>
public static class BatchCodec
{
    /// <summary>The highest version of the layout that this code reads.</summary>
    public const int VersionMax = BatchFrame.Version3;

    /// <summary>The first version that holds usage.</summary>
    public const int VersionOfUsage = BatchFrame.Version3;

    [ThreadStatic]
    private static ColumnWriter? _scratch;

    /// <exception cref="ArgumentException">A text is longer than <see cref="BatchLimits.TextBytesMax"/>.</exception>
    public static void Encode(RecordBatch batch, IBufferWriter<byte> target)
    {
        var columns = _scratch ??= new ColumnWriter();
        columns.Clear();
        try
        {
            columns.WriteByte((byte)batch.Class);
            WriteSeries(columns, batch.Series);
            RecordColumns.WriteVerdicts(columns, batch.Verdicts);
            RecordColumns.WriteAlarms(columns, batch.Alarms);
            RecordColumns.WriteRawWindows(columns, batch.RawWindows);
            RecordColumns.WriteGaps(columns, batch.Gaps);
            // Readers of version 2 know no usage, but all else: what they can read, they are given.
            if (batch.Usage.Count > 0)
                UsageColumns.Write(columns, batch.Usage);
            BatchFrame.Write(columns, batch.Usage.Count > 0 ? BatchFrame.Version3 : BatchFrame.Version2, target);
        }
        finally
        {
            // An agent with a small footprint keeps no memory of its largest batch.
            if (columns.WrittenCount > 1024 * 1024)
                columns.Dispose();
        }
    }

    /// <exception cref="BatchFormatException">The bytes are not a batch, or exceed the limits.</exception>
    public static RecordBatch Decode(ReadOnlySpan<byte> bytes, BatchLimits? limits = null)
    {
        limits ??= BatchLimits.Default;
        using var scratch = new PooledBufferWriter();
        var reader = BatchFrame.Open(bytes, scratch, limits);
        var recordClass = reader.ReadByte("class");
        if (recordClass > (byte)RecordClass.Bulk)
            throw reader.Fault($"class {recordClass} is unknown");
        var batch = new RecordBatch((RecordClass)recordClass);
        try
        {
            ReadSeries(ref reader, batch);
            RecordColumns.ReadVerdicts(ref reader, batch);
            RecordColumns.ReadAlarms(ref reader, batch);
            RecordColumns.ReadRawWindows(ref reader, batch);
            RecordColumns.ReadGaps(ref reader, batch);
            if (reader.HasUsage)
                UsageColumns.Read(ref reader, batch);
        }
        catch (FormatException e) when (e is not BatchFormatException)
        {
            // A name that no valid device could have written.
            throw reader.Fault(e.Message);
        }

        reader.ExpectEnd();
        return batch;
    }

    private static void WriteSeries(ColumnWriter writer, IReadOnlyList<Series> all)
    {
        writer.WriteCount(all.Count);
        ReadOnlySpan<long> previous = [];
        for (var i = 0; i < all.Count; i++)
        {
            var times = CollectionsMarshal.AsSpan(all[i].TimesMicros);
            writer.Asked += Asking.Record + ((long)times.Length * Asking.Reading);
            writer.WriteText(all[i].Channel.Value);
            writer.WriteCount(times.Length);
            SeriesColumns.Encode(writer, times, CollectionsMarshal.AsSpan(all[i].Values), previous);
            previous = times;
        }
    }

    private static void ReadSeries(ref WireReader reader, RecordBatch batch)
    {
        var series = reader.ReadCount(reader.Limits.RecordsMax, "number of series");
        ReadOnlySpan<long> previous = [];
        for (var i = 0; i < series; i++)
        {
            reader.Ask(1, Asking.Record, "number of series");
            var channel = new Core.Identity.ChannelName(reader.ReadText("channel name"));
            var count = reader.ReadCount(reader.Limits.RecordsMax - batch.Count, "number of readings");
            reader.Ask(count, Asking.Reading, "number of readings");
            batch.AddReadings(channel, count, out var times, out var values);
            SeriesColumns.Decode(ref reader, times, values, previous);
            previous = times;
        }
    }
}
