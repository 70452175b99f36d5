namespace LeptonEdge.Placement.Solving;

/// <summary>Tries every plan of a small table that could still be cheaper than the best one known, within a limit of
/// steps.</summary>
/// <remarks>At given prices every plan costs at least the bound plus the reduced costs of its options: what is above
/// the best plan by that is cut off.</remarks>
internal sealed class ExactSearch
{
    private readonly OptionTable _table;
    private readonly double[] _cost;
    private readonly double[] _capacity;
    private readonly double[] _load;
    private readonly double[] _reduced;
    private readonly int[] _option;
    private readonly int[] _order;
    private readonly int[] _choice;
    private readonly double[] _leastCostAfter;
    private readonly double _bound;
    private long _stepsLeft;

    /// <param name="cost">Of each option.</param>
    /// <param name="capacity">Of each resource.</param>
    /// <param name="prices">Of each resource, as the bound has them; 0 for what is charged in the cost.</param>
    /// <param name="best">The best plan known; a better one takes its place.</param>
    public ExactSearch(
        OptionTable table, double[] cost, double[] capacity, double[] prices, int[] best, double bestCost)
    {
        (_table, _cost, _capacity, Best, BestCost) = (table, cost, capacity, best, bestCost);
        _load = new double[table.ResourceCount];
        _choice = new int[table.Items];
        _option = new int[table.Options];
        _reduced = new double[table.Options];
        _order = new int[table.Items];
        _leastCostAfter = new double[table.Items + 1];
        _bound = Reduce(prices);
        Order();
    }

    public int[] Best { get; }

    public double BestCost { get; private set; }

    /// <summary>Items tried in the last search.</summary>
    public long Steps { get; private set; }

    /// <summary>Searches; the best plan is proven when it returns true.</summary>
    public bool Run(long stepsMax)
    {
        _stepsLeft = stepsMax;
        Visit(0, 0, 0);
        Steps = stepsMax - _stepsLeft;
        return _stepsLeft > 0;
    }

    private double Reduce(double[] prices)
    {
        var bound = 0.0;
        for (var r = 0; r < prices.Length; r++)
        {
            if (prices[r] > 0)
                bound -= prices[r] * _capacity[r];
        }

        for (var item = 0; item < _table.Items; item++)
        {
            var (first, end) = (_table.OptionStart[item], _table.OptionStart[item + 1]);
            for (var option = first; option < end; option++)
            {
                _option[option] = option;
                _reduced[option] = _cost[option];
                for (var k = _table.UseStart[option]; k < _table.UseStart[option + 1]; k++)
                    _reduced[option] += prices[_table.Uses[k].Resource] * _table.Uses[k].Amount;
            }

            Array.Sort(_reduced, _option, first, end - first);
            var least = _reduced[first];
            bound += least;
            for (var option = first; option < end; option++)
                _reduced[option] -= least;
        }

        return bound;
    }

    // The items first that have most to lose by another option than their best.
    private void Order()
    {
        var key = new double[_table.Items];
        for (var item = 0; item < key.Length; item++)
        {
            var first = _table.OptionStart[item];
            (_order[item], key[item]) = (item, _table.Stranded(item) ? 0 : -_reduced[first + 1]);
        }

        Array.Sort(key, _order);
        for (var at = key.Length - 1; at >= 0; at--)
        {
            var least = double.PositiveInfinity;
            for (var o = _table.OptionStart[_order[at]]; o < _table.OptionStart[_order[at] + 1]; o++)
                least = Math.Min(least, _cost[o]);
            _leastCostAfter[at] = _leastCostAfter[at + 1] + least;
        }
    }

    private void Visit(int at, double cost, double reduced)
    {
        var enough = BestCost - (1e-9 * Math.Abs(BestCost));
        if (cost + _leastCostAfter[at] >= enough || --_stepsLeft <= 0)
            return;
        if (at == _order.Length)
        {
            BestCost = cost;
            _choice.CopyTo(Best, 0);
            return;
        }

        var item = _order[at];
        for (var place = _table.OptionStart[item]; place < _table.OptionStart[item + 1]; place++)
        {
            if (_bound + reduced + _reduced[place] >= BestCost || _stepsLeft <= 0)
                return;
            var option = _option[place];
            if (!Add(option))
                continue;
            _choice[item] = option;
            Visit(at + 1, cost + _cost[option], reduced + _reduced[place]);
            Take(option);
        }
    }

    private bool Add(int option)
    {
        for (var k = _table.UseStart[option]; k < _table.UseStart[option + 1]; k++)
        {
            ref var use = ref _table.Uses[k];
            if (_load[use.Resource] + use.Amount > _capacity[use.Resource] * (1 + (0.5 * SiteSearch.Tolerance)))
                return false;
        }

        for (var k = _table.UseStart[option]; k < _table.UseStart[option + 1]; k++)
            _load[_table.Uses[k].Resource] += _table.Uses[k].Amount;
        return true;
    }

    private void Take(int option)
    {
        for (var k = _table.UseStart[option]; k < _table.UseStart[option + 1]; k++)
            _load[_table.Uses[k].Resource] -= _table.Uses[k].Amount;
    }
}
