namespace LeptonEdge.SystemTests;

/// <summary>Tests whose processes must answer within a time: beside others they would measure those.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
