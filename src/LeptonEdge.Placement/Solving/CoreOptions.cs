namespace LeptonEdge.Placement.Solving;

/// <summary>The options of each item that a good plan can hold: those of least reduced cost, ascending, and the
/// same options again by resource.</summary>
internal sealed class CoreOptions
{
    /// <summary>Options kept of each item.</summary>
    public const int Most = 16;

    private readonly OptionTable _table;
    private readonly double _meanCost;

    /// <param name="cost">Of each option, uses of shared resources charged where those are not limited here.</param>
    /// <param name="prices">Of every resource.</param>
    public CoreOptions(OptionTable table, double[] cost, double[] prices)
    {
        _table = table;
        Reduced = new double[table.Options];
        Start = new int[table.Items + 1];
        var most = 0;
        for (var item = 0; item < table.Items; item++)
            most += Math.Min(Most, table.OptionStart[item + 1] - table.OptionStart[item]);
        Option = new int[most];
        for (var item = 0; item < table.Items; item++)
        {
            Keep(item, cost, prices);
            _meanCost += Math.Abs(cost[Option[Start[item]]]) / table.Items;
        }

        (OnStart, OnOption, OnItem, OnAmount) = ByResource();
    }

    /// <summary>Reduced cost of every option: above the least of its item, prices charged.</summary>
    public double[] Reduced { get; }

    /// <summary>First kept option of each item.</summary>
    public int[] Start { get; }

    /// <summary>Kept options, item by item, ascending in reduced cost.</summary>
    public int[] Option { get; }

    /// <summary>First entry of each resource in the next three.</summary>
    public int[] OnStart { get; }

    /// <summary>Kept options that use the resource, ascending in reduced cost.</summary>
    public int[] OnOption { get; }

    public int[] OnItem { get; }

    public double[] OnAmount { get; }

    /// <summary>A step of reduced cost that is neither everything nor nothing: half as many further options lie within
    /// it as there are items.</summary>
    public double Unit()
    {
        var above = new double[Option.Length];
        var count = 0;
        // Equal nodes have options that cost the same, or nearly: no step at all.
        var least = 1e-3 * _meanCost;
        for (var item = 0; item < _table.Items; item++)
        {
            for (var k = Start[item] + 1; k < Start[item + 1]; k++)
            {
                if (Option[k] != _table.Unplaced(item) && Reduced[Option[k]] > least)
                    above[count++] = Reduced[Option[k]];
            }
        }

        if (count == 0)
            return _meanCost;
        Array.Sort(above, 0, count);
        return above[Math.Min(count - 1, _table.Items / 2)];
    }

    private void Keep(int item, double[] cost, double[] prices)
    {
        var (first, end, at) = (_table.OptionStart[item], _table.OptionStart[item + 1], Start[item]);
        var kept = 0;
        for (var option = first; option < end; option++)
        {
            var reduced = cost[option];
            for (var k = _table.UseStart[option]; k < _table.UseStart[option + 1]; k++)
                reduced += prices[_table.Uses[k].Resource] * _table.Uses[k].Amount;
            Reduced[option] = reduced;
            var place = kept < Most ? kept++ : Most - 1;
            if (place == Most - 1 && kept == Most && option - first >= Most && reduced >= Reduced[Option[at + place]])
                continue;
            while (place > 0 && Reduced[Option[at + place - 1]] > reduced)
            {
                Option[at + place] = Option[at + place - 1];
                place--;
            }

            Option[at + place] = option;
        }

        // To be placed nowhere is always possible, however dear.
        if (!Option.AsSpan(at, kept).Contains(end - 1))
            Option[at + kept - 1] = end - 1;
        var least = Reduced[Option[at]];
        for (var option = first; option < end; option++)
            Reduced[option] -= least;
        Start[item + 1] = at + kept;
    }

    private (int[] Start, int[] Option, int[] Item, double[] Amount) ByResource()
    {
        var start = new int[_table.ResourceCount + 1];
        for (var k = 0; k < Start[^1]; k++)
        {
            for (var u = _table.UseStart[Option[k]]; u < _table.UseStart[Option[k] + 1]; u++)
                start[_table.Uses[u].Resource + 1]++;
        }

        for (var r = 0; r < _table.ResourceCount; r++)
            start[r + 1] += start[r];
        var next = start.AsSpan(0, _table.ResourceCount).ToArray();
        var (option, item, amount, key) =
            (new int[start[^1]], new int[start[^1]], new double[start[^1]], new double[start[^1]]);
        for (var i = 0; i < _table.Items; i++)
        {
            for (var k = Start[i]; k < Start[i + 1]; k++)
            {
                for (var u = _table.UseStart[Option[k]]; u < _table.UseStart[Option[k] + 1]; u++)
                {
                    var at = next[_table.Uses[u].Resource]++;
                    (option[at], item[at], amount[at]) = (Option[k], i, _table.Uses[u].Amount);
                }
            }
        }

        Sort(start, option, item, amount, key);
        return (start, option, item, amount);
    }

    private void Sort(int[] start, int[] option, int[] item, double[] amount, double[] key)
    {
        var order = new int[option.Length];
        for (var at = 0; at < option.Length; at++)
            (key[at], order[at]) = (Reduced[option[at]], at);
        for (var r = 0; r < _table.ResourceCount; r++)
            Array.Sort(key, order, start[r], start[r + 1] - start[r]);
        var (o, i, a) = (option.ToArray(), item.ToArray(), amount.ToArray());
        for (var at = 0; at < order.Length; at++)
            (option[at], item[at], amount[at]) = (o[order[at]], i[order[at]], a[order[at]]);
    }
}
