using System.ComponentModel.DataAnnotations;

namespace LeptonEdge.Placement.Solving;

/// <summary>How much work a solve does. Work is counted, never timed: the same state gives the same plan on any
/// machine.</summary>
public sealed record SolverOptions
{
    /// <summary>Rounds in which prices are raised and lowered.</summary>
    [Range(1, 10_000)]
    public int PriceRounds { get; init; } = 26;

    /// <summary>Ejection chains tried for each workload, where the first plan is not good enough yet.</summary>
    [Range(0, 100_000)]
    public int ChainsPerWorkload { get; init; } = 10;

    /// <summary>A gap at which the search for a better plan of a site ends.</summary>
    [Range(0, 1)]
    public double GapEnough { get; init; } = 5e-3;

    /// <summary>A site that changed keeps its part of the last plan while that costs at most this share above the bound
    /// which the last prices prove; 0 looks for a better one each time.</summary>
    [Range(0, 1)]
    public double KeepWithin { get; init; }

    /// <summary>As <see cref="ChainsPerWorkload"/>, for fleets that are searched as one; up to two and a half times as
    /// many where workloads are few. For half of them workloads are placed node by node instead.</summary>
    [Range(0, 100_000)]
    public int ChainsPerWorkloadAsOne { get; init; } = 30;

    /// <summary>Up to this many workloads the whole fleet is searched as one; beyond, site by site.</summary>
    [Range(0, 100_000)]
    public int WorkloadsAsOne { get; init; } = 2000;

    /// <summary>Threads at most; the plan does not depend on it.</summary>
    [Range(1, 1024)]
    public int Threads { get; init; } = Environment.ProcessorCount;
}

/// <summary>What came of a solve.</summary>
public abstract record SolveResult
{
    private SolveResult()
    {
    }

    /// <summary>There is a plan.</summary>
    public sealed record Solved(FleetPlan Plan) : SolveResult;

    /// <summary>The state is not sound; the plan in force stays.</summary>
    /// <param name="Faults">Every fault, as sentences.</param>
    public sealed record Refused(IReadOnlyList<string> Faults) : SolveResult;
}

/// <summary>Where one workload runs by a plan; no place for one that is not placed.</summary>
public readonly record struct Placed(WorkloadState Workload, RunsAt? Place);

/// <summary>Where every workload of a fleet runs, how good that is, and the prices that prove it. Immutable.</summary>
public sealed class FleetPlan
{
    internal FleetPlan(FleetState fleet, FleetIndex index, SitePlan[] sites, double[] sharedPrices,
        IEnumerable<SitePlan> solved)
    {
        (Fleet, Index, Sites, SharedPrices) = (fleet, index, sites, sharedPrices);
        SharedLoad = new double[sharedPrices.Length];
        foreach (var site in sites)
        {
            Cost += site.Cost;
            Unplaced += site.Unplaced;
            UnplacedCost += site.UnplacedCost;
            for (var r = 0; r < SharedLoad.Length; r++)
                SharedLoad[r] += site.Load[site.Table.Locals + r];
        }

        foreach (var site in solved)
            Moves += site.Moves;
        var bounds = Array.ConvertAll(sites, site => site.Bound);
        Bound = Math.Min(SafeBound.Of(bounds, sharedPrices, index.SharedCapacity), Cost);
    }

    /// <summary>The state it was made for.</summary>
    public FleetState Fleet { get; }

    /// <summary>Money per hour, with moves spread over the hours in which they must pay, and with what is charged for
    /// workloads that could be placed alone but found no room.</summary>
    public double Cost { get; }

    /// <summary>No plan for this state costs less.</summary>
    public double Bound { get; }

    /// <summary>How far the plan can be from the best one, as a share of the bound; infinite while the bound is
    /// 0.</summary>
    public double Gap => Cost <= Bound ? 0 : Bound > 0 ? (Cost - Bound) / Bound : double.PositiveInfinity;

    /// <summary>Workloads that run nowhere.</summary>
    public int Unplaced { get; }

    /// <summary>The part of <see cref="Cost"/> that is charged for workloads that found no room.</summary>
    public double UnplacedCost { get; }

    /// <summary>Workloads that ran elsewhere before, on the sites that this solve looked at.</summary>
    public int Moves { get; }

    internal FleetIndex Index { get; }

    internal SitePlan[] Sites { get; }

    internal double[] SharedPrices { get; }

    internal double[] SharedLoad { get; }

    /// <summary>Where each workload runs, in the order of the state.</summary>
    public IEnumerable<Placed> Placements()
    {
        foreach (var site in Sites)
        {
            for (var item = 0; item < site.Table.Items; item++)
                yield return new Placed(site.Site.Workloads[item], site.PlaceOf(item));
        }
    }

    /// <summary>Where the workloads of one site run; the same object while nothing there changed.</summary>
    /// <param name="site">By its number in the state.</param>
    public IReadOnlyList<Placed> PlacementsOf(int site) => Sites[site].Placements;

    /// <summary>Why a workload is where it is, and what would have to change to move it.</summary>
    /// <param name="site">By its number in the state.</param>
    /// <param name="workload">By its number in the site.</param>
    public Explanation Explain(int site, int workload) => new PlanExplainer(this, site, workload).Explain();

    /// <summary>As <see cref="Explain(int, int)"/>, by names; null when the fleet has no such workload.</summary>
    public Explanation? Explain(string device, string workload)
    {
        for (var site = 0; site < Sites.Length; site++)
        {
            var workloads = Sites[site].Site.Workloads;
            for (var item = 0; item < workloads.Count; item++)
            {
                if (workloads[item].Name == workload && workloads[item].Device == device)
                    return Explain(site, item);
            }
        }

        return null;
    }
}
