namespace LeptonEdge.Placement.Solving;

/// <summary>From prices to a plan of one table: starts with what each item would choose at these prices, which overruns
/// some resources a little, and mends and improves that by ejection chains under falling temperature.</summary>
internal sealed class SiteSearch
{
    // An overrun below this share of a capacity is rounding.
    internal const double Tolerance = 1e-9;
    private const int PolishPasses = 12;
    private readonly OptionTable _table;
    private readonly CoreOptions _core;
    private readonly double[] _capacity;
    private readonly double[] _prices;
    private readonly double[] _cost;
    private readonly Assignment _now;
    private readonly OverrunWeights _weights;
    private readonly double _unit;

    /// <param name="cost">Of each option; uses of resources that are only priced here are charged in it.</param>
    /// <param name="capacity">Of each resource; infinite where it is only priced.</param>
    /// <param name="prices">Of each resource, as the bound has them.</param>
    public SiteSearch(OptionTable table, double[] cost, double[] capacity, double[] prices)
    {
        (_table, _cost) = (table, cost);
        (_capacity, _prices) = Limited(capacity, prices);
        _core = new CoreOptions(table, cost, _prices);
        _now = new Assignment(table, cost);
        _unit = _core.Unit();
        _weights = new OverrunWeights(_core, _prices, _unit);
        Best = new int[table.Items];
        BestCost = double.PositiveInfinity;
    }

    /// <summary>The options looked at.</summary>
    public CoreOptions Core => _core;

    /// <summary>The best plan found; it keeps every capacity.</summary>
    public int[] Best { get; }

    public double BestCost { get; private set; }

    /// <summary>Continuations looked at so far.</summary>
    public long Looked { get; private set; }

    /// <summary>A first plan: the dearest users first, each at the least reduced cost that still fits.</summary>
    public void Fill()
    {
        var order = new int[_table.Items];
        var key = new double[_table.Items];
        for (var item = 0; item < order.Length; item++)
        {
            var cheapest = _core.Option[_core.Start[item]];
            var charge = _cost[cheapest] - _cost[_table.Unplaced(item)];
            for (var k = _table.UseStart[cheapest]; k < _table.UseStart[cheapest + 1]; k++)
                charge -= _prices[_table.Uses[k].Resource] * _table.Uses[k].Amount;
            (order[item], key[item]) = (item, charge);
        }

        Array.Sort(key, order);
        foreach (var item in order)
        {
            for (var k = _core.Start[item]; k < _core.Start[item + 1]; k++)
            {
                if (!Fits(_core.Option[k]))
                    continue;
                _now.Set(item, _core.Option[k]);
                break;
            }
        }

        Record();
    }

    /// <summary>Takes a plan that was found elsewhere, if it is better.</summary>
    public void Take(int[] choice)
    {
        for (var item = 0; item < choice.Length; item++)
            _now.Set(item, choice[item]);
        _now.Refresh();
        Record();
    }

    /// <summary>The plan in force is the first to be beaten, where it still fits.</summary>
    public void StartWhereItRuns()
    {
        for (var item = 0; item < _table.Items; item++)
        {
            if (_table.Running[item] >= 0)
                _now.Set(item, _table.Running[item]);
        }

        Record();
        for (var item = 0; item < _table.Items; item++)
            _now.Set(item, _table.Unplaced(item));
    }

    /// <summary>Searches for a number of steps, or until the cost is near enough to a bound.</summary>
    /// <param name="enough">A cost at which to stop.</param>
    public void Anneal(int steps, double enough, ulong seed)
    {
        if (BestCost <= enough || _unit <= 0 || _capacity.Length == 0)
            return;
        var chains = new ChainSearch(_table, _core, _now, _capacity, _prices, [1, 4, 1, 1, 1]);
        _weights.First(chains.Over);
        for (var item = 0; item < _table.Items; item++)
            _now.Set(item, _core.Option[_core.Start[item]]);
        Record();
        var random = new Xorshift(seed);
        var temperature = 0.2 * _unit;
        var cooling = Math.Pow(0.3, 1.0 / steps);
        for (var step = 0; step < steps && BestCost > enough; step++, temperature *= cooling)
        {
            if (step % 32 == 0)
                Adjust(chains, step);
            var item = PickItem(ref random, step);
            var option = PickOption(ref random, item);
            if (option < 0)
                continue;
            var limit = -temperature * Math.Log(random.Unit());
            if (chains.Try(item, option, limit) < limit)
            {
                chains.Commit();
                Record();
            }
        }

        Looked += chains.Looked;
    }

    /// <summary>Takes every improvement that a short chain from the best plan brings, until there is none.</summary>
    public void Polish()
    {
        for (var i = 0; i < _table.Items; i++)
            _now.Set(i, Best[i]);
        _now.Refresh();
        var chains = new ChainSearch(_table, _core, _now, _capacity, _prices, [1, 8, 2]);
        _weights.Forbid(chains.Over);
        var (idle, item) = (0, 0);
        for (var tries = 0; idle < _table.Items && tries < PolishPasses * _table.Items; tries++)
        {
            idle = Improve(chains, item) ? 0 : idle + 1;
            item = (item + 1) % _table.Items;
        }

        Looked += chains.Looked;
    }

    private bool Improve(ChainSearch chains, int item)
    {
        var least = 1e-7 * _unit;
        for (var k = _core.Start[item]; k < _core.Start[item + 1]; k++)
        {
            var option = _core.Option[k];
            if (option != _now.Choice[item] && option != _table.Unplaced(item)
                && chains.Try(item, option, -least) < 0)
            {
                chains.Commit();
                Record();
                return true;
            }
        }

        return false;
    }

    // Overrun resources grow dearer until they are not.
    private void Adjust(ChainSearch chains, int step)
    {
        if (step % 1024 == 0)
            _now.Refresh();
        for (var r = 0; r < _capacity.Length; r++)
            chains.Over[r] = _weights.Next(r, chains.Over[r], Overrun(r));
        var highest = 0.0;
        for (var item = 0; item < _table.Items; item++)
            highest = Math.Max(highest, _core.Reduced[_now.Choice[item]]);
        chains.Highest = highest;
    }

    // Every third start is a user of an overrun resource.
    private int PickItem(ref Xorshift random, int step)
    {
        if (step % 3 != 0)
            return random.Below(_table.Items);
        var r = random.Below(_capacity.Length);
        for (var tries = 0; tries < _capacity.Length && !Overrun(r); tries++)
            r = r + 1 == _capacity.Length ? 0 : r + 1;
        var members = _now.Members(r);
        return members.Length > 0 ? members[random.Below(members.Length)] : random.Below(_table.Items);
    }

    // The next cheapest option more often than a dear one; -1 when there is no other.
    private int PickOption(ref Xorshift random, int item)
    {
        var (first, count) = (_core.Start[item], _core.Start[item + 1] - _core.Start[item]);
        var place = Math.Min(count - 1, System.Numerics.BitOperations.TrailingZeroCount(random.Next() | (1UL << 40)));
        if (_core.Option[first + place] == _now.Choice[item])
            place = place + 1 < count ? place + 1 : 0;
        var option = _core.Option[first + place];
        return option == _now.Choice[item] || option == _table.Unplaced(item) ? -1 : option;
    }

    private void Record()
    {
        if (_now.Cost >= BestCost)
            return;
        for (var r = 0; r < _capacity.Length; r++)
        {
            if (Overrun(r))
                return;
        }

        BestCost = _now.Cost;
        Array.Copy(_now.Choice, Best, Best.Length);
    }

    // What nobody uses is not overrun, though the rounding of many changes left a load there.
    private bool Overrun(int r) => _now.MemberCount[r] > 0 && _now.Load[r] > _capacity[r] * (1 + Tolerance);

    private bool Fits(int option)
    {
        for (var k = _table.UseStart[option]; k < _table.UseStart[option + 1]; k++)
        {
            ref var use = ref _table.Uses[k];
            if (_now.Load[use.Resource] + use.Amount > _capacity[use.Resource])
                return false;
        }

        return true;
    }

    // What is only priced is charged in the cost already.
    private static (double[] Capacity, double[] Prices) Limited(double[] capacity, double[] prices)
    {
        var limited = (Capacity: new double[capacity.Length], Prices: new double[capacity.Length]);
        for (var r = 0; r < capacity.Length; r++)
        {
            limited.Capacity[r] = Math.Min(capacity[r], ChainSearch.Unlimited);
            limited.Prices[r] = capacity[r] < ChainSearch.Unlimited ? prices[r] : 0;
        }

        return limited;
    }
}
