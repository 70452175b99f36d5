using LeptonEdge.Core.Plans;

namespace LeptonEdge.Benchmarks.Fleet;

/// <summary>Says where work runs, once a second, after the second was judged.</summary>
internal interface IPlacer
{
    string Name { get; }

    int Moves { get; }

    void Step(int second);
}

/// <summary>Every workload on its own device, always.</summary>
internal sealed class AllLocal : IPlacer
{
    public string Name => "all local";

    public int Moves => 0;

    public void Step(int second)
    {
        // Everything starts where it stays.
    }
}

/// <summary>Everything that may leave its site runs in the hub, spread evenly over its workers; devices are the
/// reserve.</summary>
internal sealed class AllHub : IPlacer
{
    public AllHub(World world, Execution execution)
    {
        var load = new double[world.Nodes.Length - world.Devices];
        var workers = Enumerable.Range(0, load.Length)
            .Where(at => world.Nodes[world.Devices + at].Accelerators == 0).ToArray();
        foreach (var (workload, number) in world.Workloads.Select((workload, number) => (workload, number))
            .Where(pair => pair.workload.Privacy == Privacy.Anywhere)
            .OrderByDescending(pair => pair.workload.WindowsPerSecond * pair.workload.Spec.CoreSeconds))
        {
            var worker = workers.MinBy(at => load[at]);
            load[worker] += workload.WindowsPerSecond * workload.Spec.CoreSeconds;
            execution.Move(number, world.Devices + worker);
        }
    }

    public string Name => "all in the hub";

    public int Moves => 0;

    public void Step(int second)
    {
        // Everything stays where it was put.
    }
}

/// <summary>As a scheduler of containers places them: each, in order of arrival, at the first node that can hold it and
/// answers in time when idle; again when that node is gone. Nothing moves otherwise.</summary>
internal sealed class FirstFit : IPlacer
{
    private const double Full = 0.8;
    private const int GoneAfterSeconds = 5;
    private readonly World _world;
    private readonly Conditions _now;
    private readonly Execution _execution;
    private readonly (double Cores, double Accelerators)[] _used;
    private readonly int[] _gone;

    public FirstFit(World world, Conditions now, Execution execution)
    {
        (_world, _now, _execution) = (world, now, execution);
        _used = new (double, double)[world.Nodes.Length];
        _gone = new int[world.Nodes.Length];
        for (var workload = 0; workload < world.Workloads.Length; workload++)
        {
            Count(workload, world.Workloads[workload].Device, 1);
            Put(workload);
        }

        Moves = 0;
    }

    public string Name => "greedy first fit";

    public int Moves { get; private set; }

    public void Step(int second)
    {
        for (var node = 0; node < _gone.Length; node++)
        {
            _gone[node] = _now.Alive[node] ? 0 : _gone[node] + 1;
            if (_gone[node] != GoneAfterSeconds)
                continue;
            foreach (var workload in _world.Sites[_world.Nodes[node].Site].Workloads)
            {
                if (_execution.Place[workload] == node)
                    Put(workload);
            }
        }
    }

    private void Put(int workload)
    {
        var spec = _world.Workloads[workload];
        var before = _execution.Place[workload];
        Count(workload, before, -1);
        var node = Candidates(spec).FirstOrDefault(node => Fits(spec, node), spec.Device);
        Count(workload, node, 1);
        if (node == before)
            return;
        _execution.Move(workload, node);
        Moves++;
    }

    private IEnumerable<int> Candidates(WorkloadSpec spec)
    {
        yield return spec.Device;
        if (spec.Privacy == Privacy.Device)
            yield break;
        foreach (var node in _world.Sites[spec.Site].Nodes)
        {
            if (node != spec.Device)
                yield return node;
        }

        for (var node = _world.Devices; spec.Privacy == Privacy.Anywhere && node < _world.Nodes.Length; node++)
            yield return node;
    }

    private bool Fits(WorkloadSpec spec, int node)
    {
        if (!_now.Alive[node] || (!_now.Alive[spec.Device] && (!spec.OutlivesDevice || node == spec.Device)))
            return false;
        var (core, accelerator) = _execution.Ways.Cost(spec, node);
        var (cores, accelerators) = _used[node];
        var way = node == spec.Device ? Way.None : _execution.Ways.To(spec, node, loaded: false);
        return cores + (spec.WindowsPerSecond * core) <= Full * _world.Nodes[node].Servers
            && (accelerator == 0
                || accelerators + (spec.WindowsPerSecond * accelerator) <= Full * _world.Nodes[node].Accelerators)
            && _execution.Ways.Answered(spec, node, way, NodeWait.Idle, spec.DeadlineSeconds) > 0.99;
    }

    private void Count(int workload, int node, int sign)
    {
        var spec = _world.Workloads[workload];
        var (core, accelerator) = _execution.Ways.Cost(spec, node);
        _used[node].Cores += sign * spec.WindowsPerSecond * core;
        _used[node].Accelerators += sign * spec.WindowsPerSecond * accelerator;
    }
}
