namespace LeptonEdge.Placement.Solving;

/// <summary>First prices: resource by resource, the price at which what workloads then choose just fits.</summary>
/// <remarks>The bound is concave in each price, so each is set to its best with the others held; all together still
/// need the steps of <see cref="SiteDual"/>.</remarks>
internal sealed class DualStart
{
    private const int Halvings = 24;
    private readonly OptionTable _table;
    private readonly double[] _prices;
    private readonly double[] _load;
    private readonly double[] _without;
    private readonly double[] _base;
    private readonly double[] _amount;
    private readonly int[] _end;

    public DualStart(OptionTable table, double[] prices)
    {
        (_table, _prices) = (table, prices);
        _load = new double[table.ResourceCount];
        _without = new double[table.Items];
        _end = new int[table.Items];
        _base = new double[table.Options];
        _amount = new double[table.Options];
    }

    /// <summary>Sets the price of every own resource that is overrun, or that has a price and room to spare.</summary>
    public void Sweep()
    {
        Loads();
        for (var r = 0; r < _table.Locals; r++)
        {
            if (_load[r] > _table.Capacity[r] || (_prices[r] > 0 && _load[r] < 0.95 * _table.Capacity[r]))
                Fit(r);
        }
    }

    private void Fit(int r)
    {
        var before = _prices[r];
        var items = Gather(r);
        var (low, high) = (0.0, Math.Max(before, 1e-12));
        if (LoadAt(items, 0) <= _table.Capacity[r])
            high = 0;
        for (var tries = 0; tries < 200 && high > 0 && LoadAt(items, high) > _table.Capacity[r]; tries++)
            (low, high) = (high, high * 4);
        for (var half = 0; half < Halvings && high > 0; half++)
        {
            var middle = 0.5 * (low + high);
            if (LoadAt(items, middle) > _table.Capacity[r])
                low = middle;
            else
                high = middle;
        }

        _prices[r] = high;
        if (high != before)
            Loads();
    }

    // For each item on the resource: its cheapest option without, and its options with it at price 0.
    private int Gather(int r)
    {
        var (items, kept) = (0, 0);
        for (var item = 0; item < _table.Items; item++)
        {
            var (without, first) = (double.PositiveInfinity, kept);
            for (var option = _table.OptionStart[item]; option < _table.OptionStart[item + 1]; option++)
            {
                var (cost, amount) = (_table.Cost[option], 0.0);
                for (var k = _table.UseStart[option]; k < _table.UseStart[option + 1]; k++)
                {
                    if (_table.Uses[k].Resource == r)
                        amount = _table.Uses[k].Amount;
                    else
                        cost += _prices[_table.Uses[k].Resource] * _table.Uses[k].Amount;
                }

                if (amount > 0)
                    (_base[kept], _amount[kept++]) = (cost, amount);
                else
                    without = Math.Min(without, cost);
            }

            if (kept > first)
                (_without[items], _end[items++]) = (without, kept);
        }

        return items;
    }

    private double LoadAt(int items, double price)
    {
        var (load, at) = (0.0, 0);
        for (var item = 0; item < items; item++)
        {
            var (least, amount) = (_without[item], 0.0);
            for (; at < _end[item]; at++)
            {
                var cost = _base[at] + (price * _amount[at]);
                if (cost < least)
                    (least, amount) = (cost, _amount[at]);
            }

            load += amount;
        }

        return load;
    }

    private void Loads()
    {
        Array.Clear(_load);
        for (var item = 0; item < _table.Items; item++)
        {
            var (least, choice) = (double.PositiveInfinity, -1);
            for (var option = _table.OptionStart[item]; option < _table.OptionStart[item + 1]; option++)
            {
                var cost = _table.Cost[option];
                for (var k = _table.UseStart[option]; k < _table.UseStart[option + 1]; k++)
                    cost += _prices[_table.Uses[k].Resource] * _table.Uses[k].Amount;
                if (cost < least)
                    (least, choice) = (cost, option);
            }

            for (var k = _table.UseStart[choice]; k < _table.UseStart[choice + 1]; k++)
                _load[_table.Uses[k].Resource] += _table.Uses[k].Amount;
        }
    }
}
