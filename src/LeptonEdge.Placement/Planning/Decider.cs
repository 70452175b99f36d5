using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Placement.Planning;

/// <summary>From a fleet's state to the moves that begin now. Pure: recomputing from the same inputs gives the same
/// moves.</summary>
/// <remarks>The solver says where everything should be in the end; this says what of it is done now, one move after the
/// other, so that no move takes room that another has not left yet. What limits force comes first. What is merely
/// cheaper waits for its hold time, for calm at its target and for its turn.</remarks>
public static class Decider
{
    /// <param name="start">Where the solver starts from; null for a solve anew.</param>
    public static PlanDecision Decide(DecisionInputs inputs, IFleetSolver solver, object? start = null) =>
        new DecisionRound(inputs, solver.Solve(inputs.Fleet, start)).Run();
}
