using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Pricing;

namespace LeptonEdge.Core.Records;

/// <summary>What was used since the record before it of the same workload, model and node. Records add up: each is a
/// difference, never a total that a restart would break.</summary>
/// <param name="Workload">Null: the device itself, or a request that named none.</param>
/// <param name="Model">Null: no model had part in it.</param>
/// <param name="Node">Whose work and whose sending it was.</param>
/// <param name="FromMicros">Device time, microseconds since 1970-01-01 UTC.</param>
/// <param name="ToMicros">Device time; the amounts count as used just before it.</param>
public sealed record Usage(
    WorkloadId? Workload, ModelReference? Model, NodeKind Node, long FromMicros, long ToMicros, UsageAmounts Amounts);

/// <summary>Amounts that a meter counts. Whole numbers, so that sums of them are exact in any order.</summary>
/// <param name="Inferences">Runs of the model, one for each row; counted by the machine that computed.</param>
/// <param name="CoreMicros">Time of processor cores, microseconds: the time of a run times its threads.</param>
/// <param name="AcceleratorMicros">Time of an accelerator, microseconds. A run counts as one or the other.</param>
/// <param name="Bytes">Counted by who sent them; those from and to a pool, which has no meter, by the hub.</param>
/// <param name="MeasuredMicrojoules">Energy that the machine measured.</param>
/// <param name="EstimatedMicrojoules">Energy by time and stated watts, where nothing was measured.</param>
public readonly record struct UsageAmounts(
    long Inferences = 0, long CoreMicros = 0, long AcceleratorMicros = 0, long Bytes = 0,
    long MeasuredMicrojoules = 0, long EstimatedMicrojoules = 0)
{
    /// <summary>One record claims no more than this of anything; 8 years of a core in microseconds.</summary>
    public const long Max = 1L << 48;

    public bool IsZero => this == default;

    public static UsageAmounts operator +(in UsageAmounts a, in UsageAmounts b) => new(
        a.Inferences + b.Inferences, a.CoreMicros + b.CoreMicros, a.AcceleratorMicros + b.AcceleratorMicros,
        a.Bytes + b.Bytes, a.MeasuredMicrojoules + b.MeasuredMicrojoules,
        a.EstimatedMicrojoules + b.EstimatedMicrojoules);

    public static UsageAmounts Add(UsageAmounts left, UsageAmounts right) => left + right;

    public Consumption ToConsumption() => new(
        CoreMicros / 1e6, AcceleratorMicros / 1e6, Bytes, (MeasuredMicrojoules + EstimatedMicrojoules) / 1e6);
}
