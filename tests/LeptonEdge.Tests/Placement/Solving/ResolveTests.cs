using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Tests.Placement.Solving;

public class ResolveTests
{
    // Each site is solved by itself, as in a fleet that is too large for one search.
    private static readonly SolverOptions Apart = new() { WorkloadsAsOne = 0 };

    [Fact]
    public void Sites_that_did_not_change_keep_their_part_of_the_plan()
    {
        var first = SolverTests.Solve(Large(1), Apart);
        var fleet = Kill(InForce(first, 3), site: 3);
        var second = Resolve(fleet, first);
        for (var site = 0; site < fleet.Sites.Count; site++)
        {
            if (site != 3)
                Assert.Same(first.PlacementsOf(site), second.PlacementsOf(site));
        }

        PlanCheck.Holds(second);
        Assert.DoesNotContain(second.PlacementsOf(3), p => p.Place?.Near == fleet.Sites[3].Devices[0].Name);
    }

    [Fact]
    public void An_incremental_plan_is_as_good_as_a_full_one()
    {
        for (var seed = 0; seed < 6; seed++)
        {
            var first = SolverTests.Solve(FleetMaker.Make(80, 400, seed), Apart);
            var fleet = Kill(InForce(first, seed), site: seed);
            var part = Resolve(fleet, first);
            var whole = SolverTests.Solve(fleet, Apart);
            PlanCheck.Holds(part);
            PlanCheck.Holds(whole);
            Assert.True(part.Bound <= whole.Cost, $"seed {seed}: {part.Bound:R} above {whole.Cost:R}");
            Assert.True(part.Cost <= whole.Cost * 1.01, $"seed {seed}: {part.Cost:R}, full {whole.Cost:R}");
        }
    }

    [Fact]
    public void Solving_again_what_did_not_change_never_costs_more()
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var first = SolverTests.Solve(Large(seed), Apart);
            var fleet = first.Fleet;
            for (var site = 0; site < fleet.Sites.Count; site++)
                fleet = InForce(first, site, fleet);
            var second = Resolve(fleet, first);
            Assert.True(second.Cost <= first.Cost * (1 + 1e-12), $"seed {seed}: {second.Cost:R}, was {first.Cost:R}");
            PlanCheck.Holds(second);
        }
    }

    [Fact]
    public void Who_moves_gains_by_it()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var first = SolverTests.Solve(Large(seed), Apart);
            var site = seed % first.Fleet.Sites.Count;
            var fleet = Fade(InForce(first, site), site);
            var second = Resolve(fleet, first);
            for (var item = 0; item < second.PlacementsOf(site).Count; item++)
            {
                var (before, now) = (first.PlacementsOf(site)[item].Place, second.PlacementsOf(site)[item].Place);
                // Going back alone is dearer, or there is no room for it any more.
                Assert.True(before == now || before is null || second.Explain(site, item).Others
                    .Where(other => other.Place == before)
                    .All(other => other is not { MorePerHour: <= 0, Lacks: null }));
            }
        }
    }

    [Fact]
    public void A_workload_that_joins_a_full_hub_takes_the_room_of_one_that_counts_less()
    {
        // The hub holds one of the two, the devices none; they are on different sites.
        var fleet = TwoSites("low", 1);
        var first = SolverTests.Solve(fleet, Apart);
        Assert.Equal(0, first.Unplaced);
        fleet = fleet with
        {
            Sites = [fleet.Sites[0], fleet.Sites[1] with { Workloads = [HubOnly("high", "b", 8)] }],
        };
        var second = Resolve(fleet, first);
        Assert.Equal(["high"], second.Placements().Where(p => p.Place is not null).Select(p => p.Workload.Name));
        PlanCheck.Holds(second);
    }

    [Fact]
    public void A_changed_hub_is_solved_as_a_whole_and_holds_every_limit()
    {
        var first = SolverTests.Solve(Large(4), Apart);
        var fleet = first.Fleet;
        for (var site = 0; site < fleet.Sites.Count; site++)
            fleet = InForce(first, site, fleet);
        fleet = fleet with
        {
            HubWorkers = [.. first.Fleet.HubWorkers.Select(worker => worker with { Down = true })],
        };
        var second = Resolve(fleet, first);
        PlanCheck.Holds(second);
        Assert.DoesNotContain(second.Placements(), p => (p.Place?.Far ?? p.Place?.Near)?.StartsWith("hub") == true);
    }

    [Fact]
    public void A_changed_site_with_a_fault_is_refused_whole()
    {
        var first = SolverTests.Solve(Large(5), Apart);
        var fleet = first.Fleet.With(site => site with { Uplink = new LinkState(-1, 0) });
        var refused = Assert.IsType<SolveResult.Refused>(PlacementSolver.Resolve(fleet, first, Apart));
        Assert.Single(refused.Faults);
    }

    [Fact]
    public void The_bound_says_how_many_must_be_left_out_and_is_never_above_the_optimum()
    {
        var (leftOut, tight) = (0, 0);
        for (var seed = 0; seed < 150; seed++)
        {
            var first = SolverTests.Solve(RandomFleet.Make(seed), Apart);
            var fleet = first.Fleet;
            for (var site = 0; site < fleet.Sites.Count; site++)
                fleet = Starve(InForce(first, site, fleet), site);
            var plan = Resolve(fleet, first);
            var optimum = BruteForce.LeastCost(fleet);
            Assert.True(plan.Bound <= optimum, $"seed {seed}: bound {plan.Bound:R}, optimum {optimum:R}");
            leftOut += plan.UnplacedCost > 0 ? 1 : 0;
            tight += plan.UnplacedCost > 0 && plan.Gap < 0.01 ? 1 : 0;
        }

        Assert.True(leftOut >= 20, $"only {leftOut} left somebody out");
        Assert.True(2 * tight >= leftOut, $"{tight} of {leftOut} are near their bound");
    }

    private static FleetPlan Resolve(FleetState fleet, FleetPlan last) =>
        Assert.IsType<SolveResult.Solved>(PlacementSolver.Resolve(fleet, last, Apart)).Plan;

    // Several random fleets' sites under one hub.
    private static FleetState Large(int seed)
    {
        var parts = Enumerable.Range(0, 6).Select(i => RandomFleet.Make((seed * 6) + i, workloads: 16)).ToArray();
        var models = parts[0].Models;
        var sites = new List<SiteState>();
        foreach (var site in parts.SelectMany(part => part.Sites))
        {
            var name = $"n{sites.Count}";
            sites.Add(site with
            {
                Name = name,
                Devices = [.. site.Devices.Select(d => d with { Name = name + d.Name, Down = false })],
                Workloads = [.. site.Workloads.Select(w =>
                    w with { Device = name + w.Device, PinnedTo = null, Running = null, OutlivesDevice = true })],
            });
        }

        return parts[0] with { Sites = sites };
    }

    // The plan's places of one site as those in force.
    private static FleetState InForce(FleetPlan plan, int site, FleetState? fleet = null) =>
        Change(fleet ?? plan.Fleet, site, state => state with
        {
            Workloads = [.. plan.PlacementsOf(site).Select(p => p.Workload with { Running = p.Place })],
        });

    private static FleetState Starve(FleetState fleet, int site) => Change(fleet, site, state => state with
    {
        Uplink = state.Uplink with { BytesPerSecond = state.Uplink.BytesPerSecond / 8 },
        Devices =
        [
            .. state.Devices.Select(device => device with
            {
                Capacity = device.Capacity with { Cores = device.Capacity.Cores / 4 },
            }),
        ],
    });

    private static FleetState Kill(FleetState fleet, int site) => Change(fleet, site, state => state with
    {
        Devices = [state.Devices[0] with { Down = true }, .. state.Devices.Skip(1)],
    });

    private static FleetState Fade(FleetState fleet, int site) => Change(fleet, site, state => state with
    {
        Uplink = state.Uplink with { BytesPerSecond = state.Uplink.BytesPerSecond / 4 },
    });

    private static FleetState Change(FleetState fleet, int site, Func<SiteState, SiteState> change) => fleet with
    {
        Sites = [.. fleet.Sites.Select((state, number) => number == site ? change(state) : state)],
    };

    private static WorkloadState HubOnly(string name, string device, int priority) =>
        TinyFleet.Workload(name, device) with { Priority = priority, PinnedTo = "hub-1", WindowsPerSecond = 500 };

    private static FleetState TwoSites(string name, int priority)
    {
        var fleet = TinyFleet.Fleet();
        var worker = TinyFleet.Worker("hub-1");
        return fleet with
        {
            HubWorkers = [worker with { Capacity = worker.Capacity with { Cores = 3 } }],
            Sites =
            [
                new SiteState("one", new LinkState(1e8, 0.01), [TinyFleet.Device("a")], [HubOnly(name, "a", priority)]),
                new SiteState("two", new LinkState(1e8, 0.01), [TinyFleet.Device("b")], []),
            ],
        };
    }
}
