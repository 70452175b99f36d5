using LeptonEdge.Agent.Configuration;

namespace LeptonEdge.Agent.Pipeline;

/// <summary>An alarm rule as it is in force.</summary>
/// <param name="FromHub">It is as the hub desires, else as the device's configuration says.</param>
/// <param name="Refused">Why what the hub desires of it is not in force; empty when it is, or nothing is desired.</param>
public sealed record HeldRule(AlarmConfiguration Alarm, bool FromHub, string Refused);
