using LeptonEdge.Core.Plans;

namespace LeptonEdge.Benchmarks.Fleet;

/// <summary>Whether any placement could answer a workload's windows in time now: somewhere it may go, were it the only
/// work of the fleet there. More than a plan can do for all of them at once, so that no plan is let off.</summary>
internal sealed class Reach(World world, Conditions now, Ways ways)
{
    private const double InTime = 0.999;
    private readonly NodeWait[] _alone = new NodeWait[world.Nodes.Length];
    private readonly bool[] _can = new bool[world.Workloads.Length];

    public bool Can(int workload) => _can[workload];

    /// <summary>Judges a site's workloads anew.</summary>
    public void Judge(int site)
    {
        foreach (var node in world.Sites[site].Nodes)
            Judge(world.Nodes[node], node);
        foreach (var workload in world.Sites[site].Workloads)
            _can[workload] = Find(world.Workloads[workload]);
    }

    public void JudgeHub()
    {
        for (var node = world.Devices; node < world.Nodes.Length; node++)
            Judge(world.Nodes[node], node);
    }

    private void Judge(NodeSpec spec, int node) => _alone[node] = NodeWork.Foreign(spec, now.Foreign[node]).Wait(spec);

    private bool Find(WorkloadSpec workload)
    {
        if (now.Alive[workload.Device] && Answers(workload, workload.Device))
            return true;
        if (workload.Privacy == Privacy.Device)
            return false;
        foreach (var node in world.Sites[workload.Site].Nodes)
        {
            if (node != workload.Device && now.Alive[node] && Answers(workload, node))
                return true;
        }

        if (workload.Privacy == Privacy.Site)
            return false;
        for (var node = world.Devices; node < world.Nodes.Length; node++)
        {
            if (ways.Leads(workload.Site, node) && Answers(workload, node))
                return true;
        }

        return false;
    }

    private bool Answers(WorkloadSpec workload, int node)
    {
        var way = node == workload.Device ? Way.None : ways.To(workload, node, loaded: false);
        return ways.Answered(workload, node, way, _alone[node], workload.DeadlineSeconds) >= InTime;
    }
}
