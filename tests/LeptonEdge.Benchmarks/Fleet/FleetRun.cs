using System.Diagnostics;
using System.Globalization;
using LeptonEdge.Placement.Planning;
using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Benchmarks.Fleet;

/// <summary>What came of a run.</summary>
internal sealed record FleetOutcome(string Name, SiteFlow Flow, int Moves, MoveLog? Log, TimeSpan Took)
{
    public double ReachableHitPercent => 100 * Flow.ReachableHits / Flow.Reachable;

    public double LatePerMillion => 1e6 * (1 - (Flow.ReachableHits / Flow.Reachable));
}

/// <summary>One fleet, one day, one way to place its work.</summary>
internal static class FleetRun
{
    public delegate IPlacer Make(World world, Conditions now, Execution execution, Tariff tariff);

    public static Make Planned(FleetOptions options) => (world, now, execution, tariff) =>
        new PlannedPlacer("planner", world, now, execution, Rules(tariff), options.Greedy
            ? new GreedySolver()
            : new LagrangianSolver(new SolverOptions { Threads = 1 }));

    public static PlannerRules Rules(Tariff tariff) => new()
    {
        Book = tariff.Book,
        // A decision about a thousand devices takes a while; what forces one does not wait for this.
        ConsiderEvery = TimeSpan.FromSeconds(10),
        // Nothing that is over moves a workload a second time within ten minutes.
        ReturnHold = TimeSpan.FromMinutes(10),
        ReturnHoldMax = TimeSpan.FromMinutes(30),
    };

    public static FleetOutcome Run(World world, FleetOptions options, Make make)
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
        }

        var outcome = new FleetOutcome(
            placer.Name, execution.Total(seconds), placer.Moves, (placer as PlannedPlacer)?.Log, watch.Elapsed);
        Tell(outcome);
        late?.Write(Console.Error);
        return outcome;
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
    }

    private static void Tell(MoveLog log)
    {
        var causes = string.Join(", ", log.Causes.Select(pair => $"{pair.Key} {pair.Value}"));
        var pairs = string.Join(
            ", ", log.Pairs.Select(pair => $"{pair.Key.First} then {pair.Key.Second} {pair.Value}"));
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"    {log.Decisions} decisions, gap {log.GapMedian:0.0000}; {causes}; "
            + $"again within 10 min {log.Repeats}: {pairs}"));
    }
}
