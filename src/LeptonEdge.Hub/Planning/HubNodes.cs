using LeptonEdge.Hub.Configuration;
using LeptonEdge.Hub.Offload;
using LeptonEdge.Placement.Planning;
using LeptonEdge.Placement.Solving;
using LeptonEdge.Serving.Models;
using LeptonEdge.Serving.Scheduling;
using LeptonEdge.Serving.Upstream;

namespace LeptonEdge.Hub.Planning;

/// <summary>What the hub offers the planner: its own workers, and its upstream pools, with what was measured of them.
/// One thread at a time, but for what says otherwise.</summary>
public sealed class HubNodes(
    HubOptions options, ModelRepository models, InferenceScheduler scheduler, UpstreamPools pools)
{
    // Smaller changes are noise, and every one makes the fleet another to the solver.
    private const double NoticeableTime = 0.15;
    private const double NoticeableSize = 0.2;

    private readonly Dictionary<(string Pool, string Model), StageProfile> _told = [];
    private const double NoticeableBytes = 32 * 1024 * 1024;
    private readonly Dictionary<string, double> _size = [];
    private double _memory = double.PositiveInfinity;

    /// <summary>All of them as they are now.</summary>
    public IReadOnlyList<HubNode> Nodes() =>
    [
        new HubNode(NodeNames.Hub, NodeNames.Hub, options.Workers)
        {
            MemoryBytes = MemoryLeft(), Down = options.Workers == 0,
        },
        .. pools.All.Select(pool => new HubNode(NodeOf(pool), NodeOf(pool), double.PositiveInfinity)
        {
            IsPool = true, Accelerators = SizeOf(pool), Down = !pool.IsUp,
        }),
    ];

    /// <summary>What each node is busy with now, in cores or in a pool's places.</summary>
    public IEnumerable<(string Node, double Busy)> Busy() =>
        pools.All.Select(pool => (NodeOf(pool), (double)pool.InFlight))
            .Prepend((NodeNames.Hub, Math.Min(scheduler.Inside, options.Workers)));

    /// <summary>What a model costs on each node that answers for it.</summary>
    /// <param name="model">Its name on the hub.</param>
    public IEnumerable<StageProfile> StagesOf(string model)
    {
        if (models.Known(model) is { Cost: var cost, MemoryBytes: var bytes })
            yield return new StageProfile(NodeNames.Hub, cost.MeanSeconds, 0, bytes, 0, cost.P99Seconds);
        foreach (var pool in pools.All)
        {
            if (StageOf(pool, model) is { } stage)
                yield return stage;
        }
    }

    /// <summary>The node that answers for a model where no plan says who; any thread.</summary>
    public string UsualNodeOf(string model)
    {
        if (model.Length == 0 || pools.Find(model) is not { } pool)
            return NodeNames.Hub;
        return pool.Options.When == UpstreamWhen.Always || !models.Serves(model, "") ? NodeOf(pool) : NodeNames.Hub;
    }

    /// <summary>Names of the hub's nodes; any thread.</summary>
    public IEnumerable<string> Names => pools.All.Select(NodeOf).Prepend(NodeNames.Hub);

    /// <summary>Whether it is a node of the hub's; any thread.</summary>
    public bool Has(string node) => node == NodeNames.Hub || pools.All.Any(pool => NodeOf(pool) == node);

    /// <summary>Whether a node of the hub's answers for a model; any thread.</summary>
    public bool Serves(string node, string model) => node == NodeNames.Hub
        || pools.All.Any(pool => NodeOf(pool) == node && pool.Options.Serves(model));

    /// <summary>Whether a node of the hub's has a model; any thread.</summary>
    public bool Holds(string node, string model) =>
        node == NodeNames.Hub ? models.Serves(model, "") : Serves(node, model);

    private static string NodeOf(UpstreamPool pool) => NodeNames.OfPool(pool.Options.Name);

    private StageProfile? StageOf(UpstreamPool pool, string model)
    {
        var key = (pool.Options.Name, model);
        var told = _told.GetValueOrDefault(key);
        if (pool.Cost(model) is not { } cost)
        {
            // A pool that is away comes back as it was; one that has the model no more is no place for it.
            if (pool.IsUp)
                _told.Remove(key);
            return pool.IsUp ? null : told;
        }

        if (told is not null && IsNear(cost.MeanSeconds, told.AcceleratorSeconds, NoticeableTime)
            && IsNear(cost.P99Seconds, told.ServiceSeconds, NoticeableTime))
            return told;
        return _told[key] = new StageProfile(
            NodeOf(pool), 0, cost.MeanSeconds, 0, 0, Math.Max(cost.MeanSeconds, cost.P99Seconds));
    }

    // Models in memory take none of it: whoever asks for one of these finds it there.
    private double MemoryLeft()
    {
        var now = models.MemoryLeft;
        var isNear = now == _memory
            || Math.Abs(now - _memory) <= Math.Max(NoticeableBytes, NoticeableSize * Math.Min(now, _memory));
        return isNear ? _memory : _memory = now;
    }

    private double SizeOf(UpstreamPool pool)
    {
        var (now, told) = (pool.Calls, _size.GetValueOrDefault(pool.Options.Name));
        return pool.IsUp && !IsNear(now, told, NoticeableSize) ? _size[pool.Options.Name] = now : told;
    }

    private static bool IsNear(double now, double told, double noticeable) => Math.Abs(now - told) <= noticeable * told;
}
