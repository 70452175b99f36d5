using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Placement.Planning;

/// <summary>What running a workload at a place would mean.</summary>
/// <param name="Limit">Why it cannot run there at all; null when it can.</param>
/// <param name="LatencySeconds">99th percentile; infinite when it cannot be told.</param>
/// <param name="CostPerHour">Money, lateness included.</param>
internal readonly record struct Footing(string? Limit, double LatencySeconds, double CostPerHour);

/// <summary>What running a workload at a place would mean, in a fleet of which some moves have been made and others not
/// yet. One thread at a time.</summary>
internal sealed class FleetLedger
{
    private const int PerNode = LoadTable.PerNode;
    private const double SecondsPerHour = 3600;

    private readonly FleetState _fleet;
    private readonly Dictionary<string, int> _nodes = [];
    private readonly Dictionary<string, ModelProfile> _models = [];
    private readonly List<NodeState> _states = [];
    private readonly LoadTable _loads;

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
        _loads = new LoadTable(_states, fleet.Sites);
    }

    /// <summary>Nodes below this number are devices.</summary>
    public int Devices { get; }

    public int Nodes => _states.Count;

    /// <summary>Number of a node; -1 when it is not there.</summary>
    public int Number(string? node) => node is not null && _nodes.TryGetValue(node, out var at) ? at : -1;

    public NodeState Node(int number) => _states[number];

    /// <summary>Who uses how much; <see cref="Judge"/> says what of it one workload would use.</summary>
    public LoadTable Loads => _loads;

    /// <summary>What running there would mean, other workloads apart.</summary>
    /// <param name="site">Number of the workload's site.</param>
    public Footing Judge(int site, WorkloadState workload, RunsAt at)
    {
        _loads.StartUse();
        if (!_models.TryGetValue(workload.Model, out var model) || Find(model, at.Recipe) is not { } recipe)
            return Impossible("its model has no such recipe");
        var (home, near) = (Number(workload.Device), Number(at.Near));
        var far = at.Far is null ? -1 : Number(at.Far);
        if (home < 0 || near < 0 || (at.Far is not null && far < 0))
            return Impossible("a node is not there");
        if (Away(workload, recipe, home, near, far) is { } away)
            return Impossible(away);
        var (latency, cost) = (0.0, 0.0);
        if (!AddStage(recipe.Near, near, workload.WindowsPerSecond, ref latency, ref cost))
            return Impossible($"no profile of {workload.Model} on {_states[near].Board}");
        if (near != home)
            AddPath(site, home, near, workload.WindowsPerSecond, workload.WindowBytes, ref latency, ref cost);
        if (far >= 0)
        {
            var rate = workload.WindowsPerSecond * workload.FarShareOf(recipe);
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

    private Footing Impossible(string limit)
    {
        _loads.StartUse();
        return new Footing(limit, double.PositiveInfinity, double.PositiveInfinity);
    }

    private void Add(NodeState node)
    {
        _nodes[node.Name] = _states.Count;
        _states.Add(node);
    }

    private string? Away(WorkloadState workload, Recipe recipe, int home, int near, int far)
    {
        var last = far >= 0 ? far : near;
        if (workload.PinnedTo is { } pin && _states[last].Name != pin)
            return "it is pinned elsewhere";
        if (workload.PinnedRecipe is { } only && only != recipe.Name)
            return $"it is pinned to recipe {only}";
        if (workload.Excludes(recipe, far >= 0, last >= Devices))
            return "its device does not offer that, or nobody knows yet what it costs";
        if (workload.AvoidsThat(recipe.Name, _states[last].Name))
            return $"{_states[last].Name} missed its deadline lately";
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
            _loads.Use(at, rate * stage.CoreSeconds);
            _loads.Use(at + 1, rate > 0 ? stage.MemoryBytes : 0);
            _loads.Use(at + 2, rate * stage.AcceleratorSeconds);
            _loads.Use(at + 3, rate * stage.Joules);
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
        _loads.Use(resource, rate * bytes);
        latency += link.RttSeconds + (bytes > 0 ? bytes / link.BytesPerSecond : 0);
        cost += rate * bytes * SecondsPerHour / 1e9 * link.PricePerGigabyte;
    }
}
