namespace LeptonEdge.Hub.Api;

/// <summary>The newest reading of a channel.</summary>
/// <param name="TimeMicros">Device time; null while the store holds none.</param>
/// <param name="Value">Null where it is NaN or infinite, or there is none.</param>
public sealed record LatestReading(string Device, string Channel, long? TimeMicros, double? Value);

/// <summary>The newest readings of the channels asked for, in their order.</summary>
public sealed record LatestReadings(IReadOnlyList<LatestReading> Items);
