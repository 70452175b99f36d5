using System.Globalization;

namespace LeptonEdge.Benchmarks.Fleet;

/// <summary>A day of a whole fleet in simulated time: load waves, links that fade, devices that die and join, against
/// the hub's own planner, beside what needs no planner.</summary>
internal sealed class FleetBenchmark : IBenchmark
{
    private const double HitAskedPercent = 99.9;
    private const double CostAskedRatio = 0.8;

    public string Name => "fleet";

    public string Summary =>
        "a simulated day of a fleet against the real planner (--devices N --workloads M --hours H --seed S)";

    public Task<IReadOnlyList<Figure>> RunAsync(string[] args)
    {
        var options = Parse(args);
        var world = World.Make(options.Devices, options.Workloads, options.Seed);
        Describe(world, options);
        var outcomes = FleetRun.RunAll(
            world, options,
            FleetRun.Planned(options),
            static (_, _, _, _) => new AllLocal(),
            static (world, _, execution, _) => new AllHub(world, execution),
            static (world, now, execution, _) => new FirstFit(world, now, execution));
        return Task.FromResult<IReadOnlyList<Figure>>(Figures(outcomes[0], outcomes[1..]));
    }

    private static List<Figure> Figures(FleetOutcome planned, FleetOutcome[] others)
    {
        var hit = planned.ReachableHitPercent;
        const string InTime = "windows in time, where any plan can";
        var figures = new List<Figure> { Figure.AtLeast(InTime, hit, "%", HitAskedPercent) };
        foreach (var other in others)
        {
            var value = other.ReachableHitPercent;
            figures.Add(new Figure(InTime, hit, "%", other.Name, value, hit / value, "above", hit > value));
        }

        foreach (var other in others)
        {
            figures.Add(new Figure(
                "late windows per million", planned.LatePerMillion, "", other.Name, other.LatePerMillion,
                planned.LatePerMillion / other.LatePerMillion));
        }

        foreach (var other in others)
        {
            figures.Add(other.Name == "all in the hub"
                ? Figure.RatioAtMost("money", planned.Flow.Money, "EUR", other.Name, other.Flow.Money, CostAskedRatio)
                : new Figure("money", planned.Flow.Money, "EUR", other.Name, other.Flow.Money,
                    planned.Flow.Money / other.Flow.Money));
        }

        foreach (var other in others)
        {
            figures.Add(new Figure("energy", planned.Flow.Joules / 3.6e6, "kWh", other.Name, other.Flow.Joules / 3.6e6,
                planned.Flow.Joules / other.Flow.Joules));
        }

        var log = planned.Log!;
        figures.Add(new Figure("moves", planned.Moves, "", others[^1].Name, others[^1].Moves));
        figures.Add(Figure.AtMost("second moves within 10 minutes, without a failure", log.Repeats, "", 0));
        figures.Add(new Figure("second moves within 10 minutes, on a failure", log.FailureRepeats, ""));
        figures.Add(new Figure("proven gap, median of all decisions", log.GapMedian * 100, "%"));
        figures.Add(new Figure("proven gap, mean (with what no place has room for)", log.GapMean * 100, "%"));
        return figures;
    }

    private static FleetOptions Parse(string[] args)
    {
        try
        {
            return FleetOptions.Parse(args);
        }
        catch (FormatException fault)
        {
            throw new BenchmarkException(fault.Message);
        }
    }

    private static void Describe(World world, FleetOptions options) =>
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  {world.Devices} devices on {world.Sites.Length} sites, {world.Workloads.Length} workloads, "
            + $"{world.Nodes.Length - world.Devices} workers and pools, {options.Hours:0.##} h, seed {options.Seed}"));
}
