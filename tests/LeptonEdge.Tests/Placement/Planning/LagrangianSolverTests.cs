using LeptonEdge.Placement.Planning;
using LeptonEdge.Placement.Solving;
using LeptonEdge.Tests.Placement.Solving;

namespace LeptonEdge.Tests.Placement.Planning;

public sealed class LagrangianSolverTests
{
    [Fact]
    public void A_proposal_has_a_place_for_each_workload_in_the_states_order()
    {
        var fleet = RandomFleet.Make(3);

        var proposal = new LagrangianSolver().Solve(fleet, null);

        var plan = Assert.IsType<SolveResult.Solved>(PlacementSolver.Solve(fleet)).Plan;
        Assert.Equal(plan.Placements().Select(placed => placed.Place), proposal.Places);
        Assert.Equal(plan.Cost, proposal.CostPerHour);
        Assert.True(proposal.BoundPerHour <= proposal.CostPerHour);
    }

    [Fact]
    public void A_solve_that_starts_from_its_own_end_moves_nothing()
    {
        var fleet = RandomFleet.Make(4);
        var solver = new LagrangianSolver();
        var first = solver.Solve(fleet, null);

        Assert.Equal(first.Places, solver.Solve(fleet, first.End).Places);
    }

    [Fact]
    public void A_planner_with_it_moves_a_threatened_workload_to_the_hub_and_home_again()
    {
        var fleet = new PlannedFleet(solver: new LagrangianSolver());
        var device = fleet.Add("press-1");
        device.Load = seconds => seconds is > 60 and < 120 ? 0.97 : 0.1;

        fleet.Run(60);
        Assert.Equal("press-1", fleet.NodeOf("press-1"));
        fleet.Run(30);
        Assert.Equal(PlannedFleet.Hub, fleet.NodeOf("press-1"));
        fleet.Run(120);
        Assert.Equal("press-1", fleet.NodeOf("press-1"));
    }
}
