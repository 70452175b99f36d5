using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Placement.Planning;

/// <summary>Proposals with a proven bound, by <see cref="PlacementSolver"/>. A start is the plan of an earlier
/// proposal: sites that kept their object keep their part of it.</summary>
public sealed class LagrangianSolver(SolverOptions? options = null) : IFleetSolver
{
    private readonly SolverOptions _options = options ?? new SolverOptions();

    // Prices and places of the last plan are nearly right already.
    private readonly SolverOptions _again = Less(options ?? new SolverOptions());

    /// <exception cref="ArgumentException">The state is not sound; the message names each fault.</exception>
    public Proposal Solve(FleetState fleet, object? start)
    {
        var result = start is FleetPlan last
            ? PlacementSolver.Resolve(fleet, last, _again)
            : PlacementSolver.Solve(fleet, _options);
        if (result is not SolveResult.Solved { Plan: var plan })
            throw new ArgumentException(string.Join("; ", ((SolveResult.Refused)result).Faults), nameof(fleet));
        var places = new List<RunsAt?>();
        var firsts = new int[fleet.Sites.Count];
        for (var site = 0; site < fleet.Sites.Count; site++)
        {
            firsts[site] = places.Count;
            foreach (var placed in plan.PlacementsOf(site))
                places.Add(placed.Place);
        }

        return new Proposal(places, plan.Cost, plan.Bound, plan) { Explain = Explain };

        string Explain(int index)
        {
            var site = Array.FindLastIndex(firsts, first => first <= index);
            var explanation = plan.Explain(site, index - firsts[site]);
            return $"{explanation.Why} {explanation.ToMove}";
        }
    }
    private static SolverOptions Less(SolverOptions options) => options with
    {
        PriceRounds = Math.Max(1, options.PriceRounds / 3), ChainsPerWorkload = options.ChainsPerWorkload / 4,
        KeepWithin = options.GapEnough,
    };
}
