namespace LeptonEdge.SystemTests.Browser;

/// <summary>One site for all tests of the dashboard: its processes take longer to start than most tests run.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class DashboardCollection : ICollectionFixture<DashboardFixture>
{
    public const string Name = "dashboard";
}
