using LeptonEdge.Placement.Planning;
using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Tests.Placement.Planning;

/// <summary>Devices that follow the plan under a clock that the test moves: each reports every second, and the planner
/// ticks twice as often.</summary>
internal sealed class PlannedFleet
{
    public const long Start = 1_700_000_000_000_000;
    public const string Hub = "hub";
    private const double Deadline = 0.020;
    private readonly IFleetSolver _solver;

    public PlannedFleet(PlannerRules? rules = null, IFleetSolver? solver = null, double hubCores = 4)
    {
        Rules = rules ?? Quick;
        _solver = solver ?? new LagrangianSolver();
        Planner = new FleetPlanner(Rules, _solver);
        Planner.SetModels([Model("bearing")]);
        Planner.SetHub([new HubNode(Hub, Hub, hubCores)]);
    }

    /// <summary>Nothing settles and all is considered each second: what a test waits for comes soon.</summary>
    public static PlannerRules Quick { get; } = new()
    {
        StartGrace = TimeSpan.FromSeconds(1), SettleTime = TimeSpan.Zero, ConsiderEvery = TimeSpan.FromSeconds(1),
    };

    /// <summary>As by default, but for the start.</summary>
    public static PlannerRules Standard { get; } = new() { StartGrace = TimeSpan.FromSeconds(1) };

    public PlannerRules Rules { get; }

    public FleetPlanner Planner { get; }

    public long Now { get; private set; } = Start;

    public List<PlannedDevice> Devices { get; } = [];

    public List<(long Micros, DecidedMove Move)> Moves { get; } = [];

    public List<PlanStep> Steps { get; } = [];

    public static ModelProfile Model(string name) => new(
        name,
        [new Recipe("whole", [new StageProfile("pi", 4e-4, 0, 0, 0, 8e-4), new StageProfile(Hub, 1e-3, 0, 0, 0, 3e-3)])]);

    /// <summary>What it costs on devices is for the planner to find out.</summary>
    public static ModelProfile Measured(string name) =>
        new(name, [new Recipe("whole", [new StageProfile(Hub, 1e-3, 0, 0, 0, 3e-3)])]);

    public PlannedDevice Add(string name, int workloads = 1, Func<WorkloadReport, WorkloadReport>? shape = null)
    {
        var device = new PlannedDevice(name);
        for (var i = 1; i <= workloads; i++)
        {
            var report = new WorkloadReport($"w{i}", "bearing", Deadline)
            {
                WindowsPerSecond = 23.4, WindowBytes = 2052,
            };
            device.Workloads.Add(shape?.Invoke(report) ?? report);
        }

        Devices.Add(device);
        return device;
    }

    public string NodeOf(string device, string workload = "w1") => Planner.PlaceOf(device, workload)!.Node;

    public PlannedPlace Place(string device, string workload = "w1") => Planner.PlaceOf(device, workload)!;

    /// <summary>Half a second a step.</summary>
    public void Run(double seconds)
    {
        for (var end = Now + (long)(seconds * 1e6); Now < end; Now += 500_000)
        {
            var whole = (Now - Start) % 1_000_000 == 0;
            foreach (var device in Devices.Where(device => whole && !device.Dead))
                Planner.Observe(device.Report(this), Now);
            var step = Planner.Tick(Now);
            if (!step.Changed)
                continue;
            Steps.Add(step);
            Moves.AddRange(step.Moves.Select(move => (Now, move)));
        }
    }
}

/// <summary>A device whose own load follows a script and which does as the plan says.</summary>
internal sealed class PlannedDevice(string name)
{
    private readonly Dictionary<string, (long Answered, long Missed)> _counts = [];

    public string Name => name;

    public List<WorkloadReport> Workloads { get; } = [];

    /// <summary>Share of it that something else takes, by seconds since the start.</summary>
    public Func<double, double> Load { get; set; } = static _ => 0.1;

    public double Rtt { get; set; } = 0.001;

    /// <summary>What heat leaves of its speed.</summary>
    public double SpeedShare { get; set; } = 1;

    /// <summary>Null on mains.</summary>
    public double? BatteryJoules { get; set; }

    public bool Dead { get; set; }

    /// <summary>It stays where it is, whatever the plan says.</summary>
    public bool Stubborn { get; set; }

    public bool ServesPeers { get; set; }

    /// <summary>Share of windows that a node answers too late; also of a recipe there, as <c>hub split</c>.</summary>
    public Dictionary<string, double> Misses { get; } = [];

    /// <summary>What it says in place of the truth.</summary>
    public Func<DeviceReport, DeviceReport>? Lie { get; set; }

    public DeviceReport Report(PlannedFleet fleet)
    {
        var seconds = (fleet.Now - PlannedFleet.Start) / 1e6;
        var own = 0.0;
        for (var at = 0; at < Workloads.Count; at++)
        {
            var workload = Workloads[at];
            if (fleet.Planner.PlaceOf(name, workload.Name) is { } place && !Stubborn && workload.FollowsPlan)
                workload = workload with { RunsOn = place.Node, Recipe = place.At.Recipe };
            var node = workload.RunsOn ?? name;
            var part = node == name || workload.Recipe == PlanNames.Cascade ? 4e-4
                : workload.Recipe == PlanNames.Split ? workload.SplitSeconds
                : 0;
            var (answered, missed) = _counts.GetValueOrDefault(workload.Name);
            var windows = (long)Math.Round(workload.WindowsPerSecond);
            var late = Misses.GetValueOrDefault(node == name ? node : $"{node} {workload.Recipe}")
                + Misses.GetValueOrDefault(node == name ? "" : node);
            (answered, missed) = (answered + windows, missed + (long)(windows * late));
            _counts[workload.Name] = (answered, missed);
            own += workload.WindowsPerSecond * part / SpeedShare;
            Workloads[at] = workload with { Answered = answered, Missed = missed };
        }

        var report = new DeviceReport(name, "north", "pi")
        {
            TimeMicros = fleet.Now, StartedMicros = PlannedFleet.Start, ServiceSeconds = 4e-4 / SpeedShare,
            HubRttSeconds = Rtt, SpeedShare = SpeedShare, BatteryJoules = BatteryJoules, WattsPerCore = 5,
            Utilisation = Math.Clamp(Load(seconds) + own, 0, 1), ServesPeers = ServesPeers, Workloads = [.. Workloads],
        };
        return Lie?.Invoke(report) ?? report;
    }
}
