using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Placement.Planning;

/// <summary>What each model costs on each board: as given, and as measured by the devices that run it.</summary>
/// <remarks>What was given is believed. Measured costs fill what is missing, and are told on only when they changed by
/// much: every change of a profile makes the whole fleet's options anew.</remarks>
internal sealed class ProfileBook
{
    private const double Noticeable = 0.15;
    private static readonly TimeSpan Constant = TimeSpan.FromSeconds(30);
    private readonly Dictionary<(string Model, string Board, string Recipe), Measurement> _measured = [];
    private readonly Dictionary<(string Model, string Board), StageProfile> _stages = [];
    private readonly Dictionary<(string Model, string Recipe), Recipe> _parts = [];
    private readonly HashSet<string> _names = [];
    private IReadOnlyList<ModelProfile> _given = [];

    /// <summary>Replaced whole when something changed.</summary>
    public IReadOnlyList<ModelProfile> Models { get; private set; } = [];

    public void Give(IReadOnlyList<ModelProfile> models)
    {
        _given = models;
        Build();
    }

    public bool Knows(string model) => _names.Contains(model);

    /// <summary>What it takes on some other board: the guess for one that nobody has measured; null while none is
    /// known.</summary>
    public double? Guess(string model) =>
        _stages.FirstOrDefault(pair => pair.Key.Model == model).Value is { } stage
            ? Math.Max(stage.CoreSeconds, stage.AcceleratorSeconds)
            : null;

    /// <summary>Cost of the whole model on a board; null while unknown.</summary>
    public StageProfile? Find(string model, string board) => _stages.GetValueOrDefault((model, board));

    /// <summary>A recipe in two parts; null when the model has none of that name.</summary>
    public Recipe? FindParts(string model, string recipe) => _parts.GetValueOrDefault((model, recipe));

    /// <summary>Cost of the part that runs on the device, or of the whole model; null while unknown.</summary>
    public StageProfile? FindNear(string model, string recipe, string board) =>
        recipe != Whole && FindParts(model, recipe) is { } parts ? StageOf(parts.Near, board) : Find(model, board);

    /// <summary>Cost of the second part; null while unknown.</summary>
    public StageProfile? FindFar(string model, string recipe, string board) =>
        FindParts(model, recipe) is { } parts ? StageOf(parts.Far, board) : null;

    /// <summary>Takes a device's measurement of a model that it runs whole.</summary>
    /// <returns>True when the profiles changed by it.</returns>
    public bool Measure(string model, string board, in MeasuredCost cost, long nowMicros) =>
        Measure((model, board, Whole), cost, nowMicros);

    /// <summary>Takes a device's measurement of the first layers of a split model.</summary>
    /// <returns>True when the profiles changed by it.</returns>
    public bool MeasureSplit(string model, string board, in MeasuredCost cost, long nowMicros) =>
        Measure((model, board, PlanNames.Split), cost, nowMicros);

    private bool Measure(
        (string Model, string Board, string Recipe) key, in MeasuredCost cost, long nowMicros)
    {
        if (!(cost.Seconds > 0))
            return false;
        if (!_measured.TryGetValue(key, out var measurement))
        {
            // What is known and was not measured was given.
            var known = key.Recipe == Whole
                ? Find(key.Model, key.Board)
                : StageOf(FindParts(key.Model, key.Recipe)?.Near ?? [], key.Board);
            if (known is not null)
                return false;
            _measured[key] = measurement = new Measurement();
        }

        measurement.Take(cost, nowMicros);
        if (!measurement.Told(Noticeable))
            return false;
        Build();
        return true;
    }

    private void Build()
    {
        _stages.Clear();
        _parts.Clear();
        _names.Clear();
        var models = new Dictionary<string, ModelProfile>();
        foreach (var model in _given)
            models[model.Name] = model with { Recipes = [.. model.Recipes.Select(recipe => Given(recipe, model))] };
        foreach (var ((name, board, measured), measurement) in _measured.OrderBy(pair => pair.Key))
        {
            var stage = measurement.ToStage(board);
            var model = models.GetValueOrDefault(name) ?? new ModelProfile(name, [new Recipe(Whole, [])]);
            var recipes = model.Recipes.Select(
                recipe => NearOf(recipe) == measured ? With(recipe, stage) : recipe);
            models[name] = model with { Recipes = [.. recipes] };
        }

        Models = [.. models.Values.OrderBy(model => model.Name, StringComparer.Ordinal)];
        foreach (var model in Models)
        {
            _names.Add(model.Name);
            foreach (var recipe in model.Recipes)
            {
                if (recipe.InTwoParts)
                    _parts[(model.Name, recipe.Name)] = recipe;
                foreach (var stage in recipe.InTwoParts ? [] : recipe.Near)
                    _stages.TryAdd((model.Name, stage.Board), stage);
            }
        }
    }

    /// <summary>Name of the recipe that runs a model in one piece.</summary>
    public const string Whole = PlanNames.Whole;

    // What the device runs of a cascade is the whole of its own model.
    private static string NearOf(Recipe recipe) =>
        recipe.InTwoParts && recipe.Choice != OffloadChoices.Cascade ? recipe.Name : Whole;

    private static Recipe Given(Recipe recipe, ModelProfile model) =>
        recipe.InTwoParts && NearOf(recipe) == Whole
            ? model.Recipes.Where(whole => !whole.InTwoParts).SelectMany(whole => whole.Near).Aggregate(recipe, With)
            : recipe;

    private static StageProfile? StageOf(IReadOnlyList<StageProfile> stages, string board) =>
        stages.FirstOrDefault(stage => stage.Board == board);

    private static Recipe With(Recipe recipe, StageProfile stage) =>
        StageOf(recipe.Near, stage.Board) is null ? recipe with { Near = [.. recipe.Near, stage] } : recipe;

    private sealed class Measurement
    {
        private Measured _mean;
        private Measured _p99;
        private double _watts;
        private double _memory;
        private bool _onAccelerator;
        private double _toldMean;
        private double _toldP99;
        private double _toldMemory;

        public void Take(in MeasuredCost cost, long nowMicros)
        {
            (_watts, _onAccelerator) = (cost.Watts, cost.OnAccelerator);
            // Of devices that measured it otherwise, the one that needs most.
            _memory = Math.Max(_memory, cost.MemoryBytes);
            _mean.Take(cost.Seconds, nowMicros, Constant);
            // An exponential service time has its p99 at ln(100) means: the guess while none was measured.
            _p99.Take(
                cost.P99Seconds > 0 ? cost.P99Seconds : cost.Seconds * Math.Log(100), nowMicros, Constant);
        }

        public bool Told(double noticeable)
        {
            if (Math.Abs(_mean.Value - _toldMean) <= noticeable * _toldMean
                && Math.Abs(_p99.Value - _toldP99) <= noticeable * _toldP99
                && Math.Abs(_memory - _toldMemory) <= noticeable * _toldMemory)
                return false;
            (_toldMean, _toldP99, _toldMemory) = (_mean.Value, _p99.Value, _memory);
            return true;
        }

        // The core that asks an accelerator waits for it: it takes the time of both.
        public StageProfile ToStage(string board) => new(
            board, _toldMean, _onAccelerator ? _toldMean : 0, _toldMemory, _watts * _toldMean,
            Math.Max(_toldMean, _toldP99));
    }
}

/// <summary>What a device measured of a model, or of the first layers of one.</summary>
/// <param name="Watts">What the device draws for it while it computes.</param>
internal readonly record struct MeasuredCost(
    double Seconds, double P99Seconds, double Watts, double MemoryBytes, bool OnAccelerator);
