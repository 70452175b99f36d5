namespace LeptonEdge.Serving.Models;

/// <summary>What is known of a model that is or was in memory.</summary>
/// <param name="MemoryBytes">What loading it takes.</param>
public sealed record KnownModel(RunCost Cost, long MemoryBytes);
