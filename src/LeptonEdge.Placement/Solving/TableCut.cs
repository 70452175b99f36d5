namespace LeptonEdge.Placement.Solving;

/// <summary>Some items of a table with their options on some nodes, as a table of its own.</summary>
internal sealed class TableCut
{
    private const int PriceRounds = 12;
    private const int WorkPerOption = 1000;
    private const int WorkPerStep = 16;
    private const int ChainsPerItem = 20;

    private readonly OptionTable _of;
    private readonly NodeOptions _nodes;
    private readonly double[] _room;
    private readonly bool[] _isKept;

    /// <param name="cost">Of each option.</param>
    /// <param name="room">Of each resource: what these items may use.</param>
    /// <param name="nodes">Of them <paramref name="kept"/>.</param>
    public TableCut(
        OptionTable table, NodeOptions nodes, double[] cost, double[] room, ReadOnlySpan<int> kept, int[] items)
    {
        (_of, _nodes, _room, _isKept) = (table, nodes, room, new bool[nodes.Resource.Length]);
        foreach (var node in kept)
            _isKept[node] = true;
        var options = new List<int>();
        var start = new int[items.Length + 1];
        for (var at = 0; at < items.Length; at++)
        {
            for (var option = table.OptionStart[items[at]]; option <= table.Unplaced(items[at]); option++)
            {
                if (option == table.Unplaced(items[at]) || IsKept(option))
                    options.Add(option);
            }

            start[at + 1] = options.Count;
        }

        Option = [.. options];
        var (useStart, uses, capacity) = Uses();
        var running = new int[items.Length];
        Array.Fill(running, -1);
        Table = new OptionTable
        {
            Items = items.Length,
            Locals = capacity.Length,
            ResourceCount = capacity.Length,
            OptionStart = start,
            Cost = Array.ConvertAll(Option, option => cost[option]),
            UseStart = useStart,
            Uses = uses,
            Capacity = capacity,
            Running = running,
            WasRunning = new bool[items.Length],
            Places = new OptionPlace[Option.Length],
        };
    }

    public OptionTable Table { get; }

    /// <summary>What each option was.</summary>
    public int[] Option { get; }

    /// <summary>Work of the search: about a nanosecond each.</summary>
    public long Work { get; private set; }

    /// <summary>Searches exactly, within a limit of steps.</summary>
    /// <param name="limit">Only what costs less counts; infinite for anything.</param>
    /// <returns>Option of each item; null when none is below the limit.</returns>
    public int[]? Solve(double limit, long stepsMax)
    {
        var dual = new FleetDual([Table], [], 1);
        dual.Run(PriceRounds);
        var (prices, bound) = (dual.Sites[0].BestPrices, dual.Sites[0].BestValue);
        Work = WorkPerOption * Table.Options;
        if (bound >= limit)
            return null;
        var search = new SiteSearch(Table, Table.Cost, Table.Capacity, prices);
        search.Fill();
        if (double.IsPositiveInfinity(limit))
            search.Anneal(ChainsPerItem * Table.Items, bound, 0);
        var exact = new ExactSearch(
            Table, Table.Cost, Table.Capacity, prices, search.Best, Math.Min(limit, search.BestCost));
        exact.Run(stepsMax);
        Work += WorkPerStep * exact.Steps;
        return Math.Min(search.BestCost, exact.BestCost) < limit ? search.Best : null;
    }

    private bool IsKept(int option)
    {
        var node = _nodes.NodeOf[option];
        if (!_nodes.IsOutside(option) && (node < 0 || !_isKept[node]))
            return false;
        for (var k = _of.UseStart[option]; k < _of.UseStart[option + 1]; k++)
        {
            if (_of.Uses[k].Amount > _room[_of.Uses[k].Resource])
                return false;
        }

        return true;
    }

    // Of the resources only those that are used, in the same order.
    private (int[] Start, Use[] Uses, double[] Capacity) Uses()
    {
        var number = new int[_of.ResourceCount];
        var start = new int[Option.Length + 1];
        for (var at = 0; at < Option.Length; at++)
        {
            var uses = _of.Uses.AsSpan(_of.UseStart[Option[at]].._of.UseStart[Option[at] + 1]);
            start[at + 1] = start[at] + uses.Length;
            foreach (ref var use in uses)
                number[use.Resource] = 1;
        }

        var capacity = new List<double>();
        for (var r = 0; r < number.Length; r++)
        {
            if (number[r] == 0)
                continue;
            number[r] = capacity.Count;
            capacity.Add(_room[r]);
        }

        var all = new Use[start[^1]];
        for (var at = 0; at < Option.Length; at++)
        {
            for (var k = start[at]; k < start[at + 1]; k++)
            {
                ref var use = ref _of.Uses[_of.UseStart[Option[at]] + k - start[at]];
                all[k] = new Use(number[use.Resource], use.Amount);
            }
        }

        return (start, all, [.. capacity]);
    }
}
