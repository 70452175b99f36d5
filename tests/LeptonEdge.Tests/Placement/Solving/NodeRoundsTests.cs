using LeptonEdge.Core.Plans;
using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Tests.Placement.Solving;

public class NodeRoundsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Where_five_workloads_fill_a_device_the_plan_is_near_its_bound(int seed)
    {
        // What such a plan can cost at least lies some 0.7 % above what prices of capacity prove.
        var plan = SolverTests.Solve(HardFleet(seed, devices: 20, workloads: 100), new SolverOptions { Threads = 1 });
        PlanCheck.Holds(plan);
        Assert.Equal(0, plan.Unplaced);
        Assert.InRange(plan.Gap, 0, 0.0115);
    }

    [Fact]
    public void Rounds_keep_every_capacity_and_make_no_plan_dearer()
    {
        var cheaper = 0;
        for (var seed = 0; seed < 100; seed++)
        {
            var (table, prices, bound) = Whole(RandomFleet.Make(seed, workloads: 30));
            var search = new SiteSearch(table, table.Cost, table.Capacity, prices);
            search.Fill();
            var first = search.Best.ToArray();
            var rounds = new NodeRounds(table, search.Core, table.Cost, table.Capacity, prices, first, (ulong)seed);
            var choice = rounds.Run(bound, bound, work: 1_000_000);
            AssertFits(table, choice, seed);
            var saved = first.Sum(option => table.Cost[option]) - choice.Sum(option => table.Cost[option]);
            Assert.True(saved >= -1e-9, $"seed {seed}: dearer by {-saved:R}");
            cheaper += saved > 1e-9 ? 1 : 0;
        }

        Assert.True(cheaper > 30, $"only {cheaper} plans became cheaper");
    }

    [Fact]
    public void A_node_takes_the_set_that_is_worth_most()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var table = TwoNodes(random, items: 11, whole: seed % 2 == 0);
            var prices = new double[] { 1, 1 };
            var core = new CoreOptions(table, table.Cost, prices);
            var nodes = new NodeOptions(table, core, table.Cost, table.Capacity, prices);
            bool[] open = [.. Enumerable.Range(0, table.Items).Select(_ => random.Next(5) > 0)];
            double[] worth = [.. Enumerable.Range(0, table.Items).Select(_ => 20 + (100 * random.NextDouble()))];
            var knapsack = new NodeKnapsack(nodes, open);
            for (var node = 0; node < 2; node++)
            {
                knapsack.Reset(node, worth);
                var cells = nodes.CellsOf(node, table.Capacity[nodes.Resource[node]]);
                var value = knapsack.Find(node, cells, worth);
                var chosen = knapsack.Chosen.AsSpan(0, knapsack.Count).ToArray();
                Assert.Equal(BestOf(nodes, node, cells, open, worth), value, 3);
                Assert.Equal(value, chosen.Sum(at => worth[nodes.Item[at]] - nodes.Cost[at]), 3);
                Assert.True(chosen.Sum(at => nodes.Cells[at]) <= cells, $"seed {seed}: the set does not fit");
                Assert.All(chosen, at => Assert.True(open[nodes.Item[at]]));
            }
        }
    }

    private static double BestOf(NodeOptions nodes, int node, int cells, bool[] open, double[] worth)
    {
        var (first, best) = (nodes.Start[node], 0.0);
        for (var set = 0; set < 1 << (nodes.Start[node + 1] - first); set++)
        {
            var entries = Enumerable.Range(first, nodes.Start[node + 1] - first)
                .Where(at => (set >> (at - first) & 1) != 0).ToArray();
            if (entries.All(at => open[nodes.Item[at]]) && entries.Sum(at => nodes.Cells[at]) <= cells)
                best = Math.Max(best, entries.Sum(at => worth[nodes.Item[at]] - nodes.Cost[at]));
        }

        return best;
    }

    private static OptionTable TwoNodes(Random random, int items, bool whole)
    {
        double Amount() => whole ? random.Next(1, 50) : 50 * random.NextDouble();
        var uses = Enumerable.Range(0, 2 * items).Select(at => new Use(at % 2, Amount())).ToArray();
        return new OptionTable
        {
            Items = items,
            Locals = 2,
            ResourceCount = 2,
            OptionStart = [.. Enumerable.Range(0, items + 1).Select(item => 3 * item)],
            Cost = [.. Enumerable.Range(0, 3 * items).Select(at => at % 3 == 2 ? 1000 : 60 * random.NextDouble())],
            UseStart = [.. Enumerable.Range(0, (3 * items) + 1).Select(at => at - (at / 3))],
            Uses = uses,
            Capacity = [80, 110],
            Running = [.. Enumerable.Repeat(-1, items)],
            WasRunning = new bool[items],
            Places = new OptionPlace[3 * items],
        };
    }

    private static (OptionTable Table, double[] Prices, double Bound) Whole(FleetState fleet)
    {
        var index = new FleetIndex(fleet);
        OptionTable[] tables = [.. fleet.Sites.Select(site => TableBuilder.Build(index, site, null))];
        var table = TableMerge.Merge(tables, index.SharedCapacity);
        var dual = new FleetDual([table], [], 1);
        dual.Run(26);
        return (table, dual.Sites[0].BestPrices, dual.Sites[0].BestValue);
    }

    private static void AssertFits(OptionTable table, int[] choice, int seed)
    {
        var load = new double[table.ResourceCount];
        for (var item = 0; item < choice.Length; item++)
        {
            Assert.InRange(choice[item], table.OptionStart[item], table.Unplaced(item));
            for (var k = table.UseStart[choice[item]]; k < table.UseStart[choice[item] + 1]; k++)
                load[table.Uses[k].Resource] += table.Uses[k].Amount;
        }

        for (var r = 0; r < load.Length; r++)
            Assert.True(load[r] <= table.Capacity[r] * (1 + 1e-9), $"seed {seed}: resource {r} is overrun");
    }

    // What is cheap on a device takes much of it, so that everything hangs on what fits together.
    private static FleetState HardFleet(int seed, int devices, int workloads)
    {
        var random = new Random(seed);
        var sum = 0.0;
        ModelProfile Model(int number)
        {
            var stages = new List<StageProfile>();
            for (var device = 0; device < devices; device++)
            {
                var need = random.Next(1, 101);
                sum += need;
                var cost = 111 - need + random.Next(-10, 11);
                stages.Add(new StageProfile($"board-{device}", need, cost / 3600.0, 0, 0, 0));
            }

            return new ModelProfile($"m{number}", [new Recipe("whole", stages)]);
        }

        ModelProfile[] models = [.. Enumerable.Range(0, workloads).Select(Model)];
        var capacity = new NodeCapacity(Math.Floor(0.8 * sum / devices / devices), double.PositiveInfinity,
            double.PositiveInfinity, double.PositiveInfinity);
        var nodes = Enumerable.Range(0, devices).Select(device =>
            new NodeState($"d{device}", $"board-{device}", capacity, LinkState.Free) { PricePerAcceleratorSecond = 1 });
        var all = Enumerable.Range(0, workloads).Select(number =>
            new WorkloadState($"w{number}", "d0", $"m{number}", 1, 0, 1, 0, Privacy.Site));
        return new FleetState([new SiteState("s", LinkState.Free, [.. nodes], [.. all])], [], [], models,
            new Prices { PerUnplacedHour = 1e4 });
    }
}
