using Xunit.Abstractions;

// Many wait: for a kill, a timeout, a plan. Four side by side were quicker on two cores, and kept some from being in
// time.
[assembly: CollectionBehavior(CollectionBehavior.CollectionPerClass, MaxParallelThreads = 2)]
[assembly: TestCollectionOrderer("LeptonEdge.Tests.Support.LongestFirst", "LeptonEdge.Tests")]

namespace LeptonEdge.Tests.Support;

/// <summary>Begins with what takes longest, so that nothing is left to wait for when all else is done.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] s_long =
    [
        "PlannedPoolTests", "JobCalmTests", "AccountApiTests", "OutboxKillTests", "MemoryTests", "OutboxSalvageTests",
        "OneVerdictTests", "TraceTests", "AuditApiTests", "FleetSimulationTests", "CliOperateTests", "CliListTests",
        "HubLineTests", "ModelSwapTests", "BadInputTests", "AgentProcessTests", "SimulationTests",
    ];

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(collection => Array.FindIndex(
            s_long, name => collection.DisplayName.EndsWith("." + name, StringComparison.Ordinal)) is >= 0 and var at
                ? at : s_long.Length).ThenBy(collection => collection.DisplayName, StringComparer.Ordinal);
}
