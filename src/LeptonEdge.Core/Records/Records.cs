using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Plans;

namespace LeptonEdge.Core.Records;

/// <summary>One measured value. NaN and infinities are kept as they came: they say that the sensor failed.</summary>
/// <param name="TimeMicros">Device time, microseconds since 1970-01-01 UTC.</param>
public readonly record struct Reading(long TimeMicros, double Value);

/// <summary>What a model said of one window.</summary>
/// <param name="Channel">The channel (or first channel) that the window was cut from.</param>
/// <param name="TimeMicros">Device time of the window's last sample, microseconds since 1970-01-01 UTC.</param>
/// <param name="Label">The class with the highest output, or "normal" / "anomaly" for an anomaly model.</param>
/// <param name="Score">Strength of the finding as the model's manifest defines it; 0 is perfectly normal.</param>
/// <param name="Place">Where the answer was computed.</param>
/// <param name="LatencyMicros">From the window being complete to the verdict, microseconds.</param>
/// <param name="Late">The deadline had passed when the verdict was there.</param>
public sealed record Verdict(
    WorkloadId Workload, ChannelName Channel, ModelReference Model, long TimeMicros, string Label, float Score,
    Place Place, int LatencyMicros, bool Late);

/// <summary>An alarm was raised or cleared.</summary>
/// <param name="Rule">Name of the alarm rule, unique on the device.</param>
/// <param name="Value">The value that crossed the limit.</param>
public sealed record AlarmEvent(
    string Rule, ChannelName Channel, AlarmSeverity Severity, AlarmTransition Transition, long TimeMicros, double Value,
    string Message);

/// <summary>Raw samples kept around an alarm.</summary>
/// <param name="StartMicros">Device time of the first sample, microseconds since 1970-01-01 UTC.</param>
/// <param name="Samples">Shape (N,), in the channel's unit.</param>
/// <param name="Reason">Name of the alarm rule that asked for it.</param>
public sealed record RawWindow(
    ChannelName Channel, long StartMicros, double SampleRateHz, float[] Samples, string Reason);

/// <summary>Stands where a full outbox shed batches: nothing goes missing silently.</summary>
/// <param name="FirstSequence">First sequence that was shed.</param>
/// <param name="LastSequence">Last sequence that was shed.</param>
/// <param name="Records">How many records were in them.</param>
public sealed record Gap(
    RecordClass Class, ulong FirstSequence, ulong LastSequence, long Records, long TimeMicros, string Reason);
