using LeptonEdge.Placement.Planning;
using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Hub.Planning;

/// <summary>The models that devices name, with what they cost on the hub's nodes. What they cost on devices the planner
/// measures.</summary>
/// <param name="stages">Of a model, by its name on the hub, on each node that answers for it.</param>
internal sealed class PlannedModels(Func<string, IEnumerable<StageProfile>> stages)
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

    private ModelProfile Describe(string name) => new(
        name,
        [new Recipe(PlanNames.Whole, ReportReader.HubModelOf(name) is { } model ? [.. stages(model)] : [])]);
}
