using LeptonEdge.Core.Plans;
using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Tests.Placement.Solving;

public class SolverTests
{
    private const int Fleets = 300;

    [Fact]
    public void A_tiny_fleet_gets_the_best_plan_there_is_and_its_bound_is_not_above_it()
    {
        for (var seed = 0; seed < Fleets; seed++)
        {
            var fleet = RandomFleet.Make(seed);
            var plan = Solve(fleet);
            var optimum = BruteForce.LeastCost(fleet);
            Assert.True(plan.Bound <= optimum, $"seed {seed}: bound {plan.Bound:R}, optimum {optimum:R}");
            Assert.True(
                plan.Cost <= optimum * (1 + 1e-9), $"seed {seed}: cost {plan.Cost:R}, optimum {optimum:R}");
        }
    }

    [Theory]
    [InlineData(2000)]
    [InlineData(0)]
    public void No_plan_breaks_a_limit_and_its_cost_is_what_its_places_cost(int workloadsAsOne)
    {
        for (var seed = 0; seed < Fleets; seed++)
        {
            var fleet = RandomFleet.Make(seed, workloads: 24);
            PlanCheck.Holds(Solve(fleet, new SolverOptions { WorkloadsAsOne = workloadsAsOne }));
        }
    }

    [Fact]
    public void A_fleet_solved_site_by_site_is_as_good_as_its_bound_says()
    {
        for (var seed = 0; seed < Fleets; seed++)
        {
            var fleet = RandomFleet.Make(seed);
            var plan = Solve(fleet, new SolverOptions { WorkloadsAsOne = 0 });
            var optimum = BruteForce.LeastCost(fleet);
            Assert.True(plan.Bound <= optimum, $"seed {seed}: bound {plan.Bound:R}, optimum {optimum:R}");
            Assert.True(plan.Cost >= optimum * (1 - 1e-9), $"seed {seed}: {plan.Cost:R} below {optimum:R}");
        }
    }

    [Theory]
    [InlineData(2000)]
    [InlineData(0)]
    public void The_same_state_gives_the_same_plan_with_any_number_of_threads(int workloadsAsOne)
    {
        var fleet = RandomFleet.Make(7, workloads: 40);
        var options = new SolverOptions { WorkloadsAsOne = workloadsAsOne, Threads = 1 };
        var one = Solve(fleet, options);
        for (var threads = 1; threads <= 4; threads++)
        {
            var other = Solve(RandomFleet.Make(7, workloads: 40), options with { Threads = threads });
            Assert.Equal(one.Placements().Select(p => p.Place), other.Placements().Select(p => p.Place));
            Assert.Equal((one.Cost, one.Bound), (other.Cost, other.Bound));
        }
    }

    [Fact]
    public void An_unsound_state_is_refused_whole_with_every_fault()
    {
        var fleet = TinyFleet.Fleet();
        fleet = fleet with { HubWorkers = [TinyFleet.Worker("a")], Models = [] };
        var refused = Assert.IsType<SolveResult.Refused>(PlacementSolver.Solve(fleet));
        Assert.Equal(SnapshotCheck.Faults(fleet), refused.Faults);
        Assert.True(refused.Faults.Count > 1);
    }

    [Fact]
    public void When_capacity_is_short_the_lower_priority_yields()
    {
        // The device has room for one of the two; only priority tells them apart.
        var fleet = TinyFleet.Fleet() with { HubWorkers = [] };
        fleet = fleet.With(site => site with
        {
            Devices = [TinyFleet.Device("a") with { Capacity = TinyFleet.Board with { Cores = 0.3 } }],
            Workloads = [Private("low", 2), Private("high", 7)],
        });
        var plan = Solve(fleet);
        Assert.Equal(["high"], plan.Placements().Where(p => p.Place is not null).Select(p => p.Workload.Name));
        Assert.Equal(1, plan.Unplaced);

        static WorkloadState Private(string name, int priority) =>
            TinyFleet.Workload(name, "a") with { Priority = priority, Privacy = Privacy.Device };
    }

    [Fact]
    public void A_move_is_made_only_when_it_pays()
    {
        var dear = TinyFleet.Fleet().With(site => site with
        {
            Workloads = [TinyFleet.Workload("w1", "a") with { Running = new RunsAt("whole", "hub-1") }],
        });
        var saved = 10 * 3600 * ((0.004 * 1e-5) - (0.02 * 1e-6));
        var stays = Solve(dear with { Prices = new Prices { PerMove = saved * 2, PerLateSecond = 0 } });
        var moves = Solve(dear with { Prices = new Prices { PerMove = saved / 2, PerLateSecond = 0 } });
        Assert.Equal((0, "hub-1"), (stays.Moves, stays.Placements().Single().Place!.Near));
        Assert.Equal((1, "a"), (moves.Moves, moves.Placements().Single().Place!.Near));
    }

    internal static FleetPlan Solve(FleetState fleet, SolverOptions? options = null) =>
        Assert.IsType<SolveResult.Solved>(PlacementSolver.Solve(fleet, options)).Plan;
}
