using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Placement.Planning;

/// <summary>Says why a workload is where it is, beside every other place.</summary>
internal static class Explainer
{
    public static PlaceExplanation Explain(DecisionInputs inputs, PlanDecision decision, PlannedPlace place)
    {
        var waiting = decision.Waiting.FirstOrDefault(
            wait => wait.Device == place.Device && wait.Workload == place.Workload);
        if (Find(inputs.Fleet, place) is not var (site, workload, index))
            return new PlaceExplanation(place, [], waiting, null);
        var ledger = new FleetLedger(inputs.Fleet);
        foreach (var (number, other) in inputs.Fleet.Sites.SelectMany(
            (state, number) => state.Workloads.Select(other => (number, other))))
        {
            if (ReferenceEquals(other, workload))
                continue;
            ledger.Judge(number, other, other.Running!);
            ledger.Loads.Add();
        }

        var model = inputs.Fleet.Models.First(known => known.Name == workload.Model);
        var options = new List<PlaceOption>();
        foreach (var at in GreedySolver.Options(inputs.Fleet, inputs.Fleet.Sites[site], workload, model).Distinct())
        {
            var footing = ledger.Judge(site, workload, at);
            var limit = footing.Limit ?? (ledger.Loads.Lacks() is { } lacks ? $"no room: {lacks}" : null);
            options.Add(new PlaceOption(at, footing.LatencySeconds, footing.CostPerHour, limit));
        }

        return new PlaceExplanation(
            place, [.. options.OrderBy(option => option.Limit is not null).ThenBy(option => option.CostPerHour)],
            waiting, decision.Proposal.Explain?.Invoke(index));
    }

    private static (int Site, WorkloadState Workload, int Index)? Find(FleetState fleet, PlannedPlace place)
    {
        var index = 0;
        for (var site = 0; site < fleet.Sites.Count; site++)
        {
            foreach (var workload in fleet.Sites[site].Workloads)
            {
                if (workload.Device == place.Device && workload.Name == place.Workload)
                    return (site, workload, index);
                index++;
            }
        }

        return null;
    }
}
