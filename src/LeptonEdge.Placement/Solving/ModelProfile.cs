namespace LeptonEdge.Placement.Solving;

/// <summary>Every way to run one model.</summary>
/// <param name="Name">Unique in the fleet.</param>
/// <param name="Recipes">At least one; names unique within the model.</param>
public sealed record ModelProfile(string Name, IReadOnlyList<Recipe> Recipes);

/// <summary>One way to run a model: whole on one node, or in two parts of which the near one runs on the
/// device.</summary>
/// <param name="Near">Cost of the whole model, or of the near part, on each board that can run it.</param>
public sealed record Recipe(string Name, IReadOnlyList<StageProfile> Near)
{
    /// <summary>Cost of the far part on each board that can run it; empty when the model runs whole.</summary>
    public IReadOnlyList<StageProfile> Far { get; init; } = [];

    /// <summary>Share of windows that reach the far part: 1 for a split, the unsure windows for a cascade.</summary>
    public double FarShare { get; init; } = 1;

    /// <summary>Bytes handed from the near to the far part; null when that is the window itself.</summary>
    public double? CutBytes { get; init; }

    /// <summary>What a recipe in two parts is to <see cref="WorkloadState.Excluded"/>; none where nothing excludes
    /// it.</summary>
    public OffloadChoices Choice { get; init; }

    /// <summary>Whether it has a near and a far part.</summary>
    public bool InTwoParts => Far.Count > 0;
}

/// <summary>What one window costs one part of a model on one kind of board.</summary>
/// <param name="Board">As <see cref="NodeState.Board"/>.</param>
/// <param name="CoreSeconds">Processor time.</param>
/// <param name="AcceleratorSeconds">Accelerator time.</param>
/// <param name="MemoryBytes">Memory that each workload takes there, beyond what the node holds anyway.</param>
/// <param name="Joules">Energy.</param>
/// <param name="ServiceSeconds">99th percentile of an undisturbed answer.</param>
public sealed record StageProfile(
    string Board, double CoreSeconds, double AcceleratorSeconds, double MemoryBytes, double Joules,
    double ServiceSeconds);

/// <summary>What is dear beside the nodes and the links themselves. The objective is money per hour.</summary>
public sealed record Prices
{
    /// <summary>Money for each second by which a window is answered later than <see cref="ComfortShare"/> of its
    /// deadline, for a workload of priority 0; each step of priority adds as much again.</summary>
    public double PerLateSecond { get; init; } = 1e-6;

    /// <summary>Up to this share of the deadline no lateness is charged.</summary>
    public double ComfortShare { get; init; } = 0.5;

    /// <summary>Money for each move of a running workload.</summary>
    public double PerMove { get; init; } = 1e-4;

    /// <summary>How many moves one counts for while the workload still settles from the last one.</summary>
    public double SettlingFactor { get; init; } = 50;

    /// <summary>Hours over which a move must pay for itself.</summary>
    public double MovePaysWithinHours { get; init; } = 1;

    /// <summary>Money for each hour that a workload of priority 0 is not placed, on top of its dearest
    /// option.</summary>
    public double PerUnplacedHour { get; init; } = 1;

    /// <summary>By how much each step of priority multiplies <see cref="PerUnplacedHour"/>.</summary>
    public double UnplacedFactor { get; init; } = 2;

    /// <summary>Money per hour while a workload of this priority is not placed.</summary>
    public double Unplaced(int priority) => PerUnplacedHour * Math.Pow(UnplacedFactor, priority);
}
