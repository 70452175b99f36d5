using System.Diagnostics;
using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Benchmarks.Placement;

/// <summary>The solver on published generalised assignment instances with known optima, on one core: cost above the
/// optimum, proven gap, time.</summary>
internal sealed class PlacementBenchmark : IBenchmark
{
    private const double QuickPercent = 0.5, QuickMs = 100;
    private const int WarmUps = 4;
    private const double LongPercent = 0.2, LongMs = 2000;

    // Work is counted, never timed: these are what fits into the times asked.
    private static readonly SolverOptions Quick = new() { Threads = 1 };
    private static readonly SolverOptions Long = new() { Threads = 1, ChainsPerWorkloadAsOne = 750 };

    public string Name => "placement";

    public string Summary => "the placement solver on published instances with known optima, on one core";

    public Task<IReadOnlyList<Figure>> RunAsync(string[] args)
    {
        var instances = GapInstance.Load(Path.Combine(Recordings.FindFolder(), "gap"));
        if (instances.Count == 0)
            throw new BenchmarkException("../shared/data/gap is not beside the checkout: nothing to measure.");
        // The compiler shares the core until all is compiled that is used often.
        for (var round = 0; round < WarmUps; round++)
        {
            foreach (var instance in instances)
                Solve(instance.Fleet, Quick);
        }

        var figures = new List<Figure>();
        foreach (var instance in instances)
        {
            Measure(instance, "quick", Quick, (QuickPercent, QuickMs), figures);
            Measure(instance, "long", Long, (LongPercent, LongMs), figures);
        }

        return Task.FromResult<IReadOnlyList<Figure>>(figures);
    }

    private static void Measure(
        GapInstance instance, string name, SolverOptions options, (double Percent, double Ms) asked,
        List<Figure> figures)
    {
        const int Runs = 5;
        var times = new double[Runs];
        var plan = Solve(instance.Fleet, options);
        for (var run = 0; run < Runs; run++)
        {
            var watch = Stopwatch.StartNew();
            plan = Solve(instance.Fleet, options);
            times[run] = watch.Elapsed.TotalMilliseconds;
        }

        var place = $"{instance.Name} {name}";
        var over = ((plan.Cost / instance.Optimum) - 1) * 100;
        var below = (plan.Cost - instance.Optimum) / instance.Optimum * 100;
        figures.Add(Figure.AtMost($"{place}: cost over the optimum", over, "%", asked.Percent));
        figures.Add(Figure.AtMost($"{place}: time", Statistics.Median(times), "ms", asked.Ms));
        figures.Add(new Figure($"{place}: proven gap", plan.Gap * 100, "%", "true gap", below,
            Asked: "≥ true gap", Met: plan.Bound <= instance.Optimum));
        Console.Error.WriteLine(FormattableString.Invariant(
            $"  {place}: {plan.Cost:0.##} (optimum {instance.Optimum}), bound {plan.Bound:0.##}"));
    }

    private static FleetPlan Solve(FleetState fleet, SolverOptions options) =>
        PlacementSolver.Solve(fleet, options) is SolveResult.Solved solved
            ? solved.Plan
            : throw new BenchmarkException("the instance was refused");
}
