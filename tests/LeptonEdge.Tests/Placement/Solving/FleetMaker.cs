using LeptonEdge.Core.Plans;
using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Tests.Placement.Solving;

/// <summary>Made fleets: sites of 4 to 16 devices on four kinds of board, with links, batteries, private and movable
/// workloads, splits and cascades, a hub and pools that are too small for all who would like them.</summary>
internal sealed class FleetMaker
{
    private static readonly string[] Boards = ["pi5", "jetson", "kria", "linux"];
    private readonly Random _random;
    private readonly ModelProfile[] _models;

    private FleetMaker(int seed)
    {
        _random = new Random(seed);
        _models = [.. Enumerable.Range(0, 12).Select(MakeModel)];
    }

    /// <summary>A fleet; the same arguments give the same one.</summary>
    /// <param name="hubShare">Capacity of the hub's workers and pools, as a share of all the work that
    /// arises.</param>
    public static FleetState Make(int devices, int workloads, int seed, double hubShare = 0.12)
    {
        var maker = new FleetMaker(seed);
        var sites = new List<SiteState>();
        var (devicesLeft, workloadsLeft) = (devices, workloads);
        while (devicesLeft > 0)
        {
            var count = Math.Min(devicesLeft, maker._random.Next(4, 17));
            var share = devicesLeft == count
                ? workloadsLeft
                : (int)Math.Round((double)workloadsLeft * count / devicesLeft);
            sites.Add(maker.MakeSite(sites.Count, count, share));
            devicesLeft -= count;
            workloadsLeft -= share;
        }

        return maker.WithHub(sites, hubShare);
    }

    private ModelProfile MakeModel(int number)
    {
        // From a small net of sensors' windows to a large one of pictures.
        var core = 0.0008 * Math.Pow(1.55, number);
        var memory = 4e6 * Math.Pow(1.4, number);
        var accelerated = number >= 3;
        var whole = Stages(core, memory, accelerated, everywhere: number < 9);
        var recipes = new List<Recipe> { new("whole", whole) };
        if (number % 2 == 1)
        {
            recipes.Add(new Recipe("split", Stages(core * 0.3, memory * 0.4, accelerated, everywhere: true))
            {
                Far = Stages(core * 0.72, memory * 0.7, accelerated, everywhere: false),
                CutBytes = 2048 * (1 + number),
            });
        }

        if (number % 3 == 2)
        {
            recipes.Add(new Recipe("cascade", Stages(core * 0.25, memory * 0.3, accelerated, everywhere: true))
            {
                Far = Stages(core * 1.4, memory * 1.2, accelerated, everywhere: false),
                FarShare = 0.15,
            });
        }

        return new ModelProfile($"model-{number}", recipes);
    }

    private static StageProfile[] Stages(double core, double memory, bool accelerated, bool everywhere)
    {
        var stages = new List<StageProfile>
        {
            new("linux", core * 0.8, 0, memory, core * 12, core * 0.9),
            new("server", core * 0.3, 0, memory * 0.05, core * 6, core * 0.35),
        };
        if (everywhere)
            stages.Add(new StageProfile("pi5", core, 0, memory, core * 5, core * 1.1));
        if (accelerated)
        {
            stages.Add(new StageProfile("jetson", core * 0.05, core * 0.25, memory * 1.5, core * 2.2, core * 0.2));
            stages.Add(new StageProfile("kria", core * 0.08, core * 0.35, memory * 1.3, core * 1.6, core * 0.28));
            stages.Add(new StageProfile("pool", core * 0.01, core * 0.03, memory * 0.05, core * 4, core * 0.05));
        }
        else
        {
            stages.Add(new StageProfile("jetson", core * 0.9, 0, memory, core * 4, core));
            stages.Add(new StageProfile("kria", core * 1.3, 0, memory, core * 4, core * 1.4));
        }

        return [.. stages];
    }

    private SiteState MakeSite(int number, int devices, int workloads)
    {
        var name = $"site-{number}";
        var nodes = new NodeState[devices];
        for (var device = 0; device < devices; device++)
            nodes[device] = MakeDevice($"{name}-d{device}", device);
        var mobile = _random.NextDouble() < 0.2;
        var uplink = mobile
            ? new LinkState(Between(2e6, 8e6), Between(0.03, 0.07), 0.8)
            : new LinkState(Between(1e7, 1.2e8), Between(0.001, 0.015), 0);
        var all = new WorkloadState[workloads];
        var taken = new double[devices];
        for (var workload = 0; workload < workloads; workload++)
        {
            var device = (workload + _random.Next(3)) % devices;
            all[workload] = Provisioned(MakeWorkload(workload, nodes[device]), nodes[device], ref taken[device]);
        }

        return new SiteState(name, uplink, nodes, all);
    }

    private NodeState MakeDevice(string name, int number)
    {
        // Each site has a machine that runs every model, and one with an accelerator.
        var board = Boards[number switch
        {
            0 => 3,
            1 => 1,
            _ => _random.NextDouble() switch { < 0.4 => 0, < 0.65 => 1, < 0.8 => 2, _ => 3 },
        }];
        var battery = _random.NextDouble() < 0.2;
        var capacity = board switch
        {
            "pi5" => new NodeCapacity(3, 3e9, 0, battery ? 4 : double.PositiveInfinity),
            "jetson" => new NodeCapacity(4.5, 5e9, 0.85, battery ? 6 : double.PositiveInfinity),
            "kria" => new NodeCapacity(3, 2.5e9, 0.85, battery ? 5 : double.PositiveInfinity),
            _ => new NodeCapacity(6, 1.2e10, 0, double.PositiveInfinity),
        };
        var wireless = _random.NextDouble() < 0.4;
        return new NodeState(name, board, capacity,
            wireless ? new LinkState(Between(1.5e6, 8e6), Between(0.002, 0.006)) : new LinkState(1.1e8, 0.0005))
        {
            QueueSeconds = Between(0.0005, 0.004),
            PricePerCoreSecond = 2e-6,
            PricePerAcceleratorSecond = 1e-5,
            PricePerKwh = battery ? 1.5 : 0.25,
        };
    }

    private WorkloadState MakeWorkload(int number, NodeState device)
    {
        // The largest models do not run on the smallest board, and nobody asks it for them.
        var size = (int)((device.Board == "pi5" ? 9 : 12) * Math.Pow(_random.NextDouble(), 1.3));
        // Device seconds of the whole model set the pace at which it can be run at all.
        var core = 0.0008 * Math.Pow(1.55, size);
        var rate = Math.Min(60, Between(0.15, 1.2) / core);
        var privacy = _random.NextDouble() switch
        {
            < 0.12 when size < 6 => Privacy.Device,
            < 0.4 => Privacy.Site,
            _ => Privacy.Anywhere,
        };
        return new WorkloadState(
            $"w{number}", device.Name, $"model-{size}", rate, 2048 * Math.Pow(1.6, size),
            Math.Max(0.02, core * Between(1.5, 6)) + Between(0.02, 0.25), _random.Next(10), privacy)
        {
            OutlivesDevice = privacy != Privacy.Device && _random.NextDouble() < 0.5,
        };
    }

    // A device is chosen for its work: what must stay fits, and so does all the work of one that has a battery or a
    // radio; the others can hand over what is too much for them.
    private WorkloadState Provisioned(WorkloadState workload, NodeState device, ref double taken)
    {
        var weak = double.IsFinite(device.Capacity.Watts) || device.Link.BytesPerSecond < 1e7;
        if (workload.Privacy != Privacy.Device && !weak)
            return workload;
        var model = _models.Single(known => known.Name == workload.Model);
        var stage = model.Recipes[0].Near.Single(known => known.Board == device.Board);
        var (rate, capacity) = (workload.WindowsPerSecond, device.Capacity);
        double[] shares =
        [
            rate * stage.CoreSeconds / capacity.Cores,
            stage.AcceleratorSeconds > 0 ? rate * stage.AcceleratorSeconds / capacity.Accelerators : 0,
            rate * stage.Joules / capacity.Watts,
        ];
        var (share, left) = (shares.Max(), (weak ? 0.9 : 0.5) - taken);
        var fit = Math.Min(1, 0.7 * left / share);
        taken += share * fit;
        return workload with { WindowsPerSecond = rate * fit };
    }

    private FleetState WithHub(List<SiteState> sites, double hubShare)
    {
        var work = sites.Sum(site => site.Workloads.Sum(w =>
            w.WindowsPerSecond * 0.0008 * Math.Pow(1.55, int.Parse(w.Model[6..]))));
        var workers = Enumerable.Range(0, 6).Select(i => new NodeState($"hub-{i}", "server",
            new NodeCapacity(work * 0.3 * hubShare / 6, 2e12, 0, double.PositiveInfinity), LinkState.Free)
        {
            QueueSeconds = 0.002,
            PricePerCoreSecond = 5e-6,
            PricePerKwh = 0.25,
        });
        var pools = Enumerable.Range(0, 2).Select(i => new NodeState($"pool-{i}", "pool",
            new NodeCapacity(work, 4e12, work * 0.03 * hubShare / 4, double.PositiveInfinity),
            new LinkState(5e9, 0.01 + (0.015 * i), 0.001))
        {
            QueueSeconds = 0.003,
            PricePerCoreSecond = 1e-5,
            PricePerAcceleratorSecond = i == 0 ? 6e-4 : 4e-4,
        });
        return new FleetState(sites, [.. workers], [.. pools], _models, new Prices());
    }

    private double Between(double low, double high) => low + ((high - low) * _random.NextDouble());
}
