using LeptonEdge.Placement.Planning;
using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Hub.Planning;

/// <summary>How long one inference takes once it runs, seconds.</summary>
public readonly record struct ServiceProfile(double MeanSeconds, double P99Seconds);

/// <summary>The models that devices name, with what they cost on the hub. What they cost on devices the planner
/// measures.</summary>
/// <param name="profile">Of a model that the hub serves, by its name; null for one that it does not.</param>
internal sealed class PlannedModels(Func<string, ServiceProfile?> profile)
{
    // Names come from devices.
    private const int ModelsMax = 4096;

    private readonly SortedDictionary<string, ModelProfile> _models = new(StringComparer.Ordinal);

    /// <summary>Takes note of the models of a report.</summary>
    /// <returns>True when one of them is new.</returns>
    public bool Note(DeviceReport report)
    {
        var isNew = false;
        foreach (var workload in report.Workloads)
        {
            if (_models.ContainsKey(workload.Model) || _models.Count >= ModelsMax)
                continue;
            _models.Add(workload.Model, Describe(workload.Model));
            isNew = true;
        }

        return isNew;
    }

    /// <summary>Asks again what the hub serves.</summary>
    /// <returns>True when that changed.</returns>
    public bool Refresh()
    {
        var changed = false;
        foreach (var (name, known) in _models.ToArray())
        {
            var fresh = Describe(name);
            if (known.Recipes[0].Near.SequenceEqual(fresh.Recipes[0].Near))
                continue;
            _models[name] = fresh;
            changed = true;
        }

        return changed;
    }

    public IReadOnlyList<ModelProfile> ToList() => [.. _models.Values];

    private ModelProfile Describe(string name)
    {
        var stages = ReportReader.HubModelOf(name) is { } model && profile(model) is { } cost
            ? new[] { new StageProfile(ReportReader.Hub, cost.MeanSeconds, 0, 0, 0, cost.P99Seconds) }
            : [];
        return new ModelProfile(name, [new Recipe(PlanNames.Whole, stages)]);
    }
}
