using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Placement.Planning;

/// <summary>Devices that reach each other; or one that does not serve its peers, alone.</summary>
internal sealed class SiteTrack(string name)
{
    public string Name => name;

    public List<DeviceTrack> Devices { get; } = [];

    public bool Dirty { get; set; } = true;

    /// <summary>It differs from what was built by more than noise, and nothing forces a decision.</summary>
    public bool Changed { get; set; }

    /// <summary>As built last, and the workloads in its order.</summary>
    public SiteState? State { get; set; }

    public List<WorkloadTrack> Order { get; } = [];

    /// <summary>As it was set; null for one that limits nothing and costs what the price book says.</summary>
    public LinkState? Uplink { get; set; }

    /// <summary>Bytes a second to the hub of the device that gets most through; 0 while unknown.</summary>
    public double MostToHubBytes { get; set; }

    /// <summary>The part of its devices' round trips to the hub that lies beyond the site.</summary>
    public double UplinkRttSeconds { get; set; }
}
