namespace LeptonEdge.Core.Plans;

/// <summary>Where an answer is computed.</summary>
public enum Place : byte
{
    /// <summary>On the device that holds the sensor.</summary>
    Local = 0,

    /// <summary>On the hub.</summary>
    Hub = 1,

    /// <summary>On another device of the same site.</summary>
    Peer = 2,
}
