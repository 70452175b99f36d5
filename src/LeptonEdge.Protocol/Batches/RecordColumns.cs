using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Plans;
using LeptonEdge.Core.Records;

namespace LeptonEdge.Protocol.Batches;

/// <summary>Verdicts, alarm events, raw windows and gaps as columns.</summary>
internal static class RecordColumns
{
    public static void WriteVerdicts(ColumnWriter writer, List<Verdict> verdicts)
    {
        if (WriteRecordCount(writer, verdicts.Count) == 0)
            return;
        TextColumn.Encode(writer, verdicts, v => v.Workload.Value);
        TextColumn.Encode(writer, verdicts, v => v.Channel.Value);
        TextColumn.Encode(writer, verdicts, v => v.Model.Name);
        TextColumn.Encode(writer, verdicts, v => v.Model.Version);
        TextColumn.Encode(writer, verdicts, v => v.Label);
        WriteColumn(writer, verdicts, v => v.TimeMicros);
        WriteColumn(writer, verdicts, v => BitConverter.SingleToInt32Bits(v.Score));
        WriteColumn(writer, verdicts, v => (long)v.Place);
        WriteColumn(writer, verdicts, v => v.LatencyMicros);
        WriteColumn(writer, verdicts, v => v.Late ? 1 : 0);
    }

    public static void ReadVerdicts(ref WireReader reader, RecordBatch batch)
    {
        var count = ReadRecordCount(ref reader, batch, "number of verdicts");
        if (IsAbsent(reader, count))
            return;
        var workloads = TextColumn.Decode(ref reader, count, "workload of a verdict");
        var channels = TextColumn.Decode(ref reader, count, "channel of a verdict");
        var models = TextColumn.Decode(ref reader, count, "model of a verdict");
        var versions = TextColumn.Decode(ref reader, count, "model version of a verdict");
        var labels = TextColumn.Decode(ref reader, count, "label of a verdict");
        var times = ReadColumn(ref reader, count, long.MinValue, long.MaxValue, "time of a verdict");
        var scores = ReadColumn(ref reader, count, int.MinValue, int.MaxValue, "score of a verdict");
        var places = ReadColumn(ref reader, count, 0, (long)Place.Peer, "place of a verdict");
        var latencies = ReadColumn(ref reader, count, int.MinValue, int.MaxValue, "latency of a verdict");
        var late = ReadColumn(ref reader, count, 0, 1, "lateness of a verdict");
        for (var i = 0; i < count; i++)
        {
            batch.Verdicts.Add(new Verdict(new WorkloadId(workloads[i]), new ChannelName(channels[i]),
                new ModelReference(models[i], versions[i]), times[i], labels[i],
                BitConverter.Int32BitsToSingle((int)scores[i]),
                (Place)places[i], (int)latencies[i], late[i] == 1));
        }
    }

    public static void WriteAlarms(ColumnWriter writer, List<AlarmEvent> alarms)
    {
        if (WriteRecordCount(writer, alarms.Count) == 0)
            return;
        TextColumn.Encode(writer, alarms, a => a.Rule);
        TextColumn.Encode(writer, alarms, a => a.Channel.Value);
        TextColumn.Encode(writer, alarms, a => a.Message);
        WriteColumn(writer, alarms, a => (long)a.Severity);
        WriteColumn(writer, alarms, a => (long)a.Transition);
        WriteColumn(writer, alarms, a => a.TimeMicros);
        ValueColumn.Encode(writer, alarms.ConvertAll(a => a.Value).ToArray());
    }

    public static void ReadAlarms(ref WireReader reader, RecordBatch batch)
    {
        var count = ReadRecordCount(ref reader, batch, "number of alarms");
        if (IsAbsent(reader, count))
            return;
        var rules = TextColumn.Decode(ref reader, count, "rule of an alarm");
        var channels = TextColumn.Decode(ref reader, count, "channel of an alarm");
        var messages = TextColumn.Decode(ref reader, count, "message of an alarm");
        var severities = ReadColumn(ref reader, count, 0, (long)AlarmSeverity.Critical, "severity of an alarm");
        var transitions = ReadColumn(ref reader, count, 0, (long)AlarmTransition.Cleared, "transition of an alarm");
        var times = ReadColumn(ref reader, count, long.MinValue, long.MaxValue, "time of an alarm");
        var values = new double[count];
        ValueColumn.Decode(ref reader, values, "value of an alarm");
        for (var i = 0; i < count; i++)
        {
            batch.Alarms.Add(new AlarmEvent(rules[i], new ChannelName(channels[i]), (AlarmSeverity)severities[i],
                (AlarmTransition)transitions[i], times[i], values[i], messages[i]));
        }
    }

    public static void WriteRawWindows(ColumnWriter writer, List<RawWindow> windows)
    {
        if (WriteRecordCount(writer, windows.Count) == 0)
            return;
        TextColumn.Encode(writer, windows, w => w.Channel.Value);
        TextColumn.Encode(writer, windows, w => w.Reason);
        WriteColumn(writer, windows, w => w.StartMicros);
        ValueColumn.Encode(writer, windows.ConvertAll(w => w.SampleRateHz).ToArray());
        WriteColumn(writer, windows, w => w.Samples.Length);
        foreach (var window in windows)
        {
            writer.Asked += (long)window.Samples.Length * Asking.Sample;
            SampleColumn.Encode(writer, window.Samples);
        }
    }

    public static void ReadRawWindows(ref WireReader reader, RecordBatch batch)
    {
        var count = ReadRecordCount(ref reader, batch, "number of raw windows");
        if (IsAbsent(reader, count))
            return;
        var channels = TextColumn.Decode(ref reader, count, "channel of a raw window");
        var reasons = TextColumn.Decode(ref reader, count, "reason of a raw window");
        var starts = ReadColumn(ref reader, count, long.MinValue, long.MaxValue, "start of a raw window");
        var rates = new double[count];
        ValueColumn.Decode(ref reader, rates, "sample rate of a raw window");
        var lengths = ReadColumn(ref reader, count, 0, reader.Limits.SamplesMax, "length of a raw window");
        long total = 0;
        foreach (var length in lengths)
            total += length;
        if (total > reader.Limits.SamplesMax)
            throw reader.Fault($"raw windows hold {total} samples: at most {reader.Limits.SamplesMax}");
        reader.Ask(total, Asking.Sample, "samples of a raw window");
        for (var i = 0; i < count; i++)
        {
            var samples = new float[lengths[i]];
            SampleColumn.Decode(ref reader, samples, "samples of a raw window");
            batch.RawWindows.Add(new RawWindow(new ChannelName(channels[i]), starts[i], rates[i], samples, reasons[i]));
        }
    }

    public static void WriteGaps(ColumnWriter writer, List<Gap> gaps)
    {
        if (WriteRecordCount(writer, gaps.Count) == 0)
            return;
        TextColumn.Encode(writer, gaps, g => g.Reason);
        WriteColumn(writer, gaps, g => (long)g.Class);
        WriteColumn(writer, gaps, g => (long)g.FirstSequence);
        WriteColumn(writer, gaps, g => (long)g.LastSequence);
        WriteColumn(writer, gaps, g => g.Records);
        WriteColumn(writer, gaps, g => g.TimeMicros);
    }

    public static void ReadGaps(ref WireReader reader, RecordBatch batch)
    {
        var count = ReadRecordCount(ref reader, batch, "number of gaps");
        if (IsAbsent(reader, count))
            return;
        var reasons = TextColumn.Decode(ref reader, count, "reason of a gap");
        var classes = ReadColumn(ref reader, count, 0, (long)RecordClass.Bulk, "class of a gap");
        var firsts = ReadColumn(ref reader, count, long.MinValue, long.MaxValue, "first sequence of a gap");
        var lasts = ReadColumn(ref reader, count, long.MinValue, long.MaxValue, "last sequence of a gap");
        var records = ReadColumn(ref reader, count, long.MinValue, long.MaxValue, "records of a gap");
        var times = ReadColumn(ref reader, count, long.MinValue, long.MaxValue, "time of a gap");
        for (var i = 0; i < count; i++)
        {
            batch.Gaps.Add(new Gap(
                (RecordClass)classes[i], (ulong)firsts[i], (ulong)lasts[i], records[i], times[i], reasons[i]));
        }
    }

    internal static int WriteRecordCount(ColumnWriter writer, int count)
    {
        writer.WriteCount(count);
        writer.Asked += (long)count * Asking.Record;
        return count;
    }

    internal static int ReadRecordCount(ref WireReader reader, RecordBatch batch, string what)
    {
        var count = reader.ReadCount(reader.Limits.RecordsMax - batch.Count, what);
        reader.Ask(count, Asking.Record, what);
        return count;
    }

    /// <summary>Version 1 wrote the columns of no records too.</summary>
    private static bool IsAbsent(WireReader reader, int count) => count == 0 && !reader.IsVersion1;

    internal static void WriteColumn<T>(ColumnWriter writer, List<T> items, Func<T, long> value)
    {
        var column = new long[items.Count];
        for (var i = 0; i < column.Length; i++)
            column[i] = value(items[i]);
        IntegerColumn.Encode(writer, column);
    }

    internal static long[] ReadColumn(ref WireReader reader, int count, long least, long most, string what)
    {
        var column = new long[count];
        IntegerColumn.Decode(ref reader, column, what);
        foreach (var value in column)
        {
            if (value < least || value > most)
                throw reader.Fault($"{what} is {value}: not within {least} to {most}");
        }

        return column;
    }
}
