using LeptonEdge.Core.Pricing;
using LeptonEdge.Placement.Planning;
using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Benchmarks.Fleet;

/// <summary>The hub's own planner, told by devices what agents report, and obeyed by devices as agents obey.</summary>
internal sealed class PlannedPlacer : IPlacer
{
    private readonly World _world;
    private readonly Conditions _now;
    private readonly Execution _execution;
    private readonly IFleetSolver _solver;
    private readonly Reporter _reporter;
    private readonly PlannerRules _rules;
    private readonly Dictionary<(string Device, string Workload), int> _workloads = [];
    private readonly Dictionary<string, int> _nodes = [];
    private readonly int[] _target;
    private readonly int[] _told;
    private readonly int[] _ready;
    private readonly HashSet<int> _open = [];
    private FleetPlanner _planner;
    private PlanInForce? _kept;

    public PlannedPlacer(
        string name, World world, Conditions now, Execution execution, PlannerRules rules, IFleetSolver solver)
    {
        (Name, _world, _now, _execution, _rules, _solver) = (name, world, now, execution, rules, solver);
        _reporter = new Reporter(world, now, execution);
        for (var workload = 0; workload < world.Workloads.Length; workload++)
        {
            var spec = world.Workloads[workload];
            _workloads[(world.Nodes[spec.Device].Name, spec.Name)] = workload;
        }

        for (var node = 0; node < world.Nodes.Length; node++)
            _nodes[world.Nodes[node].Name] = node;
        _target = [.. execution.Place];
        _told = [.. execution.Place];
        _ready = new int[_target.Length];
        _planner = Start();
    }

    public string Name { get; }

    public int Moves => Log.Moves;

    public MoveLog Log { get; } = new();

    public void Step(int second)
    {
        if (!_now.HubUp)
        {
            _kept ??= _planner.CurrentPlan();
        }
        else
        {
            if (_kept is not null)
                _planner = Start();
            Plan(second, Reporter.Micros(second));
        }

        Follow(second);
    }

    private FleetPlanner Start()
    {
        var planner = new FleetPlanner(_rules, _solver, incremental: true);
        planner.SetModels(ModelSpec.Profiles());
        foreach (var site in _world.Sites)
        {
            // As an operator would enter it from the contract.
            var price = _rules.Book.For(NodeKind.Device, site.Name).GigabyteMoved;
            planner.SetUplink(site.Name, new LinkState(site.UplinkBytesPerSecond, site.UplinkRttSeconds, price));
        }

        if (_kept is not null)
            planner.Restore(_kept);
        _kept = null;
        SetHub(planner);
        return planner;
    }

    private void Plan(int second, long micros)
    {
        for (var node = _world.Devices; node < _world.Nodes.Length; node++)
            _planner.ObserveHub(_world.Nodes[node].Name, _execution.Work[node].Cores.Busy, micros);
        for (var device = 0; device < _world.Devices; device++)
        {
            var site = _world.Nodes[device].Site;
            if (!_now.Alive[device])
                _reporter.Gone(device);
            if (!_now.Alive[device] || !(_now.UplinkBytes[site] > 0))
                continue;
            if (_reporter.IsDue(device, second))
                _planner.Observe(_reporter.Report(device, second), micros);
            else
                _planner.Heard(_world.Nodes[device].Name, micros);
        }

        var step = _planner.Tick(micros);
        foreach (var move in step.Moves)
        {
            var workload = _workloads[(move.Device, move.Workload)];
            _target[workload] = _nodes[move.To.Far ?? move.To.Near];
            _open.Add(workload);
            Log.Add(workload, second, move.Cause);
        }

        if (step.Decision is { } decision)
            Log.Add(decision.Proposal);
    }

    /// <summary>Agents hear of their plan, make the new place ready, and only then leave the old one.</summary>
    private void Follow(int second)
    {
        foreach (var workload in _open.Order().ToArray())
        {
            var spec = _world.Workloads[workload];
            var connected = _now.HubUp && _now.UplinkBytes[spec.Site] > 0;
            if (connected && _told[workload] != _target[workload])
                (_told[workload], _ready[workload]) = (_target[workload], second + PreparingSeconds(workload, spec));
            var to = _told[workload];
            if (second < _ready[workload])
                continue;
            if (to != _execution.Place[workload] && _execution.Ways.Leads(spec.Site, to))
                _execution.Move(workload, to);
            if (_execution.Place[workload] == to && to == _target[workload])
                _open.Remove(workload);
        }
    }

    /// <summary>For the plan to get there and the model to be loaded.</summary>
    private static int PreparingSeconds(int workload, WorkloadSpec spec) =>
        1 + (workload % 2) + (int)(spec.Spec.MemoryBytes / 3e8);

    private void SetHub(FleetPlanner planner)
    {
        var nodes = new List<HubNode>();
        for (var node = _world.Devices; node < _world.Nodes.Length; node++)
        {
            var spec = _world.Nodes[node];
            nodes.Add(new HubNode(spec.Name, spec.Board.Name, spec.Servers)
            {
                IsPool = spec.Accelerators > 0,
                MemoryBytes = spec.Board.MemoryBytes,
                Accelerators = spec.Accelerators,
                Link = spec.Accelerators > 0
                    ? new LinkState(spec.LinkBytesPerSecond, spec.LinkRttSeconds)
                    : LinkState.Free,
            });
        }

        planner.SetHub(nodes);
    }
}
