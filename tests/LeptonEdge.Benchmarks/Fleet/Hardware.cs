using LeptonEdge.Core.Pricing;
using LeptonEdge.Core.Records;
using LeptonEdge.Placement.Planning;
using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Benchmarks.Fleet;

/// <summary>A kind of machine. The factors are made up, after what such boards are known for.</summary>
/// <param name="CoreFactor">How many times as long a core takes as one of the machine that models were measured
/// on.</param>
/// <param name="AcceleratorFactor">The same for its accelerator; 0 when it has none.</param>
internal sealed record Board(
    string Name, int Cores, double CoreFactor, double AcceleratorFactor, double MemoryBytes, PowerModel Power)
{
    public static readonly Board Pi = new("pi5", 4, 2.2, 0, 6e9, new PowerModel(3, 1.6, 0));
    public static readonly Board Jetson = new("jetson", 6, 2, 1 / 12.0, 6e9, new PowerModel(5, 1.2, 8));
    public static readonly Board Fpga = new("kria", 4, 5, 1 / 8.0, 3e9, new PowerModel(6, 0.7, 5));
    public static readonly Board Gateway = new("gateway", 8, 1.1, 0, 1.4e10, new PowerModel(15, 5, 0));
    public static readonly Board Server = new("server", 64, 0.9, 0, 5e11, new PowerModel(120, 6, 0));
    public static readonly Board Pool = new("gpu", 32, 0.9, 1 / 60.0, 1e12, new PowerModel(150, 6, 250));

    public static readonly Board[] All = [Pi, Jetson, Fpga, Gateway, Server, Pool];

    /// <summary>Mean time of one window on a core and on an accelerator, seconds.</summary>
    public (double Core, double Accelerator) Cost(ModelSpec model) =>
        AcceleratorFactor > 0 && model.Accelerated
            ? (CoreFactor * ((0.03 * model.CoreSeconds) + 2e-4), AcceleratorFactor * model.CoreSeconds)
            : (CoreFactor * model.CoreSeconds, 0);

    /// <summary>What operators know of the model on this board, as its profile tells the planner.</summary>
    public StageProfile Profile(ModelSpec model)
    {
        var (core, accelerator) = Cost(model);
        return new StageProfile(
            Name, core, accelerator, model.MemoryBytes, Joules(core, accelerator), (core + accelerator) * Spread.P99);
    }

    /// <summary>By the meters' own model.</summary>
    public double Joules(double coreSeconds, double acceleratorSeconds) => Power.Microjoules(new UsageAmounts(
        CoreMicros: (long)(coreSeconds * 1e9), AcceleratorMicros: (long)(acceleratorSeconds * 1e9))) / 1e9;
}

/// <summary>How a window's own time spreads around its mean: four kinds, and how often each comes.</summary>
internal static class Spread
{
    /// <summary>The 99th percentile over the mean.</summary>
    public const double P99 = 1.3;

    public static readonly double[] Share = [0.9, 0.0945, 0.005, 0.0005];
    public static readonly double[] Service = [0.97, P99, 1.7, 2.2];
    public static readonly double[] Transfer = [1, 1.6, 2.5, 4];
    public static readonly double[] RoundTrip = [1, 1.4, 2, 3];

    /// <summary>Squared coefficient of variation of a service time.</summary>
    public const double Variation = 0.02;
}

/// <summary>A model as one machine's core runs it.</summary>
/// <param name="CoreSeconds">Mean of one window.</param>
/// <param name="RateMin">Windows a second that a workload of it has, least and most.</param>
/// <param name="DeadlineMin">Seconds, least and most.</param>
/// <param name="Share">How common its workloads are.</param>
internal sealed record ModelSpec(
    string Name, double CoreSeconds, double MemoryBytes, double WindowBytes, double RateMin, double RateMax,
    double DeadlineMin, double DeadlineMax, double Share, bool Accelerated)
{
    /// <summary>The first five are ours, with their measured times (int8, one thread; README, model cards); the
    /// others stand for nets of that size.</summary>
    public static readonly ModelSpec[] All =
    [
        new("bearing-fault", 9.0e-6, 4e6, 2052, 10, 50, 0.02, 0.05, 14, false),
        new("bearing-fault-large", 28.3e-6, 8e6, 2052, 10, 50, 0.03, 0.1, 8, false),
        new("pump-anomaly", 9.2e-6, 4e6, 1800, 1, 10, 0.05, 0.2, 10, false),
        new("turbofan-wear", 9.9e-6, 4e6, 2800, 0.1, 2, 0.1, 0.5, 6, false),
        new("cnn-1d-50m", 122e-6, 2e7, 16_400, 20, 120, 0.02, 0.08, 14, false),
        new("press-audio", 2.5e-3, 6e7, 64_000, 4, 25, 0.1, 0.3, 14, true),
        new("part-defect", 6e-3, 9e7, 60_000, 3, 30, 0.08, 0.3, 12, true),
        new("weld-seam", 18e-3, 2e8, 90_000, 1, 12, 0.2, 0.6, 9, true),
        new("person-zone", 40e-3, 3e8, 120_000, 1, 10, 0.3, 0.8, 8, true),
        new("surface-segment", 110e-3, 6e8, 250_000, 0.2, 3, 0.6, 2, 5, true),
    ];

    public static ModelProfile[] Profiles() => [.. All.Select(model => new ModelProfile(
        model.Name, [new Recipe(PlanNames.Whole, [.. Board.All.Select(board => board.Profile(model))])]))];
}
