namespace LeptonEdge.Tests.Support;

/// <summary>Tests that wait for what the product measures: others beside them would change it. They run last, one after
/// the other.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
