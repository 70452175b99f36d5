using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Placement.Planning;

/// <summary>What running a workload at a place would mean.</summary>
/// <param name="Limit">Why it cannot run there at all; null when it can.</param>
/// <param name="LatencySeconds">99th percentile; infinite when it cannot be told.</param>
/// <param name="CostPerHour">Money, lateness included.</param>
internal readonly record struct Footing(string? Limit, double LatencySeconds, double CostPerHour);

/// <summary>Who uses how much of what in a fleet's state: judges one move at a time, while the moves around it have not
/// been made yet. One thread at a time.</summary>
internal sealed class FleetLedger
{
    private const int PerNode = 5;
    private const int UsesMax = 24;
    private const double SecondsPerHour = 3600;
    private static readonly string[] Names = ["cores", "memory", "accelerators", "energy budget", "link"];

    private readonly FleetState _fleet;
    private readonly Dictionary<string, int> _nodes = [];
    private readonly Dictionary<string, ModelProfile> _models = [];
    private readonly List<NodeState> _states = [];
    private readonly double[] _capacity;
    private readonly double[] _load;
    private readonly (int Resource, double Amount)[] _uses = new (int, double)[UsesMax];
    private int _useCount;

    public FleetLedger(FleetState fleet)
    {
        _fleet = fleet;
        foreach (var site in fleet.Sites)
        {
            foreach (var device in site.Devices)
                Add(device);
        }

        Devices = _states.Count;
        foreach (var node in fleet.HubWorkers)
            Add(node);
        foreach (var node in fleet.Pools)
            Add(node);
        foreach (var model in fleet.Models)
            _models[model.Name] = model;
        _load = new double[(_states.Count * PerNode) + fleet.Sites.Count];
        _capacity = new double[_load.Length];
        for (var node = 0; node < _states.Count; node++)
        {
            var (capacity, link) = (_states[node].Capacity, _states[node].Link);
            ReadOnlySpan<double> own =
                [capacity.Cores, capacity.MemoryBytes, capacity.Accelerators, capacity.Watts, link.BytesPerSecond];
            own.CopyTo(_capacity.AsSpan(node * PerNode));
        }

        for (var site = 0; site < fleet.Sites.Count; site++)
            _capacity[(_states.Count * PerNode) + site] = fleet.Sites[site].Uplink.BytesPerSecond;
    }

    /// <summary>Nodes below this number are devices.</summary>
    public int Devices { get; }

    /// <summary>Number of a node; -1 when it is not there.</summary>
    public int Number(string? node) => node is not null && _nodes.TryGetValue(node, out var at) ? at : -1;

    public NodeState Node(int number) => _states[number];

    /// <summary>Core-seconds that are taken each second.</summary>
    public double CoresTaken(int node) => _load[node * PerNode];

    /// <summary>Core-seconds that the workload judged last takes of a node each second.</summary>
    public double CoresOf(int node)
    {
        for (var at = 0; at < _useCount; at++)
        {
            if (_uses[at].Resource == node * PerNode)
                return _uses[at].Amount;
        }

        return 0;
    }

    /// <summary>Whether the workload judged last uses one of these.</summary>
    public bool Uses(HashSet<string> names)
    {
        for (var at = 0; at < _useCount; at++)
        {
            if (names.Contains(Name(_uses[at].Resource)))
                return true;
        }

        return false;
    }

    /// <summary>What running there would mean, other workloads apart.</summary>
    /// <param name="site">Number of the workload's site.</param>
    public Footing Judge(int site, WorkloadState workload, RunsAt at)
    {
        _useCount = 0;
        if (!_models.TryGetValue(workload.Model, out var model) || Find(model, at.Recipe) is not { } recipe)
            return Impossible("its model has no such recipe");
        var (home, near) = (Number(workload.Device), Number(at.Near));
        var far = at.Far is null ? -1 : Number(at.Far);
        if (home < 0 || near < 0 || (at.Far is not null && far < 0))
            return Impossible("a node is not there");
        if (Away(workload, home, near, far) is { } away)
            return Impossible(away);
        var (latency, cost) = (0.0, 0.0);
        if (!AddStage(recipe.Near, near, workload.WindowsPerSecond, ref latency, ref cost))
            return Impossible($"no profile of {workload.Model} on {_states[near].Board}");
        if (near != home)
            AddPath(site, home, near, workload.WindowsPerSecond, workload.WindowBytes, ref latency, ref cost);
        if (far >= 0)
        {
            var rate = workload.WindowsPerSecond * recipe.FarShare;
            AddPath(site, home, far, rate, recipe.CutBytes ?? workload.WindowBytes, ref latency, ref cost);
            if (!AddStage(recipe.Far, far, rate, ref latency, ref cost))
                return Impossible($"no profile of {workload.Model} on {_states[far].Board}");
        }

        if (!(latency <= workload.DeadlineSeconds))
            return new Footing(Deadline, latency, cost);
        var prices = _fleet.Prices;
        var late = Math.Max(0, latency - (prices.ComfortShare * workload.DeadlineSeconds));
        cost += workload.WindowsPerSecond * SecondsPerHour * late * prices.PerLateSecond * (1 + workload.Priority);
        return new Footing(null, latency, cost);
    }

    public const string Deadline = "deadline";

    /// <summary>The resource that the workload judged last lacks there; null when there is room. Its use where it is
    /// now counts until <see cref="Remove"/>.</summary>
    public string? Lacks()
    {
        for (var at = 0; at < _useCount; at++)
        {
            var (resource, amount) = _uses[at];
            if (_load[resource] + amount > _capacity[resource] * (1 + 1e-9))
                return Name(resource);
        }

        return null;
    }

    /// <summary>Whether something that the workload judged last uses is used beyond its capacity now.</summary>
    public bool IsOver(out string name)
    {
        for (var at = 0; at < _useCount; at++)
        {
            var resource = _uses[at].Resource;
            if (_load[resource] <= _capacity[resource] * (1 + 1e-9))
                continue;
            name = Name(resource);
            return true;
        }

        name = "";
        return false;
    }

    /// <summary>Counts the workload judged last, at the place judged.</summary>
    public void Add()
    {
        for (var at = 0; at < _useCount; at++)
            _load[_uses[at].Resource] += _uses[at].Amount;
    }

    /// <summary>Counts it no longer.</summary>
    public void Remove()
    {
        for (var at = 0; at < _useCount; at++)
            _load[_uses[at].Resource] -= _uses[at].Amount;
    }

    private string Name(int resource)
    {
        var node = Math.DivRem(resource, PerNode, out var kind);
        return node < _states.Count
            ? $"{Names[kind]} of {_states[node].Name}"
            : $"uplink of {_fleet.Sites[resource - (_states.Count * PerNode)].Name}";
    }

    private Footing Impossible(string limit)
    {
        _useCount = 0;
        return new Footing(limit, double.PositiveInfinity, double.PositiveInfinity);
    }

    private void Add(NodeState node)
    {
        _nodes[node.Name] = _states.Count;
        _states.Add(node);
    }

    private string? Away(WorkloadState workload, int home, int near, int far)
    {
        var last = far >= 0 ? far : near;
        if (workload.PinnedTo is { } pin && _states[last].Name != pin)
            return "it is pinned elsewhere";
        if (_states[near].Down || _states[last].Down)
            return "a node is down";
        if (_states[near].Drained || _states[last].Drained)
            return "a node is drained";
        if (_states[home].Down && !workload.OutlivesDevice)
            return "its device is down";
        return last != home
            && (workload.Privacy == Privacy.Device || (last >= Devices && workload.Privacy != Privacy.Anywhere))
            ? "privacy"
            : null;
    }

    private static Recipe? Find(ModelProfile model, string name)
    {
        foreach (var recipe in model.Recipes)
        {
            if (recipe.Name == name)
                return recipe;
        }

        return null;
    }

    private bool AddStage(
        IReadOnlyList<StageProfile> stages, int node, double rate, ref double latency, ref double cost)
    {
        var state = _states[node];
        foreach (var stage in stages)
        {
            if (stage.Board != state.Board)
                continue;
            var at = node * PerNode;
            Use(at, rate * stage.CoreSeconds);
            Use(at + 1, rate > 0 ? stage.MemoryBytes : 0);
            Use(at + 2, rate * stage.AcceleratorSeconds);
            Use(at + 3, rate * stage.Joules);
            latency += state.QueueSeconds + stage.ServiceSeconds;
            cost += rate * SecondsPerHour * ((stage.CoreSeconds * state.PricePerCoreSecond)
                + (stage.AcceleratorSeconds * state.PricePerAcceleratorSecond)
                + (stage.Joules / 3.6e6 * state.PricePerKwh));
            return true;
        }

        return false;
    }

    private void AddPath(
        int site, int home, int node, double rate, double bytes, ref double latency, ref double cost)
    {
        if (!_states[home].Down)
            AddLink((home * PerNode) + 4, _states[home].Link, rate, bytes, ref latency, ref cost);
        if (node >= Devices)
            AddLink((_states.Count * PerNode) + site, _fleet.Sites[site].Uplink, rate, bytes, ref latency, ref cost);
        AddLink((node * PerNode) + 4, _states[node].Link, rate, bytes, ref latency, ref cost);
    }

    private void AddLink(
        int resource, LinkState link, double rate, double bytes, ref double latency, ref double cost)
    {
        Use(resource, rate * bytes);
        latency += link.RttSeconds + (bytes > 0 ? bytes / link.BytesPerSecond : 0);
        cost += rate * bytes * SecondsPerHour / 1e9 * link.PricePerGigabyte;
    }

    private void Use(int resource, double amount)
    {
        if (amount > 0 && !double.IsPositiveInfinity(_capacity[resource]))
            _uses[_useCount++] = (resource, amount);
    }
}
