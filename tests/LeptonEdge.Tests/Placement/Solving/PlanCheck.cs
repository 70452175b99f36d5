using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Tests.Placement.Solving;

/// <summary>Holds a plan against the state's meaning: hard limits, capacities, cost.</summary>
internal static class PlanCheck
{
    public static void Holds(FleetPlan plan)
    {
        var judge = new PlanJudge(plan.Fleet);
        var load = new Dictionary<string, double>();
        var cost = 0.0;
        for (var site = 0; site < plan.Fleet.Sites.Count; site++)
        {
            var state = plan.Fleet.Sites[site];
            var placed = plan.PlacementsOf(site);
            Assert.Equal(state.Workloads, placed.Select(p => p.Workload));
            foreach (var (workload, place) in placed)
            {
                var option = judge.Options(state, workload).SingleOrDefault(option => option.Place == place);
                Assert.True(option is not null, $"{workload.Device}/{workload.Name} may not run at {place}");
                cost += option.Cost;
                foreach (var (resource, amount) in option.Uses)
                    load[resource] = load.GetValueOrDefault(resource) + amount;
            }
        }

        foreach (var (resource, amount) in load)
        {
            var capacity = judge.CapacityOf(resource);
            Assert.True(amount <= capacity * (1 + 1e-9), $"{resource}: {amount:R} of {capacity:R}");
        }

        Assert.Equal(cost, plan.Cost, Math.Max(1e-12, cost * 1e-9));
        Assert.True(plan.Bound <= plan.Cost);
    }
}
