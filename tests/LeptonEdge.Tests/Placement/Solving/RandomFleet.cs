using LeptonEdge.Core.Plans;
using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Tests.Placement.Solving;

/// <summary>Tiny fleets of every kind: short of each resource, with private, pinned and running workloads, splits and
/// cascades, drained and dead nodes.</summary>
internal static class RandomFleet
{
    public static FleetState Make(int seed, int workloads = 6)
    {
        var random = new Random(seed);
        var models = Enumerable.Range(0, 3).Select(number => Model(random, number)).ToArray();
        var sites = new SiteState[random.Next(1, 3)];
        for (var site = 0; site < sites.Length; site++)
            sites[site] = Site(random, $"s{site}", workloads / sites.Length);
        var workers = Enumerable.Range(0, random.Next(1, 3)).Select(i => new NodeState($"hub-{i}", "server",
            new NodeCapacity(Between(random, 0.05, 0.4), Between(random, 1e6, 1e7), 0, double.PositiveInfinity),
            LinkState.Free)
        {
            QueueSeconds = 0.001,
            PricePerCoreSecond = Between(random, 1e-6, 1e-4),
        });
        var pools = Enumerable.Range(0, random.Next(2)).Select(i => new NodeState($"pool-{i}", "pool",
            new NodeCapacity(double.PositiveInfinity, 1e9, Between(random, 0.02, 0.2), double.PositiveInfinity),
            new LinkState(1e8, 0.01, 0.05))
        {
            PricePerAcceleratorSecond = Between(random, 1e-5, 1e-3),
        });
        var fleet = new FleetState(sites, [.. workers], [.. pools], models, new Prices
        {
            PerMove = Between(random, 0, 0.02),
            PerUnplacedHour = Between(random, 0.01, 1),
        });
        return WithRunning(random, fleet);
    }

    private static ModelProfile Model(Random random, int number)
    {
        var core = Between(random, 0.005, 0.03);
        var recipes = new List<Recipe> { new("whole", Stages(core, 1)) };
        if (number == 1)
            recipes.Add(new Recipe("split", Stages(core, 0.4))
            {
                Far = Stages(core, 0.6), CutBytes = 3000, Choice = OffloadChoices.Split,
            });
        if (number == 2)
            recipes.Add(new Recipe("cascade", Stages(core, 0.3))
            {
                Far = Stages(core, 1.2), FarShare = 0.2, Choice = OffloadChoices.Cascade,
            });
        return new ModelProfile($"m{number}", recipes);
    }

    private static StageProfile[] Stages(double core, double share) =>
    [
        new("pi", core * share, 0, 1e6 * share, core * 5, core * share),
        new("jetson", core * 0.2 * share, core * 0.3 * share, 2e6 * share, core * 3, core * 0.3 * share),
        new("server", core * 0.3 * share, 0, 1e6, core * 6, core * 0.4 * share),
        new("pool", 0, core * 0.1 * share, 1e6, core, core * 0.1 * share),
    ];

    private static SiteState Site(Random random, string name, int workloads)
    {
        var devices = Enumerable.Range(0, random.Next(2, 4)).Select(i => new NodeState($"{name}-d{i}",
            random.Next(3) == 0 ? "jetson" : "pi",
            new NodeCapacity(Between(random, 0.1, 0.6), Between(random, 1e6, 6e6), 0.3,
                random.Next(3) == 0 ? Between(random, 0.2, 2) : double.PositiveInfinity),
            new LinkState(Between(random, 5e4, 1e6), 0.001))
        {
            QueueSeconds = 0.002,
            PricePerCoreSecond = Between(random, 0, 2e-5),
            PricePerKwh = Between(random, 0, 1),
            Down = random.Next(12) == 0,
            Drained = random.Next(12) == 0,
        }).ToArray();
        var all = Enumerable.Range(0, workloads).Select(i => new WorkloadState($"w{i}",
            devices[random.Next(devices.Length)].Name, $"m{random.Next(3)}", Between(random, 2, 20), 4096,
            Between(random, 0.02, 0.3), random.Next(10), (Privacy)random.Next(3))
        {
            OutlivesDevice = random.Next(2) == 0,
            PinnedTo = random.Next(10) == 0 ? devices[0].Name : null,
            PinnedRecipe = random.Next(15) == 0 ? "whole" : null,
            Avoids = workloads <= 6 && i % 3 == 1 ? [new RunsAt("whole", "hub-0")] : [],
            Excluded = random.Next(3) == 0 ? (OffloadChoices)random.Next(16) : OffloadChoices.None,
            FarShare = random.Next(2) == 0 ? Between(random, 0, 1) : null,
        });
        var uplink = new LinkState(Between(random, 5e4, 1e6), Between(random, 0.001, 0.03), Between(random, 0, 1));
        return new SiteState(name, uplink, devices, [.. all]);
    }

    private static FleetState WithRunning(Random random, FleetState fleet)
    {
        var judge = new PlanJudge(fleet);
        return fleet with
        {
            Sites = [.. fleet.Sites.Select(site => site with
            {
                Workloads = [.. site.Workloads.Select(workload =>
                {
                    var options = judge.Options(site, workload);
                    return workload with { Running = options[random.Next(options.Count)].Place };
                })],
            })],
        };
    }

    private static double Between(Random random, double low, double high) =>
        low + ((high - low) * random.NextDouble());
}
