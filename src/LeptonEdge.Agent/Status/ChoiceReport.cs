using LeptonEdge.Agent.Offload;
using LeptonEdge.Agent.Pipeline;
using LeptonEdge.Core.Plans;
using LeptonEdge.Protocol.V1;

namespace LeptonEdge.Agent.Status;

/// <summary>Describes the ways in which a workload may be answered, for the hub's plan to choose from.</summary>
public static class ChoiceReport
{
    public static RecipeCode RecipeOf(WorkloadRoute route) => route.Mode switch
    {
        OffloadMode.Cascade => RecipeCode.Cascade,
        OffloadMode.Split => RecipeCode.Split,
        _ => RecipeCode.Whole,
    };

    /// <summary>What its configuration offers and this device is able to do.</summary>
    public static IEnumerable<ReportedChoice> Of(WorkloadRunner workload)
    {
        var configuration = workload.Configuration;
        var isPlanned = configuration.Offload == OffloadMode.Plan;
        if (!isPlanned || configuration.Choices.HasFlag(OffloadChoices.Local))
            yield return new ReportedChoice { Way = OffloadCode.Local };
        if (workload.Question is not { } whole)
            yield break;
        if (!isPlanned || configuration.Choices.HasFlag(OffloadChoices.Hub))
            yield return new ReportedChoice { Way = OffloadCode.Hub, FarModel = whole.Model.Name };
        if (configuration.OffersCascade)
            yield return Cascade(workload, whole);
        if (configuration.OffersSplit && workload.Split is { First: { } first } split)
            yield return Split(first, split);
    }

    private static ReportedChoice Cascade(WorkloadRunner workload, HubQuestion whole)
    {
        var choice = new ReportedChoice { Way = OffloadCode.Cascade, FarModel = whole.Model.Name };
        if (workload.Unsure?.Read() is var (share, age))
            (choice.FarShare, choice.FarShareAgeSeconds) = (share, age.TotalSeconds);
        return choice;
    }

    private static ReportedChoice Split(FirstStage first, HubQuestion split)
    {
        var runs = first.Latency.Count;
        return new ReportedChoice
        {
            Way = OffloadCode.Split,
            FarModel = split.Model.Name,
            NearSeconds = runs == 0 ? 0 : first.Latency.Sum.TotalSeconds / runs,
            NearP99Seconds = first.Latency.Percentile(0.99).TotalSeconds,
            CutBytes = (ulong)split.WindowBytes,
        };
    }
}
