namespace LeptonEdge.Core.Plans;

/// <summary>Ways in which a workload may be answered, for a plan to choose from.</summary>
[Flags]
public enum OffloadChoices : byte
{
    None = 0,

    /// <summary>The device's own model, on the device or on a peer of its site.</summary>
    Local = 1,

    /// <summary>The hub's model.</summary>
    Hub = 2,

    /// <summary>The device's model; windows that it is unsure of go on to the hub's.</summary>
    Cascade = 4,

    /// <summary>The hub's model: its first layers on the device, the rest on the hub.</summary>
    Split = 8,

    All = Local | Hub | Cascade | Split,
}
