using LeptonEdge.Hub.Planning;
using LeptonEdge.Placement.Planning;
using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Hub.Api;

/// <summary>From the planner's types to what the API says.</summary>
internal static class PlanViews
{
    public static PlanControlsView Of(PlanControls controls) => new(
        [.. controls.Pins.Select(pin => new PinView(pin.Device, pin.Workload, pin.Node, pin.Recipe))],
        controls.Drained,
        [.. controls.Blackouts.Select(b => new BlackoutView(Clock(b.From), Clock(b.To), [.. Days(b.Days)]))]);

    public static PlanDeviceView Of(DeviceStanding device) => new(
        device.Device, device.Down, device.Drained, device.Distrust, device.SeenMicros, device.MeasuredMicros,
        Views.Number(device.ForeignCores), Views.Number(device.PlacedCores), Views.Number(device.CapacityCores));

    public static ExplanationView Of(PlaceExplanation explanation) => new(
        Views.Of(explanation.Place), explanation.Solver, explanation.Waiting is { } waiting ? Of(waiting) : null,
        [.. explanation.Options.Select(option => new PlaceOptionView(
            option.At.Node, option.At.Recipe, Views.Finite(option.LatencySeconds),
            Views.Finite(option.CostPerHour), option.Limit))]);

    public static DryRunView Of(PlanDecision decision) => new(
        [.. decision.Moves.Select(Of)], [.. decision.Waiting.Select(Of)],
        [.. decision.Homeless.Select(entry => new HomelessView(entry.Device, entry.Workload, entry.Reason))],
        decision.Proposal.CostPerHour, decision.Proposal.BoundPerHour, Views.Finite(decision.Proposal.Gap));

    public static DecisionView Of(PlanRecord plan, bool recomputable) => new(
        plan.Plan.Version, plan.Plan.MadeMicros, [.. plan.Latest.Select(Views.Of)], plan.Plan.CostPerHour,
        plan.Plan.BoundPerHour, Views.Finite(plan.Plan.Gap), recomputable);

    public static RecomputedView Of(ulong version, RecordedDecision recorded, PlanDecision again) => new(
        version, recorded.IsSame(again), [.. recorded.Moves.Select(Of)], [.. again.Moves.Select(Of)],
        recorded.CostPerHour, again.Proposal.CostPerHour);

    private static DecidedMoveView Of(DecidedMove move) => new(
        move.Device, move.Workload, move.From.Say(), move.To.Say(), move.Cause.ToString().ToLowerInvariant(),
        move.GainPerHour, move.Reason);

    private static WaitingMoveView Of(WaitingMove move) => new(
        move.Device, move.Workload, move.From.Say(), move.To.Say(), move.GainPerHour, move.WaitsFor);

    private static string Clock(TimeSpan time) =>
        time == TimeSpan.FromDays(1) ? "24:00" : $"{time.Hours:00}:{time.Minutes:00}";

    private static IEnumerable<string> Days(int days) => new[] { "sun", "mon", "tue", "wed", "thu", "fri", "sat" }
        .Where((_, day) => ((days >> day) & 1) != 0);
}
