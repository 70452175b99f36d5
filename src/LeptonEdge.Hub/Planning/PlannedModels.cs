using LeptonEdge.Core.Plans;
using LeptonEdge.Placement.Planning;
using LeptonEdge.Placement.Solving;
using LeptonEdge.Protocol.V1;

namespace LeptonEdge.Hub.Planning;

/// <summary>The models that devices name, with what they cost on the hub's nodes. What they cost on devices the planner
/// measures.</summary>
/// <param name="stages">Of a model, by its name on the hub, on each node that answers for it.</param>
internal sealed class PlannedModels(Func<string, IEnumerable<StageProfile>> stages)
{
    // Names come from devices.
    private const int ModelsMax = 4096;

    private readonly SortedDictionary<string, ModelProfile> _models = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Model, string Recipe), FarPart> _parts = [];

    /// <summary>Takes note of the models of a report, and of the ways to run them that it offers.</summary>
    /// <returns>True when one of them is new.</returns>
    public bool Note(DeviceReport report, ReportedState state)
    {
        var isNew = false;
        for (var at = 0; at < report.Workloads.Count; at++)
        {
            var model = report.Workloads[at].Model;
            if (!_models.ContainsKey(model) && _models.Count >= ModelsMax)
                continue;
            var hasNewPart = false;
            foreach (var (recipe, part) in OfferedChoices.Parts(report.Device, state.Workloads[at]))
                hasNewPart |= Note((model, recipe), part);
            if (!hasNewPart && _models.ContainsKey(model))
                continue;
            _models[model] = Describe(model);
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
            if (IsSame(known, fresh))
                continue;
            _models[name] = fresh;
            changed = true;
        }

        return changed;
    }

    public IReadOnlyList<ModelProfile> ToList() => [.. _models.Values];

    // Who told first has the word: two devices whose models are cut otherwise must not make it another one with each
    // report.
    private bool Note((string Model, string Recipe) key, FarPart part)
    {
        if (_parts.TryGetValue(key, out var known) && (known == part || known.Device != part.Device))
            return false;
        _parts[key] = part;
        return true;
    }

    private ModelProfile Describe(string name)
    {
        var whole = new Recipe(PlanNames.Whole, ReportReader.HubModelOf(name) is { } model ? [.. stages(model)] : []);
        return new ModelProfile(
            name,
            [
                whole, .. Parts(name, PlanNames.Cascade, OffloadChoices.Cascade),
                .. Parts(name, PlanNames.Split, OffloadChoices.Split),
            ]);
    }

    // What the device runs of it the planner measures. What nobody on the hub has, is no choice.
    private IEnumerable<Recipe> Parts(string model, string recipe, OffloadChoices choice)
    {
        if (_parts.TryGetValue((model, recipe), out var part) && stages(part.Model).ToList() is { Count: > 0 } far)
            yield return new Recipe(recipe, []) { Far = far, CutBytes = part.CutBytes, Choice = choice };
    }

    private static bool IsSame(ModelProfile one, ModelProfile other) =>
        one.Recipes.Count == other.Recipes.Count && one.Recipes.Zip(other.Recipes).All(pair =>
            pair.First.Name == pair.Second.Name && pair.First.CutBytes == pair.Second.CutBytes
            && pair.First.Near.SequenceEqual(pair.Second.Near) && pair.First.Far.SequenceEqual(pair.Second.Far));
}
