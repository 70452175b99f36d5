using LeptonEdge.Core.Plans;

namespace LeptonEdge.Benchmarks.Fleet;

/// <summary>What stays as it is during a run. Nodes are numbered: devices first, then the hub's workers, then
/// pools.</summary>
internal sealed class World
{
    public required SiteSpec[] Sites { get; init; }

    public required NodeSpec[] Nodes { get; init; }

    public required WorkloadSpec[] Workloads { get; init; }

    /// <summary>Nodes below this number are devices.</summary>
    public required int Devices { get; init; }

    /// <summary>A fleet; equal arguments give an equal one.</summary>
    public static World Make(int devices, int workloads, int seed) => new WorldMaker(seed).Make(devices, workloads);
}

/// <param name="UplinkBytesPerSecond">As contracted.</param>
/// <param name="UplinkRttSeconds">To the hub, when all is well.</param>
/// <param name="Phase">Its day's shift against the others, share of a day.</param>
internal sealed record SiteSpec(
    string Name, double UplinkBytesPerSecond, double UplinkRttSeconds, bool Mobile, double Phase)
{
    public List<int> Nodes { get; } = [];

    public List<int> Workloads { get; } = [];
}

/// <param name="Site">Number; -1 for the hub's.</param>
/// <param name="LinkBytesPerSecond">To the site's network, or a pool's to the hub.</param>
/// <param name="Speed">Its own speed beside its board's, which nobody told the planner.</param>
internal sealed record NodeSpec(
    string Name, Board Board, int Site, double LinkBytesPerSecond, double LinkRttSeconds, double Speed, int Servers,
    int Accelerators)
{
    public List<int> Workloads { get; } = [];
}

internal sealed record WorkloadSpec(
    string Name, int Model, int Device, int Site, double WindowsPerSecond, double DeadlineSeconds, int Priority,
    Privacy Privacy, bool OutlivesDevice)
{
    public ModelSpec Spec => ModelSpec.All[Model];
}

internal sealed class WorldMaker(int seed)
{
    private readonly Random _random = new(seed);
    private readonly List<SiteSpec> _sites = [];
    private readonly List<NodeSpec> _nodes = [];
    private readonly List<WorkloadSpec> _workloads = [];

    public World Make(int devices, int workloads)
    {
        while (_nodes.Count < devices)
            AddSite(Math.Min(devices - _nodes.Count, _random.Next(4, 17)));
        // Each device its share, and who has one more is left to chance.
        var shares = Enumerable.Range(0, workloads).Select(at => at < devices ? at : _random.Next(devices)).ToArray();
        Array.Sort(shares);
        foreach (var group in shares.GroupBy(device => device))
            AddWorkloads(group.Key, group.Count());
        AddHub();
        return new World
        {
            Sites = [.. _sites], Nodes = [.. _nodes], Workloads = [.. _workloads], Devices = devices,
        };
    }

    private void AddSite(int devices)
    {
        var mobile = _random.NextDouble() < 0.2;
        var site = new SiteSpec(
            $"site-{_sites.Count:000}", mobile ? Between(2e6, 8e6) : Between(1e7, 6e7),
            mobile ? Between(0.03, 0.06) : Between(0.004, 0.015), mobile, Between(-0.15, 0.15));
        for (var at = 0; at < devices; at++)
        {
            var board = at switch
            {
                0 => Board.Gateway,
                1 => Board.Jetson,
                _ => _random.NextDouble() switch
                {
                    < 0.5 => Board.Pi,
                    < 0.75 => Board.Jetson,
                    < 0.9 => Board.Fpga,
                    _ => Board.Gateway,
                },
            };
            var wireless = _random.NextDouble() < 0.3;
            site.Nodes.Add(_nodes.Count);
            _nodes.Add(new NodeSpec(
                $"{site.Name}-d{at:00}", board, _sites.Count, wireless ? Between(4e6, 1.2e7) : 1.1e8,
                wireless ? Between(0.002, 0.005) : 0.0005, Between(0.92, 1.06), board.Cores,
                board.AcceleratorFactor > 0 ? 1 : 0));
        }

        _sites.Add(site);
    }

    private void AddWorkloads(int device, int count)
    {
        var node = _nodes[device];
        var load = Between(0.1, 0.7);
        var parts = Enumerable.Range(0, count).Select(_ => -Math.Log(1 - _random.NextDouble())).ToArray();
        var total = parts.Sum();
        for (var at = 0; at < count; at++)
        {
            var number = PickModel();
            var model = ModelSpec.All[number];
            var (core, accelerator) = node.Board.Cost(model);
            // Nobody asks of a device several times what it could do; others of its site and the hub may help.
            var share = load * parts[at] / total;
            var rate = Math.Min(share * node.Servers / core, accelerator > 0 ? share / accelerator : 1e9);
            var privacy = _random.NextDouble() switch
            {
                < 0.1 => Privacy.Device,
                < 0.35 => Privacy.Site,
                _ => Privacy.Anywhere,
            };
            _workloads.Add(new WorkloadSpec(
                $"w{at}", number, device, node.Site, Math.Clamp(rate, model.RateMin, model.RateMax),
                Between(model.DeadlineMin, model.DeadlineMax), _random.Next(10), privacy,
                privacy != Privacy.Device && _random.NextDouble() < 0.5));
            node.Workloads.Add(_workloads.Count - 1);
            _sites[node.Site].Workloads.Add(_workloads.Count - 1);
        }
    }

    private int PickModel()
    {
        var at = _random.NextDouble() * ModelSpec.All.Sum(model => model.Share);
        for (var number = 0; number < ModelSpec.All.Length - 1; number++)
        {
            at -= ModelSpec.All[number].Share;
            if (at < 0)
                return number;
        }

        return ModelSpec.All.Length - 1;
    }

    /// <summary>Large enough for everything that may leave its site on a common day: "all in the hub" is not to fail
    /// for want of machines.</summary>
    private void AddHub()
    {
        var cores = _workloads.Sum(workload => workload.WindowsPerSecond * Board.Server.Cost(workload.Spec).Core);
        var workers = Math.Max(2, (int)Math.Ceiling(cores / 0.55 / Board.Server.Cores));
        var servers = Math.Max(4, (int)Math.Ceiling(cores / 0.55 / workers));
        for (var at = 0; at < workers; at++)
        {
            _nodes.Add(new NodeSpec(
                $"hub-{at}", Board.Server, -1, double.PositiveInfinity, 0, 1, servers, 0));
        }

        for (var at = 0; at < 2; at++)
        {
            _nodes.Add(new NodeSpec(
                $"pool-{at}", Board.Pool, -1, 5e9, 0.012 + (0.01 * at), 1, Board.Pool.Cores,
                Math.Max(1, (int)Math.Ceiling(cores / 60 / 2))));
        }
    }

    private double Between(double low, double high) => low + ((high - low) * _random.NextDouble());
}
