namespace LeptonEdge.Core.Plans;

/// <summary>Who is asked about the windows of a workload.</summary>
public enum OffloadMode : byte
{
    /// <summary>The plan decides among the workload's choices.</summary>
    Plan = 0,

    /// <summary>The device alone.</summary>
    Local = 1,

    /// <summary>The hub's model, whenever its answer can be expected in time; the device holds its own in
    /// reserve.</summary>
    Hub = 2,

    /// <summary>The device's model; windows that it is unsure of go on to the hub's.</summary>
    Cascade = 3,

    /// <summary>The first layers on the device, the rest on the hub; the device's own model is the reserve.</summary>
    Split = 4,

    /// <summary>Whoever is quicker: the hub is asked beside the device when the device has work waiting.</summary>
    Quickest = 5,
}
