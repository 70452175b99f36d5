using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Plans;
using LeptonEdge.Core.Pricing;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Batches;
using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Hubs;

/// <summary>Rows back into records. Each list of columns goes with the method below it.</summary>
internal static class RecordReader
{
    public const string VerdictColumns =
        "verdict.time, verdict.workload, verdict.channel, model, version, label, score, place, latency, late";

    public const string AlarmColumns =
        "alarm.time, alarm.rule, alarm.channel, severity, transition, value, message";

    public const string WindowColumns = "start, raw_window.channel, rate, reason, data";

    public const string GapColumns = "gap.class, first, last, gap.records, gap.time, gap.reason";

    public const string AmountColumns = "inferences, core_us, accelerator_us, bytes, measured_uj, estimated_uj";

    public const string UsageColumns = $"workload, model, version, node, start, end, {AmountColumns}";

    public static Verdict Verdict(Statement row, int at) => new(
        new WorkloadId(row.Text(at + 1)), new ChannelName(row.Text(at + 2)),
        new ModelReference(row.Text(at + 3), row.Text(at + 4)),
        row.Int64(at), row.Text(at + 5), BitConverter.Int32BitsToSingle((int)row.Int64(at + 6)),
        (Place)row.Int32(at + 7),
        row.Int32(at + 8), row.Int32(at + 9) != 0);

    public static AlarmEvent Alarm(Statement row, int at) => new(
        row.Text(at + 1), new ChannelName(row.Text(at + 2)), (AlarmSeverity)row.Int32(at + 3),
        (AlarmTransition)row.Int32(at + 4), row.Int64(at), BitConverter.Int64BitsToDouble(row.Int64(at + 5)),
        row.Text(at + 6));

    public static RawWindow Window(Statement row, int at) => new(
        new ChannelName(row.Text(at + 1)), row.Int64(at), BitConverter.Int64BitsToDouble(row.Int64(at + 2)),
        SamplesCodec.Decode(row.Blob(at + 4)), row.Text(at + 3));

    public static Gap Gap(Statement row, int at) => new(
        (RecordClass)row.Int32(at), row.UInt64(at + 1), row.UInt64(at + 2), row.Int64(at + 3), row.Int64(at + 4),
        row.Text(at + 5));

    public static Usage Usage(Statement row, int at) => new(
        row.Text(at) is { Length: > 0 } workload ? new WorkloadId(workload) : null,
        row.Text(at + 1) is { Length: > 0 } model ? new ModelReference(model, row.Text(at + 2)) : null,
        (NodeKind)row.Int32(at + 3), row.Int64(at + 4), row.Int64(at + 5), Amounts(row, at + 6));

    public static UsageAmounts Amounts(Statement row, int at) => new(
        row.Int64(at), row.Int64(at + 1), row.Int64(at + 2), row.Int64(at + 3), row.Int64(at + 4), row.Int64(at + 5));
}
