namespace LeptonEdge.Placement.Solving;

/// <summary>The part of <see cref="SnapshotCheck"/> that looks at models.</summary>
internal static class ModelCheck
{
    /// <summary>Adds every fault; returns the names that are there.</summary>
    public static HashSet<string> Check(IReadOnlyList<ModelProfile> models, FaultList faults)
    {
        var names = new HashSet<string>();
        foreach (var model in models)
        {
            var place = $"model {model.Name}";
            if (!names.Add(model.Name))
                faults.Add($"{place}: the name is there twice");
            if (model.Recipes.Count == 0)
                faults.Add($"{place}: has no recipe");
            var recipes = new HashSet<string>();
            foreach (var recipe in model.Recipes)
            {
                if (!recipes.Add(recipe.Name))
                    faults.Add($"{place}, recipe {recipe.Name}: the name is there twice");
                CheckRecipe($"{place}, recipe {recipe.Name}", recipe, faults);
            }
        }

        return names;
    }

    private static void CheckRecipe(string place, Recipe recipe, FaultList faults)
    {
        if (!(recipe.FarShare is >= 0 and <= 1))
            faults.Add(place, "far share", recipe.FarShare, "must be 0 to 1");
        if (recipe.CutBytes is { } cut && !SnapshotCheck.IsAmount(cut))
            faults.Add(place, "cut bytes", cut, "must be 0 or more and finite");
        CheckStages($"{place}, near part", recipe.Near, faults);
        CheckStages($"{place}, far part", recipe.Far, faults);
    }

    private static void CheckStages(string place, IReadOnlyList<StageProfile> stages, FaultList faults)
    {
        var boards = new HashSet<string>();
        foreach (var stage in stages)
        {
            if (!boards.Add(stage.Board))
                faults.Add($"{place}, board {stage.Board}: the name is there twice");
            Amount("core-seconds", stage.CoreSeconds);
            Amount("accelerator-seconds", stage.AcceleratorSeconds);
            Amount("memory bytes", stage.MemoryBytes);
            Amount("joules", stage.Joules);
            Amount("service seconds", stage.ServiceSeconds);

            void Amount(string what, double value)
            {
                if (!SnapshotCheck.IsAmount(value))
                    faults.Add($"{place}, board {stage.Board}", what, value, "must be 0 or more and finite");
            }
        }
    }
}

/// <summary>Faults found so far.</summary>
internal sealed class FaultList
{
    private readonly List<string> _sentences = [];

    public IReadOnlyList<string> Sentences => _sentences;

    public void Add(string sentence) => _sentences.Add(sentence);

    public void Add(string place, string what, double value, string rule) =>
        _sentences.Add(FormattableString.Invariant($"{place}: {what} {value} {rule}"));
}
