namespace LeptonEdge.Placement.Solving;

/// <summary>A higher bound for a site that has no room for somebody. At prices alone everybody is placed but for a
/// fraction; in truth whoever is left out is left out whole. So both are tried: that one is left out, and that it is
/// placed.</summary>
internal sealed class LeftOutBound
{
    private const int CasesMax = 48;
    private const int Steps = 60;
    private const double Reach = 0.1;
    private const double Rounding = 1e-9;

    // Beyond this share of what it costs to leave somebody out nobody is near being left out.
    private const double FarAway = 0.95;
    private readonly OptionTable _table;
    private readonly double[] _shared;
    private readonly double _enough;
    private readonly PriorityQueue<Case, double> _open = new();

    /// <param name="prices">Of every resource, own and shared; the shared ones stay as they are.</param>
    /// <param name="enough">What the plan costs, shared uses charged: no bound is higher.</param>
    private LeftOutBound(OptionTable table, double[] prices, double enough)
    {
        (_table, _enough) = (table, enough * (1 - Rounding));
        _shared = prices[table.Locals..];
        _open.Enqueue(new Case(table, prices, []), SafeBound.Of(table, prices));
    }

    /// <returns>A bound of the site's cost, shared uses charged.</returns>
    public static double Find(OptionTable table, double[] prices, double enough) =>
        new LeftOutBound(table, prices, enough).Run();

    private double Run()
    {
        for (var cases = 0; cases < CasesMax; cases++)
        {
            if (!_open.TryPeek(out var first, out var bound) || bound >= _enough)
                break;
            var item = Contested(first);
            if (item < 0)
                break;
            _open.Dequeue();
            Add(first, item, placed: true, bound);
            Add(first, item, placed: false, bound);
        }

        // The least of what is open bounds all of it; what is closed costs more than the plan.
        return _open.TryPeek(out _, out var least) ? Math.Min(least, _enough) : _enough;
    }

    /// <summary>The item whose best place costs nearly as much as to be left out: at these prices either may
    /// be.</summary>
    private int Contested(Case at)
    {
        var (best, nearest) = (-1, FarAway);
        for (var item = 0; item < _table.Items; item++)
        {
            if (_table.Stranded(item) || at.Decided.Contains(item))
                continue;
            var unplaced = at.Table.Cost[_table.Unplaced(item)];
            var least = double.PositiveInfinity;
            for (var option = _table.OptionStart[item]; option < _table.Unplaced(item); option++)
                least = Math.Min(least, Reduced(at, option));
            var away = Math.Abs(unplaced - least) / unplaced;
            if (away < nearest)
                (best, nearest) = (item, away);
        }

        return best;
    }

    private static double Reduced(Case at, int option)
    {
        var cost = at.Table.Cost[option];
        for (var k = at.Table.UseStart[option]; k < at.Table.UseStart[option + 1]; k++)
            cost += at.Prices[at.Table.Uses[k].Resource] * at.Table.Uses[k].Amount;
        return cost;
    }

    private void Add(Case parent, int item, bool placed, double parentBound)
    {
        var cost = parent.Table.Cost.ToArray();
        for (var option = _table.OptionStart[item]; option <= _table.Unplaced(item); option++)
        {
            if (placed == (option == _table.Unplaced(item)))
                cost[option] = double.PositiveInfinity;
        }

        var table = With(cost);
        var dual = new SiteDual(table);
        parent.Prices.CopyTo(dual.Prices, 0);
        dual.Step(_shared, 1e-9 * Math.Max(1e-9, Math.Abs(parentBound)));
        dual.Ascend(Steps, Reach);
        var bound = Math.Max(parentBound, SafeBound.Of(table, dual.BestPrices));
        if (bound < _enough)
            _open.Enqueue(new Case(table, [.. dual.BestPrices], [.. parent.Decided, item]), bound);
    }

    private OptionTable With(double[] cost) => new()
    {
        Items = _table.Items,
        Locals = _table.Locals,
        ResourceCount = _table.ResourceCount,
        OptionStart = _table.OptionStart,
        Cost = cost,
        UseStart = _table.UseStart,
        Uses = _table.Uses,
        Capacity = _table.Capacity,
        Running = _table.Running,
        WasRunning = _table.WasRunning,
        Places = _table.Places,
    };

    private sealed record Case(OptionTable Table, double[] Prices, HashSet<int> Decided);
}
