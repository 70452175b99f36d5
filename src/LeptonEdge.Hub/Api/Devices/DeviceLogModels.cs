namespace LeptonEdge.Hub.Api;

/// <summary>One line of a device's log.</summary>
/// <param name="TimeMicros">When it was written, device time, microseconds since 1970-01-01 UTC.</param>
/// <param name="Level"><c>trace</c>, <c>debug</c>, <c>information</c>, <c>warning</c>, <c>error</c> or
/// <c>critical</c>.</param>
/// <param name="Category">What of the agent wrote it.</param>
/// <param name="Message">What it says; cut after two kilobytes.</param>
/// <param name="Exception">The fault behind it, with its trace as far as there is room; null for none.</param>
public sealed record LogLineView(long TimeMicros, string Level, string Category, string Message, string? Exception);
