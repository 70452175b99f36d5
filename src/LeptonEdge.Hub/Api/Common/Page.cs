namespace LeptonEdge.Hub.Api;

/// <summary>Some of a list.</summary>
/// <param name="Items">In the order asked for.</param>
/// <param name="Next">Give it as <c>cursor</c> for the items that follow; null when there are no more.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);
