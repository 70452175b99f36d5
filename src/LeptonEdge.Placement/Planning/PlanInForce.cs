using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Placement.Planning;

/// <summary>Where one workload runs by the plan in force.</summary>
/// <param name="Before">Where it ran before; null when it never moved.</param>
/// <param name="Preparing">It still runs where it was: its new place is not ready yet.</param>
/// <param name="Reason">One sentence for the operator, with the figures that decided it.</param>
public sealed record PlannedPlace(
    string Device, string Workload, RunsAt At, RunsAt? Before, bool Preparing, long SinceMicros, string Reason)
{
    /// <summary>The node that answers.</summary>
    public string Node => At.Node;
}

/// <summary>The plan in force.</summary>
/// <param name="Version">Rises with every plan that differs from the one before it.</param>
/// <param name="CostPerHour">Of the last proposal; 0 before the first.</param>
/// <param name="BoundPerHour">No plan of that fleet could cost less.</param>
/// <param name="Gap">By how much the proposal can be dearer than the best, as a share of the bound.</param>
public sealed record PlanInForce(
    ulong Version, long MadeMicros, IReadOnlyList<PlannedPlace> Places, double CostPerHour, double BoundPerHour,
    double Gap);

/// <summary>What one tick changed.</summary>
/// <param name="Changed">The plan in force is another one now.</param>
/// <param name="Inputs">From which the moves can be recomputed; null when nothing was decided.</param>
public sealed record PlanStep(
    bool Changed, IReadOnlyList<DecidedMove> Moves, DecisionInputs? Inputs, PlanDecision? Decision)
{
    public static PlanStep None { get; } = new(false, [], null, null);
}

/// <summary>What the planner thinks of a device.</summary>
/// <param name="Distrust">Why its reports are not believed; null while they are.</param>
/// <param name="SeenMicros">When it was last heard.</param>
/// <param name="MeasuredMicros">Age of the figures that it is planned with.</param>
/// <param name="ForeignCores">Load that is not the plan's.</param>
public sealed record DeviceStanding(
    string Device, bool Down, bool Drained, string? Distrust, long SeenMicros, long MeasuredMicros, double ForeignCores,
    double PlacedCores, double CapacityCores);

/// <summary>Why a workload is where it is.</summary>
/// <param name="Options">Every place it could run at, the cheapest first, places that limits rule out last.</param>
/// <param name="Waiting">A move that would be worth it; null when there is none.</param>
/// <param name="Solver">What the solver says of it.</param>
public sealed record PlaceExplanation(
    PlannedPlace Place, IReadOnlyList<PlaceOption> Options, WaitingMove? Waiting, string? Solver);

/// <summary>One place at which a workload could run.</summary>
/// <param name="Limit">What rules it out; null when nothing does.</param>
public sealed record PlaceOption(RunsAt At, double LatencySeconds, double CostPerHour, string? Limit);
