namespace LeptonEdge.Core.Pricing;

/// <summary>What kind of machine computes.</summary>
public enum NodeKind : byte
{
    /// <summary>A device, for itself or for another one of its site.</summary>
    Device = 0,

    /// <summary>The hub's own workers.</summary>
    Hub = 1,

    /// <summary>A server that the hub passes work on to.</summary>
    Pool = 2,
}
