namespace LeptonEdge.Simulation;

/// <summary>Bugs that can be planted, to show that the checker finds them.</summary>
[Flags]
public enum PlantedBugs
{
    None = 0,

    /// <summary>The device trims when the broker acknowledges, not when the hub does.</summary>
    TrimOnPuback = 1,

    /// <summary>The hub commits the batch first and the cursor afterwards.</summary>
    CursorApart = 2,

    /// <summary>A device whose disk is replaced goes on under the old epoch from sequence 1.</summary>
    EpochReused = 4,
}

/// <summary>What one schedule is made of. Everything else follows from the seed.</summary>
/// <param name="Trace">Receives every step; null keeps silent.</param>
public sealed record SimOptions(ulong Seed, PlantedBugs Bugs = PlantedBugs.None, TextWriter? Trace = null);

/// <summary>What a schedule came to.</summary>
/// <param name="Fault">What was wrong, in one sentence; null when the promise held.</param>
public sealed record SimOutcome(
    ulong Seed, string? Fault, long Steps, long Appended, long Stored, long GapRanges, long Quarantined, long Crashes,
    long Resent, long Forks, long Shed);
