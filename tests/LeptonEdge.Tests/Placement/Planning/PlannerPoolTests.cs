using LeptonEdge.Core.Plans;
using LeptonEdge.Core.Pricing;
using LeptonEdge.Placement.Planning;
using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Tests.Placement.Planning;

/// <summary>An upstream pool among the nodes of a plan.</summary>
public class PlannerPoolTests
{
    private const string Pool = "pool:gpu";

    [Fact]
    public void Work_goes_to_a_pool_that_is_cheaper_than_the_hub_up_to_what_it_takes_side_by_side()
    {
        // 80 workloads of 23.4 windows of 2 ms keep 3.7 places busy; two places are filled up to 80 %.
        var fleet = Fleet(poolPrice: 1e-6, places: 2);
        fleet.Add("press", workloads: 80, Small).Load = _ => 0.97;
        fleet.Run(10);
        var nodes = Enumerable.Range(1, 80).Select(at => fleet.NodeOf("press", $"w{at}")).ToList();
        Assert.Equal((int)(2 * 0.8 / (23.4 * 0.002)), nodes.Count(node => node == Pool));
        Assert.Contains(PlannedFleet.Hub, nodes);
        Assert.All(
            fleet.Moves.Where(entry => entry.Move.To.Near == Pool),
            entry => Assert.StartsWith($"moved to {Pool}", entry.Move.Reason));
    }

    [Fact]
    public void A_pool_that_costs_more_than_the_hub_gets_what_the_hub_has_no_room_for()
    {
        // Four cores are filled up to 80 % by 136 workloads of 23.4 windows of 1 ms.
        var fleet = Fleet(poolPrice: 1e-3, places: 64);
        fleet.Add("press", workloads: 150, Small).Load = _ => 0.97;
        fleet.Run(10);
        var nodes = Enumerable.Range(1, 150).Select(at => fleet.NodeOf("press", $"w{at}")).ToList();
        Assert.InRange(nodes.Count(node => node == PlannedFleet.Hub), 100, 136);
        Assert.Equal(150, nodes.Count(node => node is PlannedFleet.Hub or Pool));
    }

    [Fact]
    public void Work_leaves_a_pool_that_is_down_at_once_and_comes_back_when_it_has_been_up_for_its_time()
    {
        var fleet = Fleet(poolPrice: 1e-6, places: 8, PlannedFleet.Standard);
        fleet.Add("press", shape: report => report with { Priority = 9 }).Load = _ => 0.97;
        fleet.Run(5);
        Assert.Equal(Pool, fleet.NodeOf("press"));
        Set(fleet, 8, down: true);
        fleet.Run(1);
        Assert.Equal(PlannedFleet.Hub, fleet.NodeOf("press"));
        Assert.Equal(MoveCause.NodeDown, fleet.Moves[^1].Move.Cause);
        Assert.Contains($"{Pool} is down", fleet.Moves[^1].Move.Reason);
        var before = fleet.Moves.Count;
        Set(fleet, 8, down: false);
        fleet.Run(60);
        Assert.Equal(before, fleet.Moves.Count);
        fleet.Run(900);
        Assert.Equal(Pool, fleet.NodeOf("press"));
        Assert.Equal(MoveCause.Gain, fleet.Moves[^1].Move.Cause);
    }

    [Fact]
    public void A_pool_that_lost_a_server_gives_away_what_it_has_no_place_for()
    {
        var fleet = Fleet(poolPrice: 1e-6, places: 4);
        fleet.Add("press", workloads: 40, Small).Load = _ => 0.97;
        fleet.Run(10);
        Assert.All(Enumerable.Range(1, 40), at => Assert.Equal(Pool, fleet.NodeOf("press", $"w{at}")));
        Set(fleet, 2, down: false);
        fleet.Run(2);
        Assert.Equal(34, Enumerable.Range(1, 40).Count(at => fleet.NodeOf("press", $"w{at}") == Pool));
        Assert.Equal(MoveCause.Threatened, fleet.Moves[^1].Move.Cause);
    }

    [Fact]
    public void A_drained_pool_is_emptied_and_a_pin_holds_work_there()
    {
        var fleet = Fleet(poolPrice: 1e-6, places: 8);
        fleet.Add("press").Load = _ => 0.97;
        fleet.Add("pump").Load = _ => 0.1;
        fleet.Planner.SetControls(PlanControls.None.With(new Pin("pump", "w1", Pool)));
        fleet.Run(5);
        Assert.Equal((Pool, Pool), (fleet.NodeOf("press"), fleet.NodeOf("pump")));
        fleet.Planner.SetControls(PlanControls.None.WithDrained(Pool));
        fleet.Run(5);
        Assert.NotEqual(Pool, fleet.NodeOf("press"));
        Assert.NotEqual(Pool, fleet.NodeOf("pump"));
        Assert.Contains(fleet.Moves, entry => entry.Move.Cause == MoveCause.Drained);
    }

    [Fact]
    public void What_others_ask_of_a_pool_leaves_the_plan_that_much_less()
    {
        var fleet = Fleet(poolPrice: 1e-6, places: 2);
        fleet.Add("press", workloads: 30, Small).Load = _ => 0.97;
        for (var second = 0; second < 60; second++)
        {
            // One of its places is always busy with calls that no plan sent.
            var own = Enumerable.Range(1, 30).Count(at => fleet.Planner.PlaceOf("press", $"w{at}")?.Node == Pool);
            fleet.Planner.ObserveHub(Pool, 1 + (own * 23.4 * 0.002), fleet.Now);
            fleet.Run(1);
        }

        Assert.InRange(
            Enumerable.Range(1, 30).Count(at => fleet.NodeOf("press", $"w{at}") == Pool) * 23.4 * 0.002, 0.3, 0.7);
    }

    [Fact]
    public void Work_that_must_stay_on_its_site_never_goes_to_a_pool()
    {
        var fleet = Fleet(poolPrice: 0, places: 64);
        fleet.Add("press", shape: report => report with { Privacy = Privacy.Site }).Load = _ => 0.97;
        fleet.Run(10);
        Assert.Equal("press", fleet.NodeOf("press"));
    }

    [Theory]
    [InlineData(-1, "accelerators")]
    [InlineData(double.NaN, "accelerators")]
    public void A_pool_of_no_size_is_refused_and_the_plan_in_force_stays(double places, string named)
    {
        var fleet = Fleet(poolPrice: 1e-6, places: 8);
        fleet.Add("press").Load = _ => 0.97;
        fleet.Run(5);
        Set(fleet, places, down: false);
        fleet.Run(2);
        Assert.Contains(fleet.Planner.Faults, fault => fault.Contains(Pool) && fault.Contains(named));
        Assert.Equal(Pool, fleet.NodeOf("press"));
    }

    // Many of them fit through one device's link.
    private static WorkloadReport Small(WorkloadReport report) => report with { WindowBytes = 200 };

    private static PlannedFleet Fleet(
        double poolPrice, double places, PlannerRules? rules = null, double hubCores = 4)
    {
        var book = new PriceBook(
            "EUR", PlannerRules.Nominal.Default,
            [
                new PriceOverride(NodeKind.Hub, null, CoreSecond: 2e-5),
                new PriceOverride(NodeKind.Pool, null, AcceleratorSecond: poolPrice, GigabyteMoved: 0),
            ]);
        var fleet = new PlannedFleet((rules ?? PlannedFleet.Quick) with { Book = book }, hubCores: hubCores);
        var model = PlannedFleet.Model("bearing");
        var stages = model.Recipes[0].Near.Append(new StageProfile(Pool, 0, 0.002, 0, 0, 0.004));
        fleet.Planner.SetModels([model with { Recipes = [model.Recipes[0] with { Near = [.. stages] }] }]);
        Set(fleet, places, down: false, hubCores);
        return fleet;
    }

    private static void Set(PlannedFleet fleet, double places, bool down, double hubCores = 4) => fleet.Planner.SetHub(
    [
        new HubNode(PlannedFleet.Hub, PlannedFleet.Hub, hubCores),
        new HubNode(Pool, Pool, double.PositiveInfinity) { IsPool = true, Accelerators = places, Down = down },
    ]);
}
