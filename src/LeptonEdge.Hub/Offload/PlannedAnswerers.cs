using LeptonEdge.Hub.Planning;
using LeptonEdge.Placement.Planning;
using LeptonEdge.Serving;

namespace LeptonEdge.Hub.Offload;

/// <summary>Who answers what devices ask of the hub: its own workers or a pool, as the plan in force says. Any
/// thread.</summary>
public sealed class PlannedAnswerers(PlanHolder plans)
{
    private static readonly PlannedAnswerer Workers = new(Pool: null);
    private volatile Reading? _read;

    /// <summary>Null where the plan sends nothing of it to the hub.</summary>
    /// <param name="device">By its certificate.</param>
    /// <param name="workload">By its own word: of another of its workloads it may have that one's place.</param>
    public PlannedAnswerer? Find(string device, string workload)
    {
        var plan = plans.Current.Plan;
        if (_read is not { } read || !ReferenceEquals(read.Plan, plan))
            _read = read = new Reading(plan, Read(plan));
        return read.Answerers.GetValueOrDefault((device, workload));
    }

    private static Dictionary<(string, string), PlannedAnswerer> Read(PlanInForce plan)
    {
        var pools = new Dictionary<string, PlannedAnswerer>();
        var answerers = new Dictionary<(string, string), PlannedAnswerer>();
        foreach (var place in plan.Places)
        {
            if (NodeNames.AtHub(place) is not { } node)
                continue;
            var answerer = Workers;
            if (NodeNames.PoolOf(node) is { } pool && !pools.TryGetValue(pool, out answerer))
                pools[pool] = answerer = new PlannedAnswerer(pool);
            answerers[(place.Device, place.Workload)] = answerer!;
        }

        return answerers;
    }

    private sealed record Reading(PlanInForce Plan, Dictionary<(string, string), PlannedAnswerer> Answerers);
}
