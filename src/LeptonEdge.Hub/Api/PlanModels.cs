using System.Text.Json.Serialization;

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

/// <summary>Where a workload is, and why.</summary>
/// <param name="Place"><c>local</c>, <c>peer</c> or <c>hub</c>.</param>
/// <param name="Node">Name of the device, worker or pool that answers.</param>
/// <param name="Recipe">How the model is run: <c>whole</c>, or on the device and the node together: <c>cascade</c>,
/// <c>split</c>.</param>
/// <param name="Before">The place that it had before; null when it never moved.</param>
/// <param name="Preparing">It still runs where it was: its new place is not ready yet.</param>
public sealed record PlacementView(
    string Device, string Workload, string Place, string Node, string Recipe, string? Before, string? NodeBefore,
    string? RecipeBefore, bool Preparing, string Reason, long SinceMicros);

/// <param name="Cause">Why it moved, in one word, such as <c>threatened</c> or <c>gain</c>.</param>
public sealed record MoveView(
    string Device, string Workload, string From, string To, string FromNode, string ToNode, string FromRecipe,
    string ToRecipe, string Cause, string Reason, long TimeMicros);

/// <param name="Faults">Why the fleet's state could not be planned with; the plan in force stays then.</param>
public sealed record PlanDeviceList(
    IReadOnlyList<PlanDeviceView> Items, string? Next, IReadOnlyList<string> Faults);

/// <param name="Down">It was not heard for too long.</param>
/// <param name="Distrust">Why its reports are not believed; null while they are.</param>
/// <param name="MeasuredMicros">When the figures that it is planned with were measured.</param>
/// <param name="ForeignCores">Load that is not the plan's.</param>
/// <param name="PlacedCores">What the plan has given it.</param>
public sealed record PlanDeviceView(
    string Device, bool Down, bool Drained, string? Distrust, long SeenMicros, long MeasuredMicros, double ForeignCores,
    double PlacedCores, double CapacityCores);

/// <param name="Why">What binds it, and the least change that would move it, as the solver says.</param>
/// <param name="Waiting">A move that would be worth it, and what it waits for; null when there is none.</param>
/// <param name="Options">Every place, the cheapest first, places that a limit rules out last.</param>
public sealed record ExplanationView(
    PlacementView Placement, string? Why, WaitingMoveView? Waiting, IReadOnlyList<PlaceOptionView> Options);

/// <param name="LatencySeconds">99th percentile; null where it cannot be told.</param>
/// <param name="Limit">What rules it out; null when nothing does.</param>
public sealed record PlaceOptionView(
    string Node, string Recipe, double? LatencySeconds, double? CostPerHour, string? Limit);

/// <param name="GainPerHour">Money that it saves; negative where a limit makes it dearer.</param>
public sealed record DecidedMoveView(
    string Device, string Workload, string From, string To, string Cause, double GainPerHour, string Reason);

public sealed record WaitingMoveView(
    string Device, string Workload, string From, string To, double GainPerHour, string WaitsFor);

/// <summary>A workload that fits nowhere.</summary>
public sealed record HomelessView(string Device, string Workload, string Reason);

/// <param name="Recipe"><c>whole</c>, <c>cascade</c> or <c>split</c>; null leaves that to the planner.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record PinRequest(string Node, string? Recipe = null);

/// <summary>Controls to try, on top of those in force.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record DryRunRequest(
    IReadOnlyList<PinView>? Pin = null, IReadOnlyList<PinnedWorkload>? Unpin = null,
    IReadOnlyList<string>? Drain = null, IReadOnlyList<string>? Undrain = null);

/// <summary>A workload that shall be pinned no more.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record PinnedWorkload(string Device, string Workload);

public sealed record DryRunView(
    IReadOnlyList<DecidedMoveView> Moves, IReadOnlyList<WaitingMoveView> Waiting, IReadOnlyList<HomelessView> Homeless,
    double CostPerHour, double BoundPerHour, double? Gap);

public sealed record PlanControlsView(
    IReadOnlyList<PinView> Pins, IReadOnlyList<string> Drained, IReadOnlyList<BlackoutView> Blackouts);

public sealed record PinView(string Device, string Workload, string Node, string? Recipe = null);

/// <summary>Times of the day, UTC; the days on which it begins.</summary>
public sealed record BlackoutView(string From, string To, IReadOnlyList<string> Days);

/// <param name="Moves">Those that led to this plan, newest first.</param>
/// <param name="Recomputable">Its inputs are kept.</param>
public sealed record DecisionView(
    ulong Version, long MadeMicros, IReadOnlyList<MoveView> Moves, double CostPerHour, double BoundPerHour, double? Gap,
    bool Recomputable);

/// <param name="Same">Deciding again came to the same moves at the same cost.</param>
public sealed record RecomputedView(
    ulong Version, bool Same, IReadOnlyList<DecidedMoveView> Recorded, IReadOnlyList<DecidedMoveView> Recomputed,
    double RecordedCostPerHour, double RecomputedCostPerHour);
