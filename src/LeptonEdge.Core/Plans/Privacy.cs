namespace LeptonEdge.Core.Plans;

/// <summary>How far a workload's data may travel.</summary>
public enum Privacy : byte
{
    /// <summary>Stays on its device.</summary>
    Device = 0,

    /// <summary>Stays on its site.</summary>
    Site = 1,

    /// <summary>May go to the hub and its pools.</summary>
    Anywhere = 2,
}
