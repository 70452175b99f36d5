using System.Diagnostics;
using LeptonEdge.Placement.Solving;
using LeptonEdge.Tests.Placement.Solving;

namespace LeptonEdge.Benchmarks.Placement;

/// <summary>The new plan of a large fleet after one device died, one link faded or one workload joined: time, workloads
/// moved, and how many of those that moved would have been no worse off where they were.</summary>
internal sealed class ReplanBenchmark : IBenchmark
{
    private const int Devices = 10_000, Workloads = 50_000, Events = 15;
    private const double AskedMs = 20;

    public string Name => "replan";

    public string Summary => "a new plan for 10,000 devices when one died, a link faded or a workload joined";

    public Task<IReadOnlyList<Figure>> RunAsync(string[] args)
    {
        var options = new SolverOptions { Threads = 2 };
        var plan = Plan(PlacementSolver.Solve(FleetMaker.Make(Devices, Workloads, seed: 1), options));
        // The plan in force: each workload runs where it was placed.
        plan = Plan(PlacementSolver.Solve(InForce(plan), options));
        var figures = new List<Figure>();
        Measure("one device dies", plan, Dies, options, figures);
        Measure("one link fades", plan, Fades, options, figures);
        Measure("one workload joins", plan, Joins, options, figures);
        return Task.FromResult<IReadOnlyList<Figure>>(figures);
    }

    private static void Measure(
        string name, FleetPlan plan, Func<SiteState, SiteState> change, SolverOptions options, List<Figure> figures)
    {
        var (times, moved, idle, gaps) = (new List<double>(), new List<double>(), 0, new List<double>());
        for (var happening = -5; happening < Events; happening++)
        {
            var site = ((happening + 5) * 53) % plan.Fleet.Sites.Count;
            var fleet = Change(plan.Fleet, site, change);
            var watch = Stopwatch.StartNew();
            var next = Plan(PlacementSolver.Resolve(fleet, plan, options));
            var time = watch.Elapsed.TotalMilliseconds;
            if (happening < 0)
                continue;
            times.Add(time);
            moved.Add(next.Moves);
            gaps.Add(next.Gap * 100);
            idle += Idle(next, plan);
        }

        figures.Add(Figure.AtMost($"{name}: new plan", Statistics.Median(times), "ms", AskedMs));
        figures.Add(new Figure($"{name}: slowest of {Events}", times.Max(), "ms"));
        figures.Add(new Figure($"{name}: workloads moved", Statistics.Median(moved), "workloads"));
        figures.Add(Figure.AtMost($"{name}: moved without gain, of all {Events}", idle, "workloads", 0));
        figures.Add(Figure.AtMost($"{name}: proven gap", Statistics.Median(gaps), "%", 1));
    }

    // Who moved now and could go back alone and pay no more.
    private static int Idle(FleetPlan plan, FleetPlan last)
    {
        var idle = 0;
        for (var site = 0; site < plan.Fleet.Sites.Count; site++)
        {
            var placed = plan.PlacementsOf(site);
            if (ReferenceEquals(placed, last.PlacementsOf(site)))
                continue;
            for (var item = 0; item < placed.Count; item++)
            {
                var (workload, place) = placed[item];
                if (workload.Running is { } before && place != before && plan.Explain(site, item).Others
                    .Any(other => other.Place == before && other is { MorePerHour: <= 0, Lacks: null }))
                    idle++;
            }
        }

        return idle;
    }

    private static SiteState Dies(SiteState site) => site with
    {
        Devices = [site.Devices[0], site.Devices[1] with { Down = true }, .. site.Devices.Skip(2)],
    };

    private static SiteState Fades(SiteState site) => site with
    {
        Uplink = site.Uplink with
        {
            BytesPerSecond = site.Uplink.BytesPerSecond / 5,
            RttSeconds = site.Uplink.RttSeconds * 3,
        },
    };

    private static SiteState Joins(SiteState site) => site with
    {
        Workloads = [.. site.Workloads, site.Workloads[0] with { Name = "new", Running = null }],
    };

    private static FleetState InForce(FleetPlan plan) => plan.Fleet with
    {
        Sites = [.. plan.Fleet.Sites.Select((site, number) => site with
        {
            Workloads = [.. plan.PlacementsOf(number).Select(p => p.Workload with { Running = p.Place })],
        })],
    };

    private static FleetState Change(FleetState fleet, int site, Func<SiteState, SiteState> change)
    {
        var sites = fleet.Sites.ToArray();
        sites[site] = change(sites[site]);
        return fleet with { Sites = sites };
    }

    private static FleetPlan Plan(SolveResult result) => result is SolveResult.Solved solved
        ? solved.Plan
        : throw new BenchmarkException("the fleet was refused");
}
