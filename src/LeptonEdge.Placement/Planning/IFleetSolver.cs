using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Placement.Planning;

/// <summary>From a fleet's state to where each workload should run. Pure: the same state and the same start give the
/// same proposal.</summary>
public interface IFleetSolver
{
    /// <param name="fleet">Sound.</param>
    /// <param name="start">What an earlier proposal ended with (<see cref="Proposal.End"/>); null solves anew.</param>
    Proposal Solve(FleetState fleet, object? start);
}

/// <summary>Where each workload should run.</summary>
/// <param name="Places">Workloads in the order of the fleet's sites; null where one fits nowhere.</param>
/// <param name="CostPerHour">Money per hour of the whole proposal.</param>
/// <param name="BoundPerHour">No plan can cost less than this.</param>
/// <param name="End">To start the next solve from; null when a solve always begins anew.</param>
public sealed record Proposal(
    IReadOnlyList<RunsAt?> Places, double CostPerHour, double BoundPerHour, object? End)
{
    /// <summary>By how much the proposal can be dearer than the best plan there is, as a share of the bound.</summary>
    public double Gap => BoundPerHour > 0
        ? Math.Max(0, (CostPerHour - BoundPerHour) / BoundPerHour)
        : CostPerHour > 0 ? double.PositiveInfinity : 0;

    /// <summary>What is said of one workload, by its place in <see cref="Places"/>: what binds it, and what would have
    /// to change; null where the solver says nothing.</summary>
    public Func<int, string?>? Explain { get; init; }
}
