using System.Diagnostics;
using System.Globalization;
using LeptonEdge.Placement.Planning;
using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Benchmarks.Fleet;

/// <summary>What came of a run.</summary>
internal sealed record FleetOutcome(
    string Name, SiteFlow Flow, int Moves, MoveLog? Log, LateBook? Late, TimeSpan Took)
{
    public double ReachableHitPercent => 100 * Flow.ReachableHits / Flow.Reachable;

    public double LatePerMillion => 1e6 * (1 - (Flow.ReachableHits / Flow.Reachable));
}

/// <summary>One fleet, one day, one way to place its work.</summary>
internal static class FleetRun
{
    public delegate IPlacer Make(World world, Conditions now, Execution execution, Tariff tariff);

    /// <param name="solver">How the solver works; null as in the hub, on one core.</param>
    public static Make Planned(FleetOptions options, SolverOptions? solver = null) => (world, now, execution, tariff) =>
        new PlannedPlacer("planner", world, now, execution, Rules(tariff), options.Greedy
            ? new GreedySolver()
            : new LagrangianSolver(solver ?? new SolverOptions { Threads = 1 }));

    public static PlannerRules Rules(Tariff tariff) => new()
    {
        Book = tariff.Book,
    };

    /// <summary>All of them beside each other, and what came of each, in the same order.</summary>
    public static FleetOutcome[] RunAll(World world, FleetOptions options, params Make[] makes)
    {
        var progress = new FleetProgress((int)(options.Hours * 3600), makes.Length);
        var outcomes = new FleetOutcome[makes.Length];
        Parallel.For(0, makes.Length, at => outcomes[at] = Run(
            world, options, makes[at], second => progress.Tell(at, second)));
        progress.Clear();
        foreach (var outcome in outcomes)
            Tell(outcome);
        return outcomes;
    }

    /// <param name="told">Is told each second that is over; null for nobody.</param>
    public static FleetOutcome Run(World world, FleetOptions options, Make make, Action<int>? told = null)
    {
        var watch = Stopwatch.StartNew();
        var seconds = (int)(options.Hours * 3600);
        var now = new Conditions(world, options.Seed, seconds, options.From);
        var tariff = new Tariff(world);
        var late = options.Why ? new LateBook(world.Workloads.Length) : null;
        var execution = new Execution(world, now, tariff) { Late = late };
        var placer = make(world, now, execution, tariff);
        for (var second = 0; second < seconds; second++)
        {
            now.Advance(second);
            execution.Step(second);
            placer.Step(second);
            told?.Invoke(second + 1);
        }

        return new FleetOutcome(
            placer.Name, execution.Total(seconds), placer.Moves, (placer as PlannedPlacer)?.Log, late, watch.Elapsed);
    }

    private static void Tell(FleetOutcome outcome)
    {
        var flow = outcome.Flow;
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  {outcome.Name,-16} {flow.Windows / 1e6:0.0} M windows, {100 * flow.Hits / flow.Windows:0.000} % "
            + $"in time; {100 * flow.Reachable / flow.Windows:0.000} % can be, {outcome.ReachableHitPercent:0.0000} % "
            + $"of these were; {outcome.Moves} moves, {flow.Money:0.00} EUR, {flow.Joules / 3.6e6:0.0} kWh "
            + $"({outcome.Took.TotalSeconds:0.0} s)"));
        if (outcome.Log is { } log)
            Tell(log);
        outcome.Late?.Write(Console.Error);
    }

    private static void Tell(MoveLog log)
    {
        var causes = string.Join(", ", log.Causes.Select(pair => $"{pair.Key} {pair.Value}"));
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"    {log.Decisions} decisions, gap {log.GapMedian:0.0000}; {causes}"));
        Console.Error.WriteLine($"    again within 10 minutes, without a failure {log.Repeats}{Pairs(log, false)}");
        Console.Error.WriteLine($"    again within 10 minutes, on a failure {log.FailureRepeats}{Pairs(log, true)}");
    }

    private static string Pairs(MoveLog log, bool failure) => string.Concat(
        log.Pairs.Where(pair => pair.Key.Second.IsFailure() == failure).OrderByDescending(pair => pair.Value)
            .Select((pair, at) => $"{(at == 0 ? ": " : ", ")}{pair.Key.First} then {pair.Key.Second} {pair.Value}"));
}
