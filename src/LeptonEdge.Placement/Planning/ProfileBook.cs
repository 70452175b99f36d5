using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Placement.Planning;

/// <summary>What each model costs on each board: as given, and as measured by the devices that run it.</summary>
/// <remarks>What was given is believed. Measured costs fill what is missing, and are told on only when they changed by
/// much: every change of a profile makes the whole fleet's options anew.</remarks>
internal sealed class ProfileBook
{
    private const double Noticeable = 0.15;
    private static readonly TimeSpan Constant = TimeSpan.FromSeconds(30);
    private readonly Dictionary<(string Model, string Board), Measurement> _measured = [];
    private readonly Dictionary<(string Model, string Board), StageProfile> _stages = [];
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
        _stages.FirstOrDefault(pair => pair.Key.Model == model).Value?.CoreSeconds;

    /// <summary>Cost of the whole model, or of its near part, on a board; null while unknown.</summary>
    public StageProfile? Find(string model, string board) => _stages.GetValueOrDefault((model, board));

    /// <summary>Takes a device's measurement of a model that it runs whole.</summary>
    /// <returns>True when the profiles changed by it.</returns>
    public bool Measure(string model, string board, double seconds, double p99Seconds, double watts, long nowMicros)
    {
        if (!(seconds > 0))
            return false;
        var key = (model, board);
        if (!_measured.TryGetValue(key, out var measurement))
        {
            if (_stages.ContainsKey(key))
                return false;
            _measured[key] = measurement = new Measurement();
        }

        measurement.Watts = watts;
        measurement.Mean.Take(seconds, nowMicros, Constant);
        // An exponential service time has its p99 at ln(100) means: the guess while none was measured.
        measurement.P99.Take(p99Seconds > 0 ? p99Seconds : seconds * Math.Log(100), nowMicros, Constant);
        if (!measurement.Told(Noticeable))
            return false;
        Build();
        return true;
    }

    private void Build()
    {
        _stages.Clear();
        _names.Clear();
        var models = new Dictionary<string, ModelProfile>();
        foreach (var model in _given)
            models[model.Name] = model;
        foreach (var ((name, board), measurement) in _measured.OrderBy(pair => pair.Key))
        {
            var stage = new StageProfile(
                board, measurement.ToldMean, 0, 0, measurement.Watts * measurement.ToldMean, Math.Max(measurement.ToldMean, measurement.ToldP99));
            var model = models.GetValueOrDefault(name) ?? new ModelProfile(name, [new Recipe(Whole, [])]);
            models[name] = model with { Recipes = [.. model.Recipes.Select(recipe => With(recipe, stage))] };
        }

        Models = [.. models.Values.OrderBy(model => model.Name, StringComparer.Ordinal)];
        foreach (var model in Models)
        {
            _names.Add(model.Name);
            foreach (var recipe in model.Recipes.Where(recipe => !recipe.InTwoParts))
            {
                foreach (var stage in recipe.Near)
                    _stages.TryAdd((model.Name, stage.Board), stage);
            }
        }
    }

    /// <summary>Name of the recipe that runs a model in one piece.</summary>
    public const string Whole = PlanNames.Whole;

    private static Recipe With(Recipe recipe, StageProfile stage) =>
        recipe.InTwoParts || recipe.Near.Any(known => known.Board == stage.Board)
            ? recipe
            : recipe with { Near = [.. recipe.Near, stage] };

    private sealed class Measurement
    {
        public Measured Mean;
        public Measured P99;

        /// <summary>What a core draws while it computes.</summary>
        public double Watts { get; set; }

        public double ToldMean { get; private set; }

        public double ToldP99 { get; private set; }

        public bool Told(double noticeable)
        {
            if (Math.Abs(Mean.Value - ToldMean) <= noticeable * ToldMean
                && Math.Abs(P99.Value - ToldP99) <= noticeable * ToldP99)
                return false;
            (ToldMean, ToldP99) = (Mean.Value, P99.Value);
            return true;
        }
    }
}
