namespace LeptonEdge.Placement.Solving;

/// <summary>Whether a fleet's state can be solved at all. It is refused whole, and every fault is named.</summary>
public static class SnapshotCheck
{
    /// <summary>Every fault, as sentences that name the place; empty when the state is sound.</summary>
    public static IReadOnlyList<string> Faults(FleetState fleet) => Faults(fleet, _ => true);

    /// <summary>As <see cref="Faults(FleetState)"/>, leaving out what sites hold that were found sound
    /// before.</summary>
    internal static IReadOnlyList<string> Faults(FleetState fleet, Func<SiteState, bool> isNew)
    {
        var faults = new FaultList();
        var models = ModelCheck.Check(fleet.Models, faults);
        CheckPrices(fleet.Prices, faults);
        var nodes = new HashSet<string>();
        foreach (var node in fleet.HubWorkers)
            CheckNode("hub worker", node, nodes, faults);
        foreach (var node in fleet.Pools)
            CheckNode("pool", node, nodes, faults);
        var sites = new HashSet<string>();
        foreach (var site in fleet.Sites)
        {
            if (!sites.Add(site.Name))
                faults.Add($"site {site.Name}: the name is there twice");
            foreach (var device in site.Devices)
            {
                if (!nodes.Add(device.Name))
                    faults.Add($"device {device.Name}: the name is there twice");
            }
        }

        foreach (var site in fleet.Sites)
        {
            if (isNew(site))
                CheckSite(site, nodes, models, faults);
        }

        return faults.Sentences;
    }

    private static void CheckSite(
        SiteState site, HashSet<string> nodes, HashSet<string> models, FaultList faults)
    {
        CheckLink($"site {site.Name}: uplink", site.Uplink, faults);
        var devices = new HashSet<string>();
        foreach (var device in site.Devices)
        {
            devices.Add(device.Name);
            CheckNode("device", device, names: null, faults);
        }

        var workloads = new HashSet<(string, string)>();
        foreach (var workload in site.Workloads)
        {
            if (!workloads.Add((workload.Device, workload.Name)))
                faults.Add($"workload {workload.Device}/{workload.Name}: the name is there twice");
            if (!devices.Contains(workload.Device))
                faults.Add($"workload {workload.Device}/{workload.Name}: site {site.Name} has no device"
                    + $" {workload.Device}");
            if (!models.Contains(workload.Model))
                faults.Add($"workload {workload.Device}/{workload.Name}: there is no model {workload.Model}");
            if (workload.PinnedTo is { } pin && !nodes.Contains(pin))
                faults.Add($"workload {workload.Device}/{workload.Name}: pinned to unknown node {pin}");
            CheckWorkload(workload, faults);
        }
    }

    private static void CheckWorkload(WorkloadState workload, FaultList faults)
    {
        if (!(workload.DeadlineSeconds > 0 && double.IsFinite(workload.DeadlineSeconds)))
            faults.Add(Name(workload), "deadline", workload.DeadlineSeconds, "must be above 0 s and finite");
        if (!(workload.WindowsPerSecond > 0 && double.IsFinite(workload.WindowsPerSecond)))
            faults.Add(Name(workload), "windows per second", workload.WindowsPerSecond, "must be above 0 and finite");
        if (!(workload.WindowBytes >= 0 && double.IsFinite(workload.WindowBytes)))
            faults.Add(Name(workload), "window bytes", workload.WindowBytes, "must be 0 or more and finite");
        if (workload.FarShare is { } share and not (>= 0 and <= 1))
            faults.Add(Name(workload), "far share", share, "must be 0 to 1");
        if (workload.Priority is < 0 or > 9)
            faults.Add(Name(workload), "priority", workload.Priority, "must be 0 to 9");
        if (workload.Privacy is < Privacy.Device or > Privacy.Anywhere)
            faults.Add(Name(workload), "privacy", (int)workload.Privacy, "is no known reach");
    }

    private static string Name(WorkloadState workload) => $"workload {workload.Device}/{workload.Name}";

    private static void CheckNode(string kind, NodeState node, HashSet<string>? names, FaultList faults)
    {
        if (names?.Add(node.Name) == false)
            faults.Add($"{kind} {node.Name}: the name is there twice");
        var capacity = node.Capacity;
        // The name is built only when there is a fault: a fleet has tens of thousands of these.
        Capacity("cores", capacity.Cores);
        Capacity("memory bytes", capacity.MemoryBytes);
        Capacity("accelerators", capacity.Accelerators);
        Capacity("watts", capacity.Watts);
        Amount("queue seconds", node.QueueSeconds);
        Amount("price per core-second", node.PricePerCoreSecond);
        Amount("price per accelerator-second", node.PricePerAcceleratorSecond);
        Amount("price per kWh", node.PricePerKwh);
        CheckLink(kind, node.Name, node.Link, faults);

        void Capacity(string what, double value)
        {
            if (!(value >= 0))
                faults.Add($"{kind} {node.Name}", what, value, "must be 0 or more");
        }

        void Amount(string what, double value)
        {
            if (!(value >= 0 && double.IsFinite(value)))
                faults.Add($"{kind} {node.Name}", what, value, "must be 0 or more and finite");
        }
    }

    private static void CheckLink(string kind, string name, LinkState link, FaultList faults)
    {
        if (!(link.BytesPerSecond >= 0 && IsAmount(link.RttSeconds) && IsAmount(link.PricePerGigabyte)))
            CheckLink($"{kind} {name}: link", link, faults);
    }

    private static void CheckLink(string place, LinkState link, FaultList faults)
    {
        if (!(link.BytesPerSecond >= 0))
            faults.Add(place, "bytes per second", link.BytesPerSecond, "must be 0 or more");
        if (!IsAmount(link.RttSeconds))
            faults.Add(place, "round trip seconds", link.RttSeconds, "must be 0 or more and finite");
        if (!IsAmount(link.PricePerGigabyte))
            faults.Add(place, "price per gigabyte", link.PricePerGigabyte, "must be 0 or more and finite");
    }

    private static void CheckPrices(Prices prices, FaultList faults)
    {
        Price("per late second", prices.PerLateSecond);
        Price("comfort share", prices.ComfortShare);
        Price("per move", prices.PerMove);
        Price("settling factor", prices.SettlingFactor);
        Price("per unplaced hour", prices.PerUnplacedHour);
        if (!(prices.MovePaysWithinHours > 0 && double.IsFinite(prices.MovePaysWithinHours)))
            faults.Add("prices", "move pays within hours", prices.MovePaysWithinHours, "must be above 0 and finite");
        if (!(prices.UnplacedFactor is >= 1 and <= 10))
            faults.Add("prices", "unplaced factor", prices.UnplacedFactor, "must be 1 to 10");

        void Price(string what, double value)
        {
            if (!IsAmount(value))
                faults.Add("prices", what, value, "must be 0 or more and finite");
        }
    }

    internal static bool IsAmount(double value) => value >= 0 && double.IsFinite(value);
}
