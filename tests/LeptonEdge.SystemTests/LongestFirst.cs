using Xunit.Abstractions;

namespace LeptonEdge.SystemTests;

/// <summary>Begins with what takes longest, so that nothing is left to wait for when all else is done.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] s_long =
    [
        nameof(Faults.KillTests), nameof(Faults.ClockTests), nameof(Faults.LineTests), nameof(Faults.DamageTests),
        nameof(Faults.DiskTests),
    ];

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(collection => Array.FindIndex(
            s_long, name => collection.DisplayName.EndsWith("." + name, StringComparison.Ordinal)) is >= 0 and var at
                ? at : s_long.Length).ThenBy(collection => collection.DisplayName, StringComparer.Ordinal);
}
