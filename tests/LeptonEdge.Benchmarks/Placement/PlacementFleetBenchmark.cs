using System.Diagnostics;
using LeptonEdge.Placement.Solving;
using LeptonEdge.Tests.Placement.Solving;

namespace LeptonEdge.Benchmarks.Placement;

/// <summary>The solver on made fleets with every kind of limit: time, proven gap and memory for large ones, cost over
/// HiGHS' proven optimum for small ones.</summary>
internal sealed class PlacementFleetBenchmark : IBenchmark
{
    private const int Runs = 5;
    private const double GapPercent = 1, LargeMs = 2000, OverPercent = 0.5;
    private static readonly SolverOptions Options = new() { Threads = 2 };

    public string Name => "placement-fleet";

    public string Summary => "the placement solver on made fleets up to 10,000 devices, beside HiGHS where that can";

    public async Task<IReadOnlyList<Figure>> RunAsync(string[] args)
    {
        var figures = new List<Figure>();
        Large(1_000, 5_000, null, figures);
        Large(10_000, 50_000, LargeMs, figures);
        if (await HighsPeer.IsThereAsync())
            await SmallAsync(figures);
        else
            Console.Error.WriteLine("  no python3-scipy: small fleets are not compared with HiGHS");
        return figures;
    }

    private static void Large(int devices, int workloads, double? askedMs, List<Figure> figures)
    {
        var fleet = FleetMaker.Make(devices, workloads, seed: 1);
        var times = new double[Runs];
        var megabytes = new double[Runs];
        var plan = Solve(fleet);
        for (var run = 0; run < Runs; run++)
        {
            var allocated = GC.GetTotalAllocatedBytes(precise: true);
            var watch = Stopwatch.StartNew();
            plan = Solve(fleet);
            times[run] = watch.Elapsed.TotalMilliseconds;
            megabytes[run] = (GC.GetTotalAllocatedBytes(precise: true) - allocated) / 1e6;
        }

        var name = FormattableString.Invariant($"{devices:#,0} × {workloads:#,0}");
        var time = Statistics.Median(times);
        figures.Add(askedMs is { } asked
            ? Figure.AtMost($"{name}: time", time, "ms", asked)
            : new Figure($"{name}: time", time, "ms"));
        figures.Add(Figure.AtMost($"{name}: proven gap", plan.Gap * 100, "%", GapPercent));
        figures.Add(new Figure($"{name}: not placed", plan.Unplaced, "workloads"));
        figures.Add(new Figure($"{name}: allocated", Statistics.Median(megabytes), "MB"));
        figures.Add(new Figure($"{name}: held by the plan", Held(fleet), "MB"));
    }

    // Live bytes with the plan less those without.
    private static double Held(FleetState fleet)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var plan = Solve(fleet);
        var held = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(plan);
        return held / 1e6;
    }

    private static async Task SmallAsync(List<Figure> figures)
    {
        var (over, gaps, ours, theirs) =
            (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var seed = 1; seed <= 6; seed++)
        {
            // Half of them with a hub so small that it is fought over.
            var fleet = FleetMaker.Make(6 + (2 * seed), 30 + (10 * seed), seed, seed % 2 == 0 ? 0.12 : 0.04);
            Solve(fleet);
            var watch = Stopwatch.StartNew();
            var plan = Solve(fleet);
            ours.Add(watch.Elapsed.TotalMilliseconds);
            var (cost, bound, seconds) = await HighsPeer.SolveAsync(fleet);
            theirs.Add(seconds * 1000);
            over.Add(((plan.Cost / cost) - 1) * 100);
            gaps.Add(plan.Gap * 100);
            Console.Error.WriteLine(FormattableString.Invariant(
                $"  small {seed}: ours {plan.Cost:0.#####} ({ours[^1]:0} ms, bound {plan.Bound:0.#####}), ")
                + FormattableString.Invariant($"HiGHS {cost:0.#####} ({theirs[^1]:0} ms, bound {bound:0.#####})"));
            if (plan.Bound > cost * (1 + 1e-6))
                throw new BenchmarkException($"small {seed}: the bound is above HiGHS' optimum");
        }

        figures.Add(Figure.AtMost("small fleets: cost over HiGHS' optimum, worst of 6", over.Max(), "%", OverPercent));
        figures.Add(new Figure("small fleets: proven gap, worst of 6", gaps.Max(), "%"));
        var (mine, peer) = (Statistics.Median(ours), Statistics.Median(theirs));
        figures.Add(new Figure("small fleets: time", mine, "ms", "HiGHS", peer, mine / peer));
    }

    private static FleetPlan Solve(FleetState fleet) =>
        PlacementSolver.Solve(fleet, Options) is SolveResult.Solved solved
            ? solved.Plan
            : throw new BenchmarkException("the fleet was refused");
}
