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

    private readonly Dictionary<string, (double Busy, double Windows)> _given = [];
    private readonly Dictionary<string, Measured> _busy = [];
    private readonly Dictionary<string, double> _foreign = [];

    public IReadOnlyList<NodeState> Workers { get; private set; } = [];

    public IReadOnlyList<NodeState> Pools { get; private set; } = [];

    /// <returns>True when they are others than before.</returns>
    public bool Set(IReadOnlyList<HubNode> nodes)
    {
        if (nodes.SequenceEqual(_nodes.Values))
            return false;
        _nodes.Clear();
        foreach (var node in nodes)
            _nodes[node.Name] = node;
        return true;
    }

    public HubNode? Find(string node) => _nodes.GetValueOrDefault(node);

    /// <summary>Takes how many cores of a node, or places of a pool, are busy now, with all that runs there.</summary>
    /// <returns>True when what the plan has not put there changed by more than noise.</returns>
    public bool Observe(string name, double busyNow, long nowMicros)
    {
        if (Find(name) is not { } node || SizeOf(node) is not (> 0 and < double.PositiveInfinity and var size))
            return false;
        var busy = _busy.GetValueOrDefault(name);
        busy.Take(busyNow, nowMicros, Constant);
        _busy[name] = busy;
        var foreign = Math.Max(0, busy.Value - _given.GetValueOrDefault(name).Busy);
        var steps = Step * size * Math.Round(foreign / (Step * size));
        var before = _foreign.GetValueOrDefault(name);
        _foreign[name] = steps;
        return steps != before;
    }

    public void StartCounting() => _given.Clear();

    /// <summary>Counts what the plan gives a node.</summary>
    /// <param name="stage">What one window costs there; null while unknown.</param>
    public void Count(HubNode node, double windowsPerSecond, StageProfile? stage)
    {
        var (busy, windows) = _given.GetValueOrDefault(node.Name);
        var seconds = (node.IsPool ? stage?.AcceleratorSeconds : stage?.CoreSeconds) ?? 0;
        _given[node.Name] = (busy + (windowsPerSecond * seconds), windows + windowsPerSecond);
    }

    /// <summary>Describes all of it anew; what did not change keeps its object, by which the solver knows it
    /// again.</summary>
    /// <param name="drained">Names of nodes that are to be emptied.</param>
    public void Build(IReadOnlyList<string> drained)
    {
        var workers = Describe(isPool: false, NodeKind.Hub, drained);
        var pools = Describe(isPool: true, NodeKind.Pool, drained);
        if (!workers.SequenceEqual(Workers))
            Workers = workers;
        if (!pools.SequenceEqual(Pools))
            Pools = pools;
    }

    // Work in a pool keeps one of its places busy, whatever it computes with; that is also what a pool's meter counts.
    private static double SizeOf(HubNode node) => node.IsPool ? node.Accelerators : node.Cores;

    private List<NodeState> Describe(bool isPool, NodeKind kind, IReadOnlyList<string> drained) =>
    [
        .. _nodes.Values.Where(node => node.IsPool == isPool)
            .Select(node => Describe(node, rules.Book.For(kind, "")) with { Drained = drained.Contains(node.Name) }),
    ];

    private NodeState Describe(HubNode node, Core.Pricing.Prices price)
    {
        var foreign = _foreign.GetValueOrDefault(node.Name);
        var (cores, accelerators) = (node.Cores * rules.HubBusy, node.Accelerators * rules.HubBusy);
        return new NodeState(
            node.Name, node.Board,
            new NodeCapacity(
                node.IsPool ? cores : Free(cores, foreign), node.MemoryBytes,
                node.IsPool ? Free(accelerators, foreign) : accelerators, double.PositiveInfinity),
            // What goes on to a pool is moved once more, at the pool's price.
            node.IsPool ? node.Link with { PricePerGigabyte = price.GigabyteMoved } : node.Link)
        {
            QueueSeconds = Grid.Coarse(QueueSeconds(node, foreign)),
            PricePerCoreSecond = price.CoreSecond,
            PricePerAcceleratorSecond = price.AcceleratorSecond,
            PricePerKwh = price.KilowattHour,
            Down = node.Down,
        };
    }

    // What is no capacity is left as it is, for the check to name.
    private static double Free(double all, double foreign) => all > 0 ? Math.Max(0, all - foreign) : all;

    /// <summary>A pool's measured times have its queue in them already.</summary>
    private double QueueSeconds(HubNode node, double foreign)
    {
        var (busy, windows) = _given.GetValueOrDefault(node.Name);
        return !node.IsPool && windows > 0 && node.Cores > 0
            ? QueueModel.WaitP99Seconds(busy / windows / node.Cores, (busy + foreign) / node.Cores)
            : 0;
    }
}
