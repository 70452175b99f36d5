namespace LeptonEdge.Hub.Api;

/// <summary>The plan in force.</summary>
/// <param name="Moves">The latest moves, newest first.</param>
/// <param name="CostPerHour">Money per hour of what the solver proposed last, in the currency of the prices.</param>
/// <param name="BoundPerHour">No plan could cost less.</param>
/// <param name="Gap">By how much the proposal can be dearer than the best one, as a share of the bound; null while that
/// is not known.</param>
public sealed record PlanResponse(
    ulong Version, long MadeMicros, IReadOnlyList<PlacementView> Placements, IReadOnlyList<MoveView> Moves,
    double CostPerHour, double BoundPerHour, double? Gap);

/// <param name="Place"><c>local</c>, <c>peer</c> or <c>hub</c>.</param>
/// <param name="Node">Name of the device, worker or pool that answers.</param>
/// <param name="Recipe">How the model is run: <c>whole</c>, or the name of a split.</param>
/// <param name="Before">The place that it had before; null when it never moved.</param>
/// <param name="Preparing">It still runs where it was: its new place is not ready yet.</param>
public sealed record PlacementView(
    string Device, string Workload, string Place, string Node, string Recipe, string? Before, string? NodeBefore,
    bool Preparing, string Reason, long SinceMicros);

/// <param name="Cause">Why it moved, in one word, such as <c>threatened</c> or <c>gain</c>.</param>
public sealed record MoveView(
    string Device, string Workload, string From, string To, string FromNode, string ToNode, string Cause, string Reason,
    long TimeMicros);
