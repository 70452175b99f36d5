namespace LeptonEdge.Placement.Solving;

/// <summary>From a fleet's state to a plan with a proven bound: pure functions. The same arguments give the same plan,
/// on any machine and with any number of threads.</summary>
/// <remarks>
/// Lagrangian relaxation prices every capacity (<see cref="FleetDual"/>): that gives the bound, and a plan that fits
/// almost. Ejection chains under falling temperature (<see cref="SiteSearch"/>) make it fit and improve it; before
/// them, in a fleet that is searched as one, workloads are placed node by node (<see cref="NodeRounds"/>). A fleet that
/// is too large for that is searched site by site (<see cref="LaneSearch"/>), and <see cref="SharedRoom"/> settles what
/// they share. A capacity is kept to a billionth of itself.
/// </remarks>
public static class PlacementSolver
{
    /// <summary>A plan for the whole fleet, from nothing but its state.</summary>
    public static SolveResult Solve(FleetState fleet, SolverOptions? options = null)
    {
        var faults = SnapshotCheck.Faults(fleet);
        return faults.Count > 0
            ? new SolveResult.Refused(faults)
            : new SolveResult.Solved(FullSolve.Run(fleet, options ?? new SolverOptions(), last: null));
    }

    /// <summary>A plan for a fleet that was solved before and has changed since: starts from the last prices.</summary>
    /// <param name="fleet">A site that did not change keeps its object, and with it its part of the last plan. While
    /// models, prices, workers and pools are the same too, only the other sites are solved again.</param>
    /// <param name="last">What the last solve gave. A workload of which the state does not say where it runs counts as
    /// running where this has it.</param>
    public static SolveResult Resolve(FleetState fleet, FleetPlan last, SolverOptions? options = null)
    {
        options ??= new SolverOptions();
        var local = last.Index.SharesAllWith(fleet);
        var known = local ? new HashSet<SiteState>(last.Fleet.Sites, ReferenceEqualityComparer.Instance) : [];
        var faults = SnapshotCheck.Faults(fleet, site => !known.Contains(site));
        if (faults.Count > 0)
            return new SolveResult.Refused(faults);
        var few = fleet.Sites.Sum(site => site.Workloads.Count) <= options.WorkloadsAsOne;
        return new SolveResult.Solved(
            local && !few ? new PartSolve(fleet, last, options).Run() : FullSolve.Run(fleet, options, last));
    }
}
