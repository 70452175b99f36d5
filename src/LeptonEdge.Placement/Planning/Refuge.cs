using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Placement.Planning;

/// <summary>Where a workload goes that fits nowhere and cannot be where it is.</summary>
internal static class Refuge
{
    /// <summary>Moves it in the ledger to where its pin says, or where it is late by far the least, or else to its own
    /// device, which answers as well as it can.</summary>
    public static (RunsAt Place, Footing To) Find(
        FleetState fleet, FleetLedger ledger, int site, WorkloadState workload)
    {
        var now = ledger.Judge(site, workload, workload.Running!);
        var late = ledger.Loads.Over() is not null ? double.PositiveInfinity : now.LatencySeconds;
        ledger.Loads.Remove();
        var place = LeastLate(fleet, ledger, site, workload, late) ?? Home(ledger, site, workload, late);
        var to = ledger.Judge(site, workload, place);
        ledger.Loads.Add();
        return (place, to);
    }

    private static RunsAt? LeastLate(
        FleetState fleet, FleetLedger ledger, int site, WorkloadState workload, double late)
    {
        var (best, least) = ((RunsAt?)null, late / 2);
        var model = fleet.Models.First(known => known.Name == workload.Model);
        foreach (var place in GreedySolver.Options(fleet, fleet.Sites[site], workload, model))
        {
            var to = ledger.Judge(site, workload, place);
            if (to.Limit is null or FleetLedger.Deadline && to.LatencySeconds < least && ledger.Loads.Lacks() is null)
                (best, least) = (place, to.LatencySeconds);
        }

        return best;
    }

    // Where it cannot be at all, it is at home; where it is only late, it stays.
    private static RunsAt Home(FleetLedger ledger, int site, WorkloadState workload, double late)
    {
        var now = ledger.Judge(site, workload, workload.Running!);
        if (now.Limit is null || (now.Limit == FleetLedger.Deadline && double.IsFinite(late)))
            return workload.Running!;
        var home = Pinned(workload) ?? new RunsAt(
            workload.Running!.Far is null ? workload.Running.Recipe : PlanNames.Whole,
            workload.PinnedTo ?? workload.Device);
        var to = ledger.Judge(site, workload, home);
        return to.Limit is null || (to.Limit == FleetLedger.Deadline && double.IsFinite(to.LatencySeconds))
            ? home
            : workload.Running!;
    }

    private static RunsAt? Pinned(WorkloadState workload) =>
        workload is { PinnedTo: { } node, PinnedRecipe: { } recipe } && node != workload.Device
        && recipe != PlanNames.Whole
            ? new RunsAt(recipe, workload.Device, node)
            : null;
}
