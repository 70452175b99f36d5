using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Pricing;
using LeptonEdge.Core.Records;

namespace LeptonEdge.Protocol.Batches;

/// <summary>Usage records as columns, from version 3 on. A text that is empty stands for none.</summary>
internal static class UsageColumns
{
    private static readonly (string What, Func<UsageAmounts, long> Of)[] Amounts =
    [
        ("inferences", a => a.Inferences),
        ("core time", a => a.CoreMicros),
        ("accelerator time", a => a.AcceleratorMicros),
        ("bytes", a => a.Bytes),
        ("measured energy", a => a.MeasuredMicrojoules),
        ("estimated energy", a => a.EstimatedMicrojoules),
    ];

    public static void Write(ColumnWriter writer, List<Usage> usage)
    {
        RecordColumns.WriteRecordCount(writer, usage.Count);
        TextColumn.Encode(writer, usage, u => u.Workload?.Value ?? "");
        TextColumn.Encode(writer, usage, u => u.Model?.Name ?? "");
        TextColumn.Encode(writer, usage, u => u.Model?.Version ?? "");
        RecordColumns.WriteColumn(writer, usage, u => (long)u.Node);
        RecordColumns.WriteColumn(writer, usage, u => u.ToMicros);
        RecordColumns.WriteColumn(writer, usage, u => u.ToMicros - u.FromMicros);
        foreach (var (_, of) in Amounts)
            RecordColumns.WriteColumn(writer, usage, u => of(u.Amounts));
    }

    public static void Read(ref WireReader reader, RecordBatch batch)
    {
        var count = RecordColumns.ReadRecordCount(ref reader, batch, "number of usage records");
        if (count == 0)
            return;
        var workloads = TextColumn.Decode(ref reader, count, "workload of usage");
        var models = TextColumn.Decode(ref reader, count, "model of usage");
        var versions = TextColumn.Decode(ref reader, count, "model version of usage");
        var nodes = RecordColumns.ReadColumn(ref reader, count, 0, (long)NodeKind.Pool, "node of usage");
        var ends = RecordColumns.ReadColumn(ref reader, count, long.MinValue, long.MaxValue, "time of usage");
        var lengths = RecordColumns.ReadColumn(ref reader, count, long.MinValue, long.MaxValue, "length of usage");
        var amounts = new long[Amounts.Length][];
        for (var i = 0; i < amounts.Length; i++)
            amounts[i] = RecordColumns.ReadColumn(
                ref reader, count, 0, UsageAmounts.Max, $"{Amounts[i].What} of usage");
        for (var i = 0; i < count; i++)
        {
            batch.Usage.Add(new Usage(
                workloads[i].Length == 0 ? null : new WorkloadId(workloads[i]),
                models[i].Length == 0 ? null : new ModelReference(models[i], versions[i]),
                (NodeKind)nodes[i], unchecked(ends[i] - lengths[i]), ends[i],
                new UsageAmounts(
                    amounts[0][i], amounts[1][i], amounts[2][i], amounts[3][i], amounts[4][i], amounts[5][i])));
        }
    }
}
