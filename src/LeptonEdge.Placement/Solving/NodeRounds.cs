namespace LeptonEdge.Placement.Solving;

/// <summary>Plans by dives: all items first, then again and again those of a few nodes that share some, where that
/// makes the plan cheaper.</summary>
/// <remarks>Where few items fill a node, what fits together on it matters more than what each costs at the capacities'
/// prices: there the chains of <see cref="SiteSearch"/> alone stay far above the best plan.</remarks>
internal sealed class NodeRounds
{
    private const int NodesAtOnce = 10;
    private const double NodesShare = 0.8;
    private const double FirstReach = 8e-3;
    private const double DiveReach = 4e-3;
    private const double LeastGain = 1e-4;
    private static readonly PricePace FirstPace = new(120, 1);
    private static readonly PricePace DivePace = new(12, 0.3);
    private static readonly PricePace SomePace = new(6, 0.5);
    private readonly OptionTable _table;
    private readonly NodeOptions _nodes;
    private readonly CoreOptions _core;
    private readonly double[] _cost;
    private readonly NodeDive _dive;
    private readonly double[] _worth;
    private readonly int[] _all;
    private int[] _plan;
    private double _planCost;
    private Xorshift _random;

    /// <param name="plan">A plan that keeps every capacity.</param>
    /// <param name="prices">Of each resource.</param>
    public NodeRounds(
        OptionTable table, CoreOptions core, double[] cost, double[] capacity, double[] prices, int[] plan, ulong seed)
    {
        (_table, _core, _cost, _plan, _random) = (table, core, cost, plan.ToArray(), new Xorshift(seed));
        _nodes = new NodeOptions(table, core, cost, capacity, prices);
        _dive = new NodeDive(table, _nodes, cost, capacity, seed);
        _all = [.. Enumerable.Range(0, _nodes.Resource.Length)];
        _worth = new double[table.Items];
        _planCost = CostOf(_plan, [.. Enumerable.Range(0, table.Items)]);
        for (var item = 0; item < table.Items; item++)
        {
            var option = core.Option[core.Start[item]];
            _worth[item] = cost[option];
            for (var k = table.UseStart[option]; k < table.UseStart[option + 1]; k++)
                _worth[item] += prices[table.Uses[k].Resource] * table.Uses[k].Amount;
            _worth[item] = Math.Min(_worth[item], _nodes.Outside[item]);
        }
    }

    private long Work => _dive.Prices.Knapsack.Work + _dive.Work;

    /// <summary>Searches.</summary>
    /// <param name="bound">Of the plan's cost.</param>
    /// <param name="enough">A cost at which to stop.</param>
    /// <param name="work">A limit; about a nanosecond each.</param>
    /// <returns>Option of each item; it keeps every capacity.</returns>
    public int[] Run(double bound, double enough, long work)
    {
        if (_all.Length == 0)
            return _plan;
        var items = Enumerable.Range(0, _table.Items).Where(item => !_table.Stranded(item)).ToArray();
        First(items, bound);
        while (Work < work && _planCost > enough)
            Some();
        return _plan;
    }

    private void First(int[] items, double bound)
    {
        _dive.Begin(_plan, _all, items, _worth);
        var better = _dive.Price(bound + (Math.Abs(bound) * FirstReach), FirstPace);
        foreach (var item in items)
            _worth[item] = _dive.Prices.Worth[item];
        better += Math.Abs(better) * DiveReach;
        Take(_dive.Run(double.PositiveInfinity, better, DivePace), items);
    }

    // Nodes that want the same items, and whatever is on them now.
    private void Some()
    {
        var nodes = new List<int> { _random.Below(_all.Length) };
        var most = Math.Min(NodesAtOnce, (int)(NodesShare * _all.Length));
        for (var tries = 0; nodes.Count < most && tries < 8 * NodesAtOnce; tries++)
        {
            var node = nodes[_random.Below(nodes.Count)];
            var item = _nodes.Item[_nodes.Start[node] + _random.Below(_nodes.Start[node + 1] - _nodes.Start[node])];
            var option = _core.Start[item] + _random.Below(_core.Start[item + 1] - _core.Start[item]);
            var other = _nodes.NodeOf[_core.Option[option]];
            if (other >= 0 && !nodes.Contains(other))
                nodes.Add(other);
        }

        var items = new SortedSet<int>();
        foreach (var node in nodes)
        {
            foreach (var item in _nodes.Item.AsSpan(_nodes.Start[node].._nodes.Start[node + 1]))
            {
                var now = _nodes.NodeOf[_plan[item]];
                if (now < 0 || nodes.Contains(now))
                    items.Add(item);
            }
        }

        int[] taken = [.. items];
        var limit = CostOf(_plan, taken);
        limit -= LeastGain * Math.Abs(limit);
        _dive.Begin(_plan, [.. nodes], taken, _worth);
        Take(_dive.Run(limit, limit, SomePace), taken);
    }

    private void Take(int[]? plan, int[] items)
    {
        if (plan is null)
            return;
        var gain = CostOf(_plan, items) - CostOf(plan, items);
        if (gain <= 0)
            return;
        (_plan, _planCost) = (plan, _planCost - gain);
    }

    private double CostOf(int[] plan, int[] items)
    {
        var sum = 0.0;
        foreach (var item in items)
            sum += _cost[plan[item]];
        return sum;
    }
}
