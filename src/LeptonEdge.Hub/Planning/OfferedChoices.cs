using LeptonEdge.Core.Plans;
using LeptonEdge.Placement.Planning;
using LeptonEdge.Protocol.V1;

namespace LeptonEdge.Hub.Planning;

/// <summary>What the hub computes of a model that runs in two parts.</summary>
/// <param name="Device">Who said so.</param>
/// <param name="Model">Its name on the hub.</param>
/// <param name="CutBytes">What crosses for each window; null for the window itself.</param>
internal sealed record FarPart(string Device, string Model, double? CutBytes);

/// <summary>The ways in which a device offers to have a workload answered, as the planner reads them.</summary>
internal static class OfferedChoices
{
    /// <summary>More of one workload are not read.</summary>
    public const int ChoicesMax = 16;

    private const int NameMax = 200;
    private const ulong CutBytesMax = 64 * 1024 * 1024;

    /// <summary>Name of the recipe by which it runs now.</summary>
    public static string RecipeOf(ReportedWorkload reported) => NameOf(reported.Recipe);

    public static RecipeCode CodeOf(string recipe) => recipe switch
    {
        PlanNames.Cascade => RecipeCode.Cascade,
        PlanNames.Split => RecipeCode.Split,
        _ => RecipeCode.Whole,
    };

    /// <summary>The ways that it does not offer. A device from before choices offers itself and the hub.</summary>
    public static OffloadChoices Excluded(ReportedWorkload reported)
    {
        if (reported.Choices.Count == 0)
            return OffloadChoices.Cascade | OffloadChoices.Split;
        var offered = OffloadChoices.None;
        foreach (var choice in reported.Choices.Take(ChoicesMax))
            offered |= WayOf(choice);
        return OffloadChoices.All & ~offered;
    }

    public static ReportedChoice? Find(ReportedWorkload reported, OffloadCode way) =>
        reported.Choices.Take(ChoicesMax).FirstOrDefault(choice => choice.Way == way);

    /// <summary>What the hub would compute, by recipe.</summary>
    public static IEnumerable<(string Recipe, FarPart Part)> Parts(string device, ReportedWorkload reported)
    {
        if (Find(reported, OffloadCode.Cascade) is { } cascade && IsName(cascade.FarModel))
            yield return (PlanNames.Cascade, new FarPart(device, cascade.FarModel, null));
        if (Find(reported, OffloadCode.Split) is { CutBytes: <= CutBytesMax } split && IsName(split.FarModel))
            yield return (PlanNames.Split, new FarPart(device, split.FarModel, split.CutBytes));
    }

    /// <summary>As operators name it.</summary>
    public static OffloadCode? WayOf(string recipe) => recipe switch
    {
        PlanNames.Cascade => OffloadCode.Cascade,
        PlanNames.Split => OffloadCode.Split,
        _ => null,
    };

    private static string NameOf(RecipeCode recipe) => recipe switch
    {
        RecipeCode.Cascade => PlanNames.Cascade,
        RecipeCode.Split => PlanNames.Split,
        _ => PlanNames.Whole,
    };

    private static OffloadChoices WayOf(ReportedChoice choice) => choice.Way switch
    {
        OffloadCode.Local => OffloadChoices.Local,
        OffloadCode.Hub => OffloadChoices.Hub,
        OffloadCode.Cascade => OffloadChoices.Cascade,
        OffloadCode.Split => OffloadChoices.Split,
        _ => OffloadChoices.None,
    };

    private static bool IsName(string model) => model.Length is > 0 and <= NameMax;
}
