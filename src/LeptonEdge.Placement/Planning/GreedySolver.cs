using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Placement.Planning;

/// <summary>First fit: highest priority first, tightest deadline first, each where it is cheapest with what is left.
/// Its bound is that of a fleet without capacities.</summary>
public sealed class GreedySolver : IFleetSolver
{
    public Proposal Solve(FleetState fleet, object? start)
    {
        var ledger = new FleetLedger(fleet);
        var all = new List<(int Site, WorkloadState Workload, int At)>();
        for (var site = 0; site < fleet.Sites.Count; site++)
        {
            foreach (var workload in fleet.Sites[site].Workloads)
                all.Add((site, workload, all.Count));
        }

        var models = fleet.Models.ToDictionary(model => model.Name);
        var places = new RunsAt?[all.Count];
        var (cost, bound) = (0.0, 0.0);
        foreach (var (site, workload, at) in all.OrderByDescending(entry => entry.Workload.Priority)
            .ThenBy(entry => entry.Workload.DeadlineSeconds).ThenBy(entry => entry.At))
        {
            var unplaced = fleet.Prices.Unplaced(workload.Priority);
            var (best, least) = (unplaced, unplaced);
            foreach (var place in Options(fleet, fleet.Sites[site], workload, models[workload.Model]))
            {
                var footing = ledger.Judge(site, workload, place);
                if (footing.Limit is not null)
                    continue;
                var price = footing.CostPerHour + MovePrice(fleet.Prices, workload, place);
                least = Math.Min(least, price);
                if (price < best && ledger.Loads.Lacks() is null)
                    (best, places[at]) = (price, place);
            }

            cost += best;
            bound += least;
            if (places[at] is { } chosen)
            {
                ledger.Judge(site, workload, chosen);
                ledger.Loads.Add();
            }
        }

        return new Proposal(places, cost, bound, null);
    }

    private static double MovePrice(Prices prices, WorkloadState workload, RunsAt place) =>
        workload.Running is { } now && now != place ? prices.PerMove / prices.MovePaysWithinHours : 0;

    /// <summary>Every way to run it, where it runs now first: of two that cost the same it stays.</summary>
    internal static IEnumerable<RunsAt> Options(
        FleetState fleet, SiteState site, WorkloadState workload, ModelProfile model)
    {
        if (workload.Running is { } now)
            yield return now;
        foreach (var recipe in model.Recipes)
        {
            foreach (var node in site.Devices.Concat(fleet.HubWorkers).Concat(fleet.Pools))
            {
                if (recipe.InTwoParts)
                {
                    if (node.Name != workload.Device && recipe.Far.Any(stage => stage.Board == node.Board))
                        yield return new RunsAt(recipe.Name, workload.Device, node.Name);
                }
                else
                {
                    yield return new RunsAt(recipe.Name, node.Name);
                }
            }
        }
    }
}
