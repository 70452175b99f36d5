namespace LeptonEdge.Placement.Solving;

/// <summary>Places items node by node: the set that a node wants most is fixed, the rest is priced again, until the
/// last few nodes can be searched as a small table.</summary>
/// <remarks>Sadykov, Vanderbeck, Pessoa, Tahiri and Uchoa, INFORMS J. Computing 31 (2019), on diving.</remarks>
internal sealed class NodeDive
{
    private const int NodesLast = 4;
    private const int NodesLeast = 2;
    private const int ItemsLast = 40;
    private const int ShareAtOnce = 24;
    private const double Noise = 0.3;
    private const long ExactSteps = 20_000;
    private readonly OptionTable _table;
    private readonly NodeOptions _nodes;
    private readonly double[] _cost;
    private readonly double[] _capacity;
    private readonly double[] _room;
    private readonly bool[] _open;
    private readonly int[] _choice;
    private readonly Func<int, ReadOnlySpan<int>, bool> _refused;
    private Xorshift _random;
    private int[] _left = [];
    private int[] _items = [];

    public NodeDive(OptionTable table, NodeOptions nodes, double[] cost, double[] capacity, ulong seed)
    {
        (_table, _nodes, _cost, _capacity) = (table, nodes, cost, capacity);
        (_room, _open, _choice) = (new double[capacity.Length], new bool[table.Items], new int[table.Items]);
        Prices = new NodePrices(nodes, _room, _open);
        (_random, _refused) = (new Xorshift(seed), Refused);
    }

    public NodePrices Prices { get; }

    /// <summary>Work so far, but for that of <see cref="Prices"/>.</summary>
    public long Work { get; private set; }

    /// <summary>Takes items out of a plan, to place them anew on some nodes; the others stay where they are.</summary>
    /// <param name="plan">Option of each item.</param>
    /// <param name="worth">Of each item, to begin with.</param>
    public void Begin(int[] plan, int[] nodes, int[] items, double[] worth)
    {
        (_left, _items) = (nodes, items);
        Array.Clear(_open);
        foreach (var item in items)
            (_open[item], Prices.Worth[item]) = (true, worth[item]);
        _capacity.CopyTo(_room, 0);
        for (var item = 0; item < plan.Length; item++)
        {
            _choice[item] = plan[item];
            if (!_open[item])
                Use(plan[item]);
        }

        Prices.Begin(nodes);
        Work += plan.Length + _room.Length;
    }

    /// <summary>Prices the items that are left.</summary>
    /// <param name="target">Cost that they will hardly reach.</param>
    /// <returns>A lower bound of what they cost.</returns>
    public double Price(double target, PricePace pace)
    {
        Work += _room.Length;
        // What was charged for resources that several nodes share is no cost.
        var charged = 0.0;
        for (var r = 0; r < _room.Length; r++)
            charged += _nodes.SharedPrice[r] > 0 ? _nodes.SharedPrice[r] * Math.Max(0, _room[r]) : 0;
        return Prices.Run(_left, _items, target + charged, pace) - charged;
    }

    /// <summary>Places the items.</summary>
    /// <param name="limit">Only what costs less counts; infinite for anything.</param>
    /// <param name="pace">Of pricing, before each set that is fixed.</param>
    /// <returns>Option of each item; null when there is nothing below the limit.</returns>
    public int[]? Run(double limit, double target, PricePace pace)
    {
        var cost = 0.0;
        while (_left.Length > NodesLeast && (_left.Length > NodesLast || _items.Length > ItemsLast))
        {
            if (cost + Price(Math.Min(limit, target) - cost, pace) >= limit)
                return null;
            for (var more = 1 + (_left.Length / ShareAtOnce); more > 0; more--)
            {
                var (node, entries) = Prices.Sets.Strongest(_left, _refused, ref _random, Noise);
                if (node < 0)
                    return Finish(limit - cost) ? _choice.ToArray() : null;
                cost += Fix(entries);
                _left = Array.FindAll(_left, other => other != node);
            }

            _items = Array.FindAll(_items, item => _open[item]);
        }

        return Finish(limit - cost) ? _choice.ToArray() : null;
    }

    private double Fix(int[] entries)
    {
        var cost = 0.0;
        foreach (var entry in entries)
        {
            var (item, option) = (_nodes.Item[entry], _nodes.Option[entry]);
            (_choice[item], _open[item]) = (option, false);
            cost += _cost[option];
            Use(option);
        }

        return cost;
    }

    private void Use(int option)
    {
        for (var k = _table.UseStart[option]; k < _table.UseStart[option + 1]; k++)
            _room[_table.Uses[k].Resource] -= _table.Uses[k].Amount;
    }

    // A set of which an item is placed by now, or that no longer fits.
    private bool Refused(int node, ReadOnlySpan<int> entries)
    {
        var fits = true;
        foreach (var entry in entries)
        {
            if (!_open[_nodes.Item[entry]])
                return true;
        }

        var count = 0;
        for (; count < entries.Length && fits; count++)
        {
            var option = _nodes.Option[entries[count]];
            for (var k = _table.UseStart[option]; k < _table.UseStart[option + 1]; k++)
            {
                var r = _table.Uses[k].Resource;
                _room[r] -= _table.Uses[k].Amount;
                fits &= _room[r] >= -SiteSearch.Tolerance * _capacity[r];
            }
        }

        while (count-- > 0)
        {
            var option = _nodes.Option[entries[count]];
            for (var k = _table.UseStart[option]; k < _table.UseStart[option + 1]; k++)
                _room[_table.Uses[k].Resource] += _table.Uses[k].Amount;
        }

        return !fits;
    }

    private bool Finish(double limit)
    {
        _items = Array.FindAll(_items, item => _open[item]);
        if (_items.Length == 0)
            return limit > 0;
        var table = new TableCut(_table, _nodes, _cost, _room, _left, _items);
        var choice = table.Solve(limit, ExactSteps);
        Work += table.Work;
        if (choice is null)
            return false;
        for (var at = 0; at < _items.Length; at++)
            _choice[_items[at]] = table.Option[choice[at]];
        return true;
    }
}
