namespace LeptonEdge.Placement.Solving;

/// <summary>Why a place is no option.</summary>
internal enum Limit
{
    None,
    NotPinnedThere,
    NotChosen,
    NodeAway,
    DeviceAway,
    Avoided,
    Privacy,
    NoProfile,
    Deadline,
    Capacity,
}

/// <summary>Judges one way to run one workload: whether hard limits allow it, what it costs, what it uses.</summary>
/// <remarks>One is made for each site and reused for all its workloads; it holds the last judged option.</remarks>
internal sealed class OptionRules
{
    private const double SecondsPerHour = 3600;
    private const double JoulesPerKwh = 3.6e6;
    private readonly FleetIndex _index;
    private readonly SiteState _site;
    private readonly Node[] _devices;
    private readonly double[] _capacity;
    private readonly Use[] _uses = new Use[4 * Resources.PerNode];
    private WorkloadState _workload = null!;
    private int _home;
    private double _latency;

    public OptionRules(FleetIndex index, SiteState site, Node[] devices, double[] capacity)
    {
        (_index, _site, _devices, _capacity) = (index, site, devices, capacity);
    }

    public int UseCount { get; private set; }

    public double Cost { get; private set; }

    /// <summary>Latency of the last judged option, 99th percentile, seconds.</summary>
    public double LatencySeconds => _latency;

    /// <summary>The resource that is too small when <see cref="Limit.Capacity"/> was the answer, and the use that it
    /// would take.</summary>
    public (int Resource, double Amount) TooSmall { get; private set; }

    public double TooSmallCapacity => CapacityOf(TooSmall.Resource);

    public ReadOnlySpan<Use> Uses => _uses.AsSpan(0, UseCount);

    private int Locals => (_devices.Length * Resources.PerNode) + 1;

    public void Take(WorkloadState workload, int home) => (_workload, _home) = (workload, home);

    /// <summary>Judges the model whole on a node (<paramref name="far"/> -1), or cut between two.</summary>
    public Limit Judge(ModelStages model, int recipe, int near, int far)
    {
        (UseCount, Cost, _latency) = (0, 0, 0);
        var spec = model.Recipes[recipe];
        var limit = Reach(spec, near, far);
        if (limit != Limit.None)
            return limit;
        if (model.Near[recipe][NodeAt(near).Board] is not { } stage)
            return Limit.NoProfile;
        AddStage(near, stage, 1);
        if (near != _home)
            AddPath(near, _workload.WindowBytes, 1);
        if (far >= 0)
        {
            if (model.Far[recipe][NodeAt(far).Board] is not { } second)
                return Limit.NoProfile;
            var share = _workload.FarShareOf(spec);
            AddPath(far, spec.CutBytes ?? _workload.WindowBytes, share);
            AddStage(far, second, share);
        }

        if (_latency > _workload.DeadlineSeconds)
            return Limit.Deadline;
        return Finish();
    }

    private Node NodeAt(int node) => node < _devices.Length ? _devices[node] : _index.Hub[node - _devices.Length];

    private Limit Reach(Recipe recipe, int near, int far)
    {
        var last = far >= 0 ? far : near;
        if (_workload.PinnedTo is { } pin && NodeAt(last).State.Name != pin)
            return Limit.NotPinnedThere;
        if (_workload.PinnedRecipe is { } only && recipe.Name != only)
            return Limit.NotPinnedThere;
        if (_workload.Excludes(recipe, far >= 0, last >= _devices.Length))
            return Limit.NotChosen;
        if (_devices[_home].State.Down && (!_workload.OutlivesDevice || _workload.Privacy == Privacy.Device))
            return Limit.DeviceAway;
        if (last != _home && _workload.Privacy == Privacy.Device)
            return Limit.Privacy;
        if (last >= _devices.Length && _workload.Privacy != Privacy.Anywhere)
            return Limit.Privacy;
        if (!NodeAt(near).Takes || !NodeAt(last).Takes)
            return Limit.NodeAway;
        return _workload.AvoidsThat(recipe.Name, NodeAt(last).State.Name)
            ? Limit.Avoided
            : Limit.None;
    }

    private void AddStage(int node, StageProfile stage, double share)
    {
        var state = NodeAt(node).State;
        var rate = _workload.WindowsPerSecond * share;
        var at = (node * Resources.PerNode) + (node < _devices.Length ? 0 : 1);
        AddUse(at + Resources.Cores, rate * stage.CoreSeconds);
        AddUse(at + Resources.Memory, share > 0 ? stage.MemoryBytes : 0);
        AddUse(at + Resources.Accelerators, rate * stage.AcceleratorSeconds);
        AddUse(at + Resources.Watts, rate * stage.Joules);
        _latency += state.QueueSeconds + stage.ServiceSeconds;
        Cost += rate * SecondsPerHour * ((stage.CoreSeconds * state.PricePerCoreSecond)
            + (stage.AcceleratorSeconds * state.PricePerAcceleratorSecond)
            + (stage.Joules / JoulesPerKwh * state.PricePerKwh));
    }

    // Every link between the workload's device (or, when that is down, its site) and the node.
    private void AddPath(int node, double bytes, double share)
    {
        if (!_devices[_home].State.Down)
            AddLink((_home * Resources.PerNode) + Resources.Link, _devices[_home].State.Link, bytes, share);
        if (node < _devices.Length)
        {
            AddLink((node * Resources.PerNode) + Resources.Link, _devices[node].State.Link, bytes, share);
            return;
        }

        AddLink(_devices.Length * Resources.PerNode, _site.Uplink, bytes, share);
        AddLink((node * Resources.PerNode) + 1 + Resources.Link, NodeAt(node).State.Link, bytes, share);
    }

    private void AddLink(int resource, LinkState link, double bytes, double share)
    {
        var perSecond = _workload.WindowsPerSecond * share * bytes;
        AddUse(resource, perSecond);
        _latency += link.RttSeconds + (bytes > 0 ? bytes / link.BytesPerSecond : 0);
        Cost += perSecond * SecondsPerHour / 1e9 * link.PricePerGigabyte;
    }

    private void AddUse(int resource, double amount)
    {
        if (!(amount > 0) || double.IsPositiveInfinity(CapacityOf(resource)))
            return;
        var at = UseCount++;
        while (at > 0 && _uses[at - 1].Resource > resource)
        {
            _uses[at] = _uses[at - 1];
            at--;
        }

        _uses[at] = new Use(resource, amount);
    }

    private double CapacityOf(int resource) =>
        resource < Locals ? _capacity[resource] : _index.SharedCapacity[resource - Locals];

    private Limit Finish()
    {
        foreach (var use in Uses)
        {
            if (use.Amount > CapacityOf(use.Resource))
            {
                TooSmall = (use.Resource, use.Amount);
                return Limit.Capacity;
            }
        }

        var prices = _index.Fleet.Prices;
        var late = Math.Max(0, _latency - (prices.ComfortShare * _workload.DeadlineSeconds));
        Cost += _workload.WindowsPerSecond * SecondsPerHour * late * prices.PerLateSecond * (1 + _workload.Priority);
        return Limit.None;
    }
}
