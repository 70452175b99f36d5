using LeptonEdge.Core.Plans;
using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Tests.Placement.Solving;

public class ExplanationTests
{
    [Fact]
    public void A_placed_workload_says_what_it_costs_and_what_the_next_place_would_cost_more()
    {
        var explanation = One(w => w);
        Assert.Equal("a", explanation.Place!.Near);
        Assert.Equal(
            "At a it costs 0.00072 an hour and answers within 20 ms of its deadline of 100 ms; no other place is"
            + " cheaper: next is hub-1, 0.00072 an hour more.", explanation.Why);
        Assert.Equal(
            "It would move to hub-1 if that became 0.00072 an hour cheaper than here.", explanation.ToMove);
        Assert.Equal(["hub-1", "b"], explanation.Others.Select(other => other.Place.Near));
    }

    [Fact]
    public void A_workload_that_found_no_room_where_it_is_cheapest_says_what_is_missing_there()
    {
        // Two workloads at 0.2 cores each: the device that costs less has room for one.
        var fleet = Fleet(
            [TinyFleet.Workload("w1", "a"), TinyFleet.Workload("w2", "a")],
            d => d with { Capacity = TinyFleet.Board with { Cores = 0.3 } });
        var plan = SolverTests.Solve(fleet);
        var away = plan.Placements().Single(p => p.Place!.Near != "a").Workload.Name;
        var explanation = plan.Explain("a", away)!;
        Assert.Contains("a would be 0.0", explanation.Why);
        Assert.Contains("has no room: 0.1 cores of a missing", explanation.Why);
        Assert.Contains("to a if 0.1 cores of a became free", explanation.ToMove);
    }

    public static TheoryData<string, Func<WorkloadState, WorkloadState>> Stopped => new()
    {
        { "its deadline of 3 ms is too short for hub-1, which needs", w => w with { DeadlineSeconds = 0.003 } },
        { "its data stays on its site", w => w with { Privacy = Privacy.Site, WindowsPerSecond = 1e4 } },
        { "its data stays on its device a", w => w with { Privacy = Privacy.Device, WindowsPerSecond = 1e4 } },
        { "at hub-1 4 cores of hub-1 are missing even when nobody else is there",
            w => w with { WindowsPerSecond = 9000, WindowBytes = 10, PinnedTo = "hub-1" } },
    };

    [Theory]
    [MemberData(nameof(Stopped))]
    public void A_workload_that_fits_nowhere_is_named_with_the_limit_that_stops_it(
        string limit, Func<WorkloadState, WorkloadState> change)
    {
        var explanation = One(change);
        Assert.Null(explanation.Place);
        Assert.StartsWith("It fits nowhere: ", explanation.Why);
        // Too many windows for the device, or too few seconds: what comes nearest is told.
        Assert.Contains(limit, limit.Contains("stays") ? AllLimits(change) : explanation.Why);
    }

    [Fact]
    public void A_workload_whose_device_is_down_says_so()
    {
        var plan = SolverTests.Solve(Fleet([TinyFleet.Workload("w1", "a")], d => d with { Down = true }));
        Assert.Equal(1, plan.Unplaced);
        Assert.Contains("its device a is down", plan.Explain(0, 0).Why);
    }

    [Fact]
    public void A_workload_without_room_names_what_is_missing_and_what_would_place_it()
    {
        var fleet = Fleet(
            [Private("low", 2), Private("high", 7)], d => d with { Capacity = TinyFleet.Board with { Cores = 0.3 } });
        var explanation = SolverTests.Solve(fleet).Explain("a", "low")!;
        Assert.StartsWith("It runs nowhere: no place has room left", explanation.Why);
        Assert.Contains("at a 0.1 cores of a are missing", explanation.Why);
        Assert.Equal("It would be placed at a if 0.1 cores of a became free.", explanation.ToMove);

        static WorkloadState Private(string name, int priority) =>
            TinyFleet.Workload(name, "a") with { Priority = priority, Privacy = Privacy.Device };
    }

    [Fact]
    public void Who_has_one_place_only_is_told_which_limit_keeps_it_there()
    {
        var explanation = One(w => w with { Privacy = Privacy.Device });
        Assert.Equal("a", explanation.Place!.Near);
        Assert.Equal("It would move if this limit were gone: its data stays on its device a.", explanation.ToMove);
    }

    [Fact]
    public void What_is_said_to_be_missing_is_what_it_takes_to_move_it()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var plan = SolverTests.Solve(RandomFleet.Make(seed, workloads: 12));
            for (var site = 0; site < plan.Fleet.Sites.Count; site++)
            {
                for (var item = 0; item < plan.PlacementsOf(site).Count; item++)
                {
                    var explanation = plan.Explain(site, item);
                    Assert.Equal(plan.PlacementsOf(site)[item].Place, explanation.Place);
                    Assert.NotEmpty(explanation.ToMove);
                    // Nobody stays where another place with room is cheaper.
                    Assert.DoesNotContain(explanation.Others, o => o is { MorePerHour: < -1e-9, Lacks: null });
                }
            }
        }
    }

    private static string AllLimits(Func<WorkloadState, WorkloadState> change)
    {
        // With room without end only privacy is left to stop it, on a device that is drained.
        var fleet = Fleet([change(TinyFleet.Workload("w1", "a")) with { WindowsPerSecond = 1 }],
            d => d with { Drained = true });
        var plan = SolverTests.Solve(fleet.With(s => s with { Devices = [s.Devices[0]] }));
        Assert.Equal(1, plan.Unplaced);
        return plan.Explain(0, 0).Why;
    }

    private static Explanation One(Func<WorkloadState, WorkloadState> change) =>
        SolverTests.Solve(Fleet([change(TinyFleet.Workload("w1", "a"))], d => d)).Explain("a", "w1")!;

    private static FleetState Fleet(WorkloadState[] workloads, Func<NodeState, NodeState> first) =>
        TinyFleet.Fleet().With(site => site with
        {
            Devices = [first(site.Devices[0]), site.Devices[1] with { PricePerCoreSecond = 3e-6 }],
            Workloads = workloads,
        });
}
