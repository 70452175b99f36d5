using LeptonEdge.Core.Metrics;
using LeptonEdge.Core.Pricing;
using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Placement.Planning;

/// <summary>The hub's machines and pools, and how much of them the plan has given away.</summary>
internal sealed class HubTrack(PlannerRules rules)
{
    private readonly Dictionary<string, HubNode> _nodes = [];
    // Less is noise, and every change makes the hub another one to the solver.
    private const double Step = 0.1;
    private static readonly TimeSpan Constant = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, (double Cores, double Windows)> _given = [];
    private readonly Dictionary<string, Measured> _busy = [];
    private readonly Dictionary<string, double> _foreign = [];

    public IReadOnlyList<NodeState> Workers { get; private set; } = [];

    public IReadOnlyList<NodeState> Pools { get; private set; } = [];

    public void Set(IReadOnlyList<HubNode> nodes)
    {
        _nodes.Clear();
        foreach (var node in nodes)
            _nodes[node.Name] = node;
    }

    public HubNode? Find(string node) => _nodes.GetValueOrDefault(node);

    /// <summary>Takes how many cores of a node are busy now, with all that runs there.</summary>
    /// <returns>True when what the plan has not put there changed by more than noise.</returns>
    public bool Observe(string name, double busyCores, long nowMicros)
    {
        if (Find(name) is not { Cores: > 0 } node)
            return false;
        var busy = _busy.GetValueOrDefault(name);
        busy.Take(busyCores, nowMicros, Constant);
        _busy[name] = busy;
        var foreign = Math.Max(0, busy.Value - _given.GetValueOrDefault(name).Cores);
        var steps = Step * node.Cores * Math.Round(foreign / (Step * node.Cores));
        var before = _foreign.GetValueOrDefault(name);
        _foreign[name] = steps;
        return steps != before;
    }

    public void StartCounting() => _given.Clear();

    public void Count(string node, double windowsPerSecond, double coreSeconds)
    {
        var (cores, windows) = _given.GetValueOrDefault(node);
        _given[node] = (cores + (windowsPerSecond * coreSeconds), windows + windowsPerSecond);
    }

    /// <summary>Describes all of it anew; what did not change keeps its object, by which the solver knows it
    /// again.</summary>
    public void Build()
    {
        var workers = Describe(isPool: false, NodeKind.Hub);
        var pools = Describe(isPool: true, NodeKind.Pool);
        if (!workers.SequenceEqual(Workers))
            Workers = workers;
        if (!pools.SequenceEqual(Pools))
            Pools = pools;
    }

    private List<NodeState> Describe(bool isPool, NodeKind kind) =>
        [.. _nodes.Values.Where(node => node.IsPool == isPool).Select(node => Describe(node, kind))];

    private NodeState Describe(HubNode node, NodeKind kind)
    {
        var price = rules.Book.For(kind, "");
        var (cores, windows) = _given.GetValueOrDefault(node.Name);
        var foreign = _foreign.GetValueOrDefault(node.Name);
        var queue = windows > 0 && node.Cores > 0
            ? QueueModel.WaitP99Seconds(cores / windows / node.Cores, (cores + foreign) / node.Cores)
            : 0;
        var all = node.Cores * rules.HubBusy;
        // What is no capacity is left as it is, for the check to name.
        var free = all > 0 ? Math.Max(0, all - foreign) : all;
        return new NodeState(
            node.Name, node.Board,
            new NodeCapacity(
                free, node.MemoryBytes, node.Accelerators * rules.HubBusy, double.PositiveInfinity),
            node.Link)
        {
            QueueSeconds = Grid.Coarse(queue),
            PricePerCoreSecond = price.CoreSecond,
            PricePerAcceleratorSecond = price.AcceleratorSecond,
            PricePerKwh = price.KilowattHour,
            Down = node.Down,
        };
    }
}
