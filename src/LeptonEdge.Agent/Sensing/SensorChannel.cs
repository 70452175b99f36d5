using LeptonEdge.Core.Identity;

namespace LeptonEdge.Agent.Sensing;

/// <summary>What is known of a channel before its first value.</summary>
/// <param name="Unit">Base unit of its values: "g", "ratio", "B/s", "°C", "1/min" …</param>
/// <param name="RateHz">True rate of its values, per second.</param>
/// <param name="Source">Where the values come from, in words for an operator, such as "/proc/stat".</param>
/// <param name="Simulated">No sensor measured this: a signal model made it.</param>
/// <param name="Waveform">Values come as blocks through <see cref="ISampleSink.OnBlock"/>; else one by one.</param>
public sealed record SensorChannel(
    ChannelName Name, string Unit, double RateHz, string Source, bool Simulated = false, bool Waveform = false);
