namespace LeptonEdge.Placement.Solving;

/// <summary>How long to price, and how far the first step goes: a share of the way to the target.</summary>
internal readonly record struct PricePace(int Rounds, double Stride);

/// <summary>What it is worth to place each item, found by asking every node in turns which set it would take: items
/// that several take become cheaper, those that none takes dearer.</summary>
/// <remarks>Lagrangian relaxation of the demand that each item is placed once. Nodes keep their limits, so that the
/// bound is nearer to the best plan than that of prices for capacity, where few items fill a node. Fisher, Jaikumar and
/// Van Wassenhove, Management Science 32 (1986).</remarks>
internal sealed class NodePrices
{
    private const double Fresh = 0.15;
    private const double Steady = 0.3;
    private const int FailuresMost = 6;
    private const double StepLeast = 5e-5;
    private readonly NodeOptions _nodes;
    private readonly double[] _room;
    private readonly NodeSets _sets;
    private readonly double[] _slope;
    private readonly double[] _best;
    private readonly int[] _taken;

    /// <param name="room">Of each resource; what is there at the time counts.</param>
    /// <param name="open">Which items are to be placed; what is so at the time counts.</param>
    public NodePrices(NodeOptions nodes, double[] room, bool[] open)
    {
        (_nodes, _room) = (nodes, room);
        Knapsack = new NodeKnapsack(nodes, open);
        _sets = new NodeSets(nodes.Resource.Length);
        (_slope, _best, _taken) = (new double[open.Length], new double[open.Length], new int[open.Length]);
        Worth = new double[open.Length];
    }

    /// <summary>Of each item.</summary>
    public double[] Worth { get; }

    public NodeKnapsack Knapsack { get; }

    /// <summary>What nodes took lately.</summary>
    public NodeSets Sets => _sets;

    /// <summary>Begins anew with these nodes.</summary>
    public void Begin(ReadOnlySpan<int> nodes)
    {
        foreach (var node in nodes)
        {
            _sets.Clear(node);
            Knapsack.Reset(node, Worth);
        }
    }

    /// <summary>Raises and lowers what items are worth, and leaves the best found.</summary>
    /// <param name="target">Cost that the bound will hardly reach.</param>
    /// <returns>A lower bound of what these items cost on these nodes, by the options that are kept.</returns>
    public double Run(ReadOnlySpan<int> nodes, ReadOnlySpan<int> items, double target, PricePace pace)
    {
        var (best, failures, stride) = (double.NegativeInfinity, 0, pace.Stride);
        foreach (var item in items)
            _slope[item] = 0;
        for (var round = 0; round < pace.Rounds && best < target; round++)
        {
            var value = Ask(nodes, items);
            if (value > best + (1e-9 * Math.Abs(best)) || round == 0)
            {
                (best, failures) = (value, 0);
                foreach (var item in items)
                    _best[item] = Worth[item];
            }
            else if (++failures == FailuresMost)
            {
                (stride, failures) = (stride * 0.6, 0);
            }

            if (!Move(items, stride * Math.Max(StepLeast * Math.Abs(target), target - value)))
                break;
        }

        foreach (var item in items)
            Worth[item] = _best[item];
        return best;
    }

    private double Ask(ReadOnlySpan<int> nodes, ReadOnlySpan<int> items)
    {
        var value = 0.0;
        foreach (var item in items)
        {
            _taken[item] = 0;
            value += Worth[item];
        }

        foreach (var node in nodes)
        {
            value -= Knapsack.Find(node, _nodes.CellsOf(node, _room[_nodes.Resource[node]]), Worth);
            var chosen = Knapsack.Chosen.AsSpan(0, Knapsack.Count);
            _sets.Add(node, chosen, Fresh);
            foreach (var entry in chosen)
                _taken[_nodes.Item[entry]]++;
        }

        return value;
    }

    private bool Move(ReadOnlySpan<int> items, double distance)
    {
        var norm = 0.0;
        foreach (var item in items)
        {
            // Nothing is worth more than it costs where there is room for all.
            var wanted = _taken[item] == 0 && Worth[item] >= _nodes.Outside[item] ? 0 : 1 - _taken[item];
            _slope[item] = ((1 - Steady) * wanted) + (Steady * _slope[item]);
            norm += _slope[item] * _slope[item];
        }

        if (norm < 1e-9)
            return false;
        foreach (var item in items)
            Worth[item] = Math.Min(_nodes.Outside[item], Worth[item] + (distance / norm * _slope[item]));
        return true;
    }
}
