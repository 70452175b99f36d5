namespace LeptonEdge.Benchmarks.Fleet;

/// <summary>What truly happens to every window while work runs where somebody placed it: waits at machines, ways over
/// links, reserves on devices. Knows the conditions, and nothing of what a planner thinks of them.</summary>
internal sealed class Execution
{
    private const double Noticeable = 0.01;
    private readonly World _world;
    private readonly Conditions _now;
    private readonly Tariff _tariff;
    private readonly Reach _reach;
    private readonly SiteFlow[] _flows;
    private readonly NodeWork[][] _hubWork;
    private readonly NodeWork[] _foreign;
    private readonly (double Cores, double Accelerators)[] _hubBusy;
    private readonly bool[] _load;
    private readonly bool[] _judge;
    private readonly int[] _since;
    private readonly AskState[] _asks;
    private SiteFlow _total;

    public Execution(World world, Conditions conditions, Tariff tariff)
    {
        (_world, _now, _tariff, Ways) = (world, conditions, tariff, new Ways(world, conditions));
        _reach = new Reach(world, conditions, Ways);
        var (nodes, sites, workloads) = (world.Nodes.Length, world.Sites.Length, world.Workloads.Length);
        (_flows, _since) = (new SiteFlow[sites], new int[sites]);
        (_load, _judge) = (new bool[sites], new bool[sites]);
        (Work, _foreign, Waits) = (new NodeWork[nodes], new NodeWork[nodes], new NodeWait[nodes]);
        _hubWork = [.. world.Sites.Select(_ => new NodeWork[nodes - world.Devices])];
        _hubBusy = new (double, double)[nodes - world.Devices];
        (Place, _asks, Rate) = (new int[workloads], new AskState[workloads], new double[workloads]);
        (Answered, Missed) = (new double[workloads], new double[workloads]);
        Array.Fill(_load, true);
        Array.Fill(Waits, NodeWait.Idle);
        for (var workload = 0; workload < workloads; workload++)
            Place[workload] = world.Workloads[workload].Device;
        for (var site = 0; site < sites; site++)
            _reach.Judge(site);
        _reach.JudgeHub();
    }

    public Ways Ways { get; }

    /// <summary>Counts windows that were late without need, by where they ran; null counts nothing.</summary>
    public LateBook? Late { get; init; }

    /// <summary>Node at which each workload runs.</summary>
    public int[] Place { get; }

    /// <summary>Windows a second that each workload has now.</summary>
    public double[] Rate { get; }

    /// <summary>Windows of each workload until its site was last judged.</summary>
    public double[] Answered { get; }

    /// <summary>Of these, those that were late or not answered from where they were sent.</summary>
    public double[] Missed { get; }

    /// <summary>All that arrives at each node; the hub's own included.</summary>
    public NodeWork[] Work { get; }

    public NodeWait[] Waits { get; }

    public int Second { get; private set; }

    /// <summary>Whether a site was judged anew in the last step.</summary>
    public bool Changed(int site) => _since[site] == Second;

    /// <summary>Whether its windows are sent to its place at all, that being another node than its device.</summary>
    public bool Asks(int workload) => _asks[workload].Asks;

    public void Move(int workload, int node)
    {
        Place[workload] = node;
        _load[_world.Workloads[workload].Site] = true;
    }

    /// <summary>Judges the second that begins now.</summary>
    public void Step(int second)
    {
        Second = second;
        if (_now.HubDirty)
            _reach.JudgeHub();
        for (var site = 0; site < _load.Length; site++)
        {
            if (_now.Dirty[site] || _now.HubDirty)
                (_load[site], _judge[site]) = (true, true);
            if (!_load[site])
                continue;
            Count(site);
            if (_judge[site])
                _reach.Judge(site);
            Load(site);
            _judge[site] = true;
            _load[site] = false;
        }

        QueueHub();
        for (var site = 0; site < _judge.Length; site++)
        {
            if (!_judge[site])
                continue;
            Count(site);
            _judge[site] = false;
            Judge(site);
        }
    }

    /// <summary>All until a second.</summary>
    public SiteFlow Total(int second)
    {
        Second = second;
        for (var site = 0; site < _flows.Length; site++)
            Count(site);
        return _total;
    }

    /// <summary>Counts a site's windows until now.</summary>
    public void Count(int site)
    {
        var seconds = Second - _since[site];
        _since[site] = Second;
        if (seconds == 0)
            return;
        _total.Add(_flows[site], seconds);
        Late?.Count(_world, site, this, seconds);
        foreach (var workload in _world.Sites[site].Workloads)
        {
            var windows = Rate[workload] * seconds;
            Answered[workload] += windows;
            Missed[workload] += windows * _asks[workload].Missing;
        }
    }

    private void Load(int site)
    {
        Array.Clear(_hubWork[site]);
        Ways.UplinkBytes[site] = 0;
        foreach (var node in _world.Sites[site].Nodes)
        {
            var foreign = _now.Alive[node] ? _now.Foreign[node] : 0;
            Work[node] = _foreign[node] = NodeWork.Foreign(_world.Nodes[node], foreign);
            Ways.LinkBytes[node] = 0;
        }

        foreach (var workload in _world.Sites[site].Workloads)
        {
            var spec = _world.Workloads[workload];
            ref var ask = ref _asks[workload];
            var (home, place) = (_now.Alive[spec.Device], Place[workload]);
            var arise = home || (spec.OutlivesDevice && _now.Joined[spec.Device]);
            var rate = Rate[workload] = arise ? _now.Rate[workload] : 0;
            ask.Asks = place != spec.Device && Ways.Leads(site, place) && Second >= ask.NotBefore;
            if (ask.Asks)
            {
                AddWork(spec, place, rate);
                AddBytes(spec, place, rate, home);
            }

            if (home)
                AddWork(spec, spec.Device, ask.Asks ? rate * ask.Reserve : rate);
        }
    }

    private void AddWork(WorkloadSpec spec, int node, double rate)
    {
        var (core, accelerator) = Ways.Cost(spec, node);
        ref var work = ref (node < _world.Devices ? ref Work[node] : ref _hubWork[spec.Site][node - _world.Devices]);
        work.Cores.Add(rate, core, spec.DeadlineSeconds - core - accelerator);
        work.Accelerators.Add(rate, accelerator, spec.DeadlineSeconds - core - accelerator);
    }

    private void AddBytes(WorkloadSpec spec, int node, double rate, bool home)
    {
        var bytes = rate * spec.Spec.WindowBytes;
        if (home)
            Ways.LinkBytes[spec.Device] += bytes;
        if (node < _world.Devices)
            Ways.LinkBytes[node] += bytes;
        else
            Ways.UplinkBytes[spec.Site] += bytes;
    }

    /// <summary>What all sites send to the hub; who uses a node whose load changed is judged anew.</summary>
    private void QueueHub()
    {
        for (var at = 0; at < _hubBusy.Length; at++)
        {
            var node = _world.Devices + at;
            var spec = _world.Nodes[node];
            var work = NodeWork.Foreign(spec, _now.Foreign[node]);
            foreach (var site in _hubWork)
                work.Add(site[at]);
            var (cores, accelerators) = (work.Cores.Busy, work.Accelerators.Busy);
            if (Math.Abs(cores - _hubBusy[at].Cores) < Noticeable * spec.Servers
                && Math.Abs(accelerators - _hubBusy[at].Accelerators) < Noticeable * Math.Max(1, spec.Accelerators))
                continue;
            (_hubBusy[at], Work[node], Waits[node]) = ((cores, accelerators), work, work.Wait(spec));
            for (var site = 0; site < _hubWork.Length; site++)
                _judge[site] |= _hubWork[site][at].Cores.Rate > 0;
        }
    }

    private void Judge(int site)
    {
        var flow = new SiteFlow { Bytes = Ways.UplinkBytes[site] };
        foreach (var node in _world.Sites[site].Nodes)
        {
            var (spec, work) = (_world.Nodes[node], Work[node]);
            Waits[node] = _now.Alive[node] ? work.Wait(spec) : NodeWait.Idle;
            var cores = (work.Cores.Busy - _foreign[node].Cores.Busy) * Waits[node].Cores.Served;
            var accelerators = work.Accelerators.Busy * Waits[node].Accelerators.Served;
            flow.DeviceCores += cores;
            flow.DeviceAccelerators += accelerators;
            flow.DeviceJoules += spec.Board.Joules(cores, accelerators);
        }

        for (var at = 0; at < _hubBusy.Length; at++)
            AddHub(ref flow, _hubWork[site][at], _world.Nodes[_world.Devices + at]);
        foreach (var workload in _world.Sites[site].Workloads)
        {
            Late?.Note(workload, 0);
            if (!(Rate[workload] > 0))
                continue;
            var hit = Answer(workload);
            flow.Windows += Rate[workload];
            flow.Hits += Rate[workload] * hit;
            if (!_reach.Can(workload))
                continue;
            flow.Reachable += Rate[workload];
            flow.ReachableHits += Rate[workload] * hit;
            Late?.Note(workload, Rate[workload] * (1 - hit));
        }

        flow.Money = _tariff.Cost(site, flow);
        _flows[site] = flow;
    }

    private static void AddHub(ref SiteFlow flow, in NodeWork work, NodeSpec spec)
    {
        var (cores, accelerators) = (work.Cores.Busy, work.Accelerators.Busy);
        var joules = spec.Board.Joules(cores, accelerators);
        if (spec.Accelerators == 0)
        {
            flow.HubCores += cores;
            flow.HubJoules += joules;
            return;
        }

        flow.PoolCores += cores;
        flow.PoolAccelerators += accelerators;
        flow.PoolJoules += joules;
    }

    /// <summary>Share of a workload's windows that somebody answers in time.</summary>
    private double Answer(int workload)
    {
        var spec = _world.Workloads[workload];
        ref var ask = ref _asks[workload];
        var before = (ask.Reserve, ask.NotBefore);
        var home = new AskHome(
            _now.Alive[spec.Device], _world.Nodes[spec.Device], Work[spec.Device], Waits[spec.Device]);
        double hit;
        if (ask.Asks)
        {
            var node = Place[workload];
            hit = ask.Far(Ways, spec, node, Waits[node], home, Second);
        }
        else
        {
            hit = home.Alive ? Ways.Answered(spec, spec.Device, Way.None, home.Wait, spec.DeadlineSeconds) : 0;
            ask.Missing = Place[workload] == spec.Device ? 1 - hit : 1;
            ask.Reserve = 0;
        }

        // What the reserve takes is work of the next second, and so is the next try.
        if (Math.Abs(ask.Reserve - before.Reserve) > Noticeable || ask.NotBefore > Second)
            _load[spec.Site] = true;
        return hit;
    }
}
