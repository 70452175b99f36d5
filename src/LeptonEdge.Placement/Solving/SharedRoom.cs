namespace LeptonEdge.Placement.Solving;

/// <summary>Makes the plans of all sites together keep what they share: first whoever leaves an overrun resource most
/// cheaply leaves it, then whoever gains most takes the room that is left.</summary>
internal sealed class SharedRoom
{
    private readonly OptionTable[] _tables;
    private readonly int[][] _choice;
    private readonly double[] _capacity;
    private readonly double[][] _load;
    private readonly ParallelOptions _parallel;
    private readonly List<Step>[] _found;

    /// <param name="choice">Option of each item of each table; changed in place.</param>
    public SharedRoom(OptionTable[] tables, int[][] choice, double[] sharedCapacity, int threads)
    {
        (_tables, _choice, _capacity) = (tables, choice, sharedCapacity);
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
        SharedLoad = new double[sharedCapacity.Length];
        _load = new double[tables.Length][];
        _found = new List<Step>[tables.Length];
        for (var site = 0; site < tables.Length; site++)
        {
            _load[site] = new double[tables[site].ResourceCount];
            _found[site] = [];
            for (var item = 0; item < choice[site].Length; item++)
                Count(site, choice[site][item], 1);
        }
    }

    public double[] SharedLoad { get; }

    /// <summary>Until every shared resource holds what is on it.</summary>
    public void Relieve()
    {
        for (var round = 0; round < 20; round++)
        {
            var worst = Worst();
            if (worst < 0)
                return;
            foreach (var step in Find((site, found) => Leaving(site, worst, found)))
            {
                if (!Overrun(worst))
                    break;
                if (Fits(step.Site, _choice[step.Site][step.Item], step.Option))
                    Make(step);
            }

            if (Overrun(worst))
                Expel(worst);
        }
    }

    /// <summary>Whoever gains by another option that fits takes it, the largest gain first.</summary>
    public void Use()
    {
        for (var round = 0; round < 3; round++)
        {
            var steps = Find(Gaining);
            var made = 0;
            foreach (var step in steps)
            {
                var now = _choice[step.Site][step.Item];
                var cost = _tables[step.Site].Cost;
                if (cost[step.Option] < cost[now] - 1e-12 && Fits(step.Site, now, step.Option))
                {
                    Make(step);
                    made++;
                }
            }

            if (made == 0)
                return;
        }
    }

    // When nobody can leave for a place with room: the least dear unplaced first. It always ends the overrun.
    private void Expel(int worst)
    {
        var steps = Find((site, found) =>
        {
            var table = _tables[site];
            for (var item = 0; item < table.Items; item++)
            {
                var now = _choice[site][item];
                var amount = AmountOf(table, now, table.Locals + worst);
                if (amount > 0)
                    found.Add(new Step((table.Cost[table.Unplaced(item)] - table.Cost[now]) / amount, site, item,
                        table.Unplaced(item)));
            }
        });
        foreach (var step in steps)
        {
            if (!Overrun(worst))
                return;
            Make(step);
        }
    }

    private Step[] Find(Action<int, List<Step>> look)
    {
        Parallel.For(0, _tables.Length, _parallel, site =>
        {
            _found[site].Clear();
            look(site, _found[site]);
        });
        var count = 0;
        foreach (var found in _found)
            count += found.Count;
        var steps = new Step[count];
        var at = 0;
        foreach (var found in _found)
        {
            found.CopyTo(steps, at);
            at += found.Count;
        }

        Array.Sort(steps);
        return steps;
    }

    // The cheapest way of each item off a resource.
    private void Leaving(int site, int resource, List<Step> found)
    {
        var table = _tables[site];
        for (var item = 0; item < table.Items; item++)
        {
            var now = _choice[site][item];
            var amount = AmountOf(table, now, table.Locals + resource);
            if (amount <= 0)
                continue;
            var best = new Step(double.PositiveInfinity, site, item, now);
            for (var option = table.OptionStart[item]; option < table.OptionStart[item + 1]; option++)
            {
                var relief = amount - AmountOf(table, option, table.Locals + resource);
                var score = (table.Cost[option] - table.Cost[now]) / relief;
                if (relief > 0 && score < best.Score && Fits(site, now, option))
                    best = best with { Score = score, Option = option };
            }

            if (best.Option != now)
                found.Add(best);
        }
    }

    private void Gaining(int site, List<Step> found)
    {
        var table = _tables[site];
        for (var item = 0; item < table.Items; item++)
        {
            var now = _choice[site][item];
            var best = new Step(-1e-12, site, item, now);
            for (var option = table.OptionStart[item]; option < table.OptionStart[item + 1]; option++)
            {
                var change = table.Cost[option] - table.Cost[now];
                if (change < best.Score && Fits(site, now, option))
                    best = best with { Score = change, Option = option };
            }

            if (best.Option != now)
                found.Add(best);
        }
    }

    private static double AmountOf(OptionTable table, int option, int resource)
    {
        for (var k = table.UseStart[option]; k < table.UseStart[option + 1]; k++)
        {
            if (table.Uses[k].Resource == resource)
                return table.Uses[k].Amount;
        }

        return 0;
    }

    // Whether an item's new option keeps every capacity, what it leaves counted as free.
    private bool Fits(int site, int now, int option)
    {
        var table = _tables[site];
        for (var k = table.UseStart[option]; k < table.UseStart[option + 1]; k++)
        {
            var r = table.Uses[k].Resource;
            var amount = table.Uses[k].Amount - AmountOf(table, now, r);
            var (load, capacity) = r < table.Locals
                ? (_load[site][r], table.Capacity[r])
                : (SharedLoad[r - table.Locals], _capacity[r - table.Locals]);
            if (amount > 0 && load + amount > capacity)
                return false;
        }

        return true;
    }

    private void Make(Step step)
    {
        Count(step.Site, _choice[step.Site][step.Item], -1);
        Count(step.Site, step.Option, 1);
        _choice[step.Site][step.Item] = step.Option;
    }

    private void Count(int site, int option, int sign)
    {
        var table = _tables[site];
        for (var k = table.UseStart[option]; k < table.UseStart[option + 1]; k++)
        {
            ref var use = ref table.Uses[k];
            if (use.Resource < table.Locals)
                _load[site][use.Resource] += sign * use.Amount;
            else
                SharedLoad[use.Resource - table.Locals] += sign * use.Amount;
        }
    }

    private bool Overrun(int r) => SharedLoad[r] > _capacity[r] * (1 + SiteSearch.Tolerance);

    private int Worst()
    {
        var (worst, most) = (-1, SiteSearch.Tolerance);
        for (var r = 0; r < _capacity.Length; r++)
        {
            var over = SharedLoad[r] > 0 ? (SharedLoad[r] / _capacity[r]) - 1 : 0;
            if (over > most)
                (worst, most) = (r, over);
        }

        return worst;
    }

    private readonly record struct Step(double Score, int Site, int Item, int Option) : IComparable<Step>
    {
        public int CompareTo(Step other)
        {
            var order = Score.CompareTo(other.Score);
            if (order == 0)
                order = Site.CompareTo(other.Site);
            return order == 0 ? Item.CompareTo(other.Item) : order;
        }
    }
}
