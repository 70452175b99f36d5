namespace LeptonEdge.Placement.Solving;

/// <summary>The nodes that a site's workloads can name: its devices, then the hub's workers and pools.</summary>
internal sealed class SiteNodes
{
    private readonly FleetIndex _index;

    public SiteNodes(FleetIndex index, SiteState site)
    {
        _index = index;
        Devices = new Node[site.Devices.Count];
        DeviceNumber = new Dictionary<string, int>(site.Devices.Count);
        Capacity = new double[(site.Devices.Count * Resources.PerNode) + 1];
        for (var device = 0; device < Devices.Length; device++)
        {
            Devices[device] = new Node(site.Devices[device], index);
            DeviceNumber[site.Devices[device].Name] = device;
            Resources.Fill(Capacity, device, site.Devices[device]);
        }

        Capacity[^1] = site.Uplink.BytesPerSecond;
    }

    public Node[] Devices { get; }

    public Dictionary<string, int> DeviceNumber { get; }

    /// <summary>Of the site's own resources: five for each device, then the uplink.</summary>
    public double[] Capacity { get; }

    public int NodeCount => Devices.Length + _index.Hub.Length;

    /// <summary>A place in numbers; a recipe of -1 when there is no such place.</summary>
    public (int Recipe, int Near, int Far) Find(RunsAt? place, ModelStages model)
    {
        if (place is null)
            return (-1, -1, -1);
        for (var recipe = 0; recipe < model.Recipes.Count; recipe++)
        {
            if (model.Recipes[recipe].Name == place.Recipe)
                return (recipe, Number(place.Near), place.Far is null ? -1 : Number(place.Far));
        }

        return (-1, -1, -1);
    }

    private int Number(string name)
    {
        if (DeviceNumber.TryGetValue(name, out var device))
            return device;
        for (var node = 0; node < _index.Hub.Length; node++)
        {
            if (_index.Hub[node].State.Name == name)
                return Devices.Length + node;
        }

        return -2;
    }
}
