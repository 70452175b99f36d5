using LeptonEdge.Benchmarks.Fleet;
using LeptonEdge.Core.Plans;
using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Tests.Placement.Fleets;

/// <summary>Short runs of the fleet simulator: what holds whatever happens.</summary>
public sealed class FleetSimulationTests
{
    private static readonly FleetOptions Small = FleetOptions.Default with { Devices = 12, Workloads = 60, Hours = 0.2 };

    [Fact]
    public void Equal_seeds_give_equal_runs()
    {
        var world = World.Make(Small.Devices, Small.Workloads, 7);
        var first = FleetRun.Run(world, Small with { Seed = 7 }, FleetRun.Planned(Small));
        var second = FleetRun.Run(
            World.Make(Small.Devices, Small.Workloads, 7), Small with { Seed = 7 }, FleetRun.Planned(Small));

        Assert.Equal(first.Flow, second.Flow);
        Assert.Equal(first.Moves, second.Moves);
    }

    /// <summary>What the benchmark promises of a day, in a busy hour of a small fleet.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void An_hour_keeps_what_is_promised_of_a_day_and_is_the_same_each_time(int seed)
    {
        var options = FleetOptions.Default with { Devices = 24, Workloads = 120, Hours = 1, From = 10, Seed = seed };
        var world = World.Make(options.Devices, options.Workloads, seed);
        // Site by site, as in a fleet that is too large for one search.
        var planned = FleetRun.Planned(options, new SolverOptions { Threads = 1, WorkloadsAsOne = 0 });
        var outcomes = FleetRun.RunAll(
            world, options, planned, planned,
            static (_, _, _, _) => new AllLocal(),
            static (world, _, execution, _) => new AllHub(world, execution),
            static (world, now, execution, _) => new FirstFit(world, now, execution));

        var (plan, again) = (outcomes[0], outcomes[1]);
        Assert.Equal(again.Flow, plan.Flow);
        Assert.Equal(again.Log!.Causes, plan.Log!.Causes);
        Assert.True(plan.ReachableHitPercent >= 99.9, $"{plan.ReachableHitPercent} % in time");
        Assert.All(
            outcomes[2..], other => Assert.True(other.ReachableHitPercent < plan.ReachableHitPercent, other.Name));
        Assert.True(plan.Flow.Money <= 0.8 * outcomes[3].Flow.Money);
        Assert.True(plan.Moves > 0);
        Assert.Equal(0, plan.Log.Repeats);
        Assert.Equal(plan.Moves, plan.Log.Causes.Values.Sum());
    }

    [Fact]
    public void Windows_do_not_depend_on_the_plan_and_what_can_be_in_time_does_not_either()
    {
        var options = Small with { Seed = 3 };
        var world = World.Make(options.Devices, options.Workloads, options.Seed);
        var local = FleetRun.Run(world, options, static (_, _, _, _) => new AllLocal()).Flow;
        var hub = FleetRun.Run(world, options, static (world, _, execution, _) => new AllHub(world, execution)).Flow;

        Assert.Equal(local.Windows, hub.Windows, local.Windows * 1e-9);
        Assert.Equal(local.Reachable, hub.Reachable, local.Windows * 1e-9);
        Assert.InRange(local.ReachableHits, 0, local.Reachable);
        Assert.Equal(0, local.HubCores);
        Assert.True(hub.HubCores > 0);
        Assert.True(hub.Money > local.Money);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void No_workload_runs_where_its_data_may_not_go(int seed)
    {
        var options = Small with { Seed = seed };
        var world = World.Make(options.Devices, options.Workloads, seed);
        var checker = default(PrivacyChecker);
        FleetRun.Run(world, options, (world, now, execution, tariff) => checker = new PrivacyChecker(
            world, execution, FleetRun.Planned(options)(world, now, execution, tariff)));

        Assert.True(checker!.Seconds > 0);
        Assert.Empty(checker.Faults);
    }

    [Fact]
    public void A_queue_below_full_load_loses_little_and_above_it_what_does_not_fit()
    {
        var light = NodeQueue.Of(4, rate: 100, busy: 1, square: 0.02, patience: 0.5);
        var heavy = NodeQueue.Of(4, rate: 800, busy: 8, square: 0.16, patience: 0.5);

        Assert.InRange(light.Served, 0.999999, 1);
        Assert.InRange(heavy.Served, 0.49, 0.501);
        Assert.InRange(heavy.Within(0.01), 0, 0.01);
    }

    /// <summary>One server without patience's limit is the textbook's M/M/1: P(wait &gt; x) = ρ·exp(−(μ−λ)x).</summary>
    [Theory]
    [InlineData(0.3)]
    [InlineData(0.7)]
    public void A_queue_of_one_server_waits_as_the_textbook_says(double rho)
    {
        // Square 2·S² makes the service times exponential, less the spread that the simulator adds itself.
        var square = rho * (2 - Spread.Variation);
        var queue = NodeQueue.Of(1, rate: rho, busy: rho, square, patience: 1000);

        foreach (var wait in new[] { 0.0, 1, 3, 10 })
            Assert.Equal(1 - (rho * Math.Exp(-(1 - rho) * wait)), queue.Within(wait), 1e-9);
    }

    private sealed class PrivacyChecker(World world, Execution execution, IPlacer placer) : IPlacer
    {
        public string Name => placer.Name;

        public int Moves => placer.Moves;

        public int Seconds { get; private set; }

        public List<string> Faults { get; } = [];

        public void Step(int second)
        {
            placer.Step(second);
            Seconds++;
            for (var workload = 0; workload < world.Workloads.Length; workload++)
            {
                var (spec, place) = (world.Workloads[workload], execution.Place[workload]);
                var far = place >= world.Devices;
                if ((place != spec.Device && spec.Privacy == Privacy.Device) || (far && spec.Privacy != Privacy.Anywhere)
                    || (!far && world.Nodes[place].Site != spec.Site))
                    Faults.Add($"second {second}: {spec.Name} of {spec.Device} at {world.Nodes[place].Name}");
            }
        }
    }
}
