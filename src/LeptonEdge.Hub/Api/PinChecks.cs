using LeptonEdge.Core.Plans;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Placement.Planning;
using LeptonEdge.Protocol.V1;
using Microsoft.AspNetCore.Http;

namespace LeptonEdge.Hub.Api;

/// <summary>Whether a workload can run as a pin says.</summary>
internal static class PinChecks
{
    private static readonly string[] Recipes = [PlanNames.Whole, PlanNames.Cascade, PlanNames.Split];

    /// <summary>What stands against its recipe; null when nothing does.</summary>
    public static IResult? RecipeFault(HubNodes hub, Pin pin, ReportedWorkload reported)
    {
        if (pin.Recipe is { } named && !Recipes.Contains(named))
            return Problems.BadRequest($"recipe: '{named}' is none of {string.Join(", ", Recipes)}");
        var name = $"{pin.Device}/{pin.Workload}";
        if (pin.Recipe is { } recipe && OfferedChoices.WayOf(recipe) is { } way)
        {
            if (!hub.Has(pin.Node))
                return Problems.BadRequest($"node: the second part of a {recipe} runs on the hub, not on '{pin.Node}'");
            if (OfferedChoices.Find(reported, way) is not { } choice)
                return Problems.Conflict($"{name} offers no {recipe}: add it to 'choices' on the device");
            return hub.Holds(pin.Node, choice.FarModel)
                ? null
                : Problems.Conflict($"node: {pin.Node} does not answer for {choice.FarModel}");
        }

        var (choices, word) = hub.Has(pin.Node) ? (OffloadChoices.Hub, "hub") : (OffloadChoices.Local, "local");
        var others = pin.Recipe is null && hub.Has(pin.Node) ? OffloadChoices.Cascade | OffloadChoices.Split : default;
        return (OfferedChoices.Excluded(reported) & (choices | others)) == (choices | others)
            ? Problems.Conflict($"{name} does not offer '{word}': add it to 'choices' on the device")
            : null;
    }
}
