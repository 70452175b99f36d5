using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Api.Common;
using LeptonEdge.Hub.Planning;

namespace LeptonEdge.Hub.Api;

/// <summary>What of a plan a caller sees.</summary>
internal static class PlanSight
{
    public static bool Sees(FleetState fleet, Caller caller, string device) =>
        caller.Sites is null || (RequestRange.Device(device, out var id) is null && fleet.Sees(caller, id));

    public static PlanResponse For(this PlanResponse plan, FleetState fleet, Caller caller) => caller.Sites is null
        ? plan
        : plan with
        {
            Placements = [.. plan.Placements.Where(place => Sees(fleet, caller, place.Device))],
            Moves = [.. plan.Moves.Where(move => Sees(fleet, caller, move.Device))],
        };

    public static DecisionView For(this DecisionView plan, FleetState fleet, Caller caller) => caller.Sites is null
        ? plan
        : plan with { Moves = [.. plan.Moves.Where(move => Sees(fleet, caller, move.Device))] };

    public static PlanControlsView For(this PlanControlsView controls, FleetState fleet, Caller caller) =>
        caller.Sites is null
            ? controls
            : controls with
            {
                Pins = [.. controls.Pins.Where(pin => Sees(fleet, caller, pin.Device))],
                Drained = [.. controls.Drained.Where(node => Sees(fleet, caller, node))],
            };
}
