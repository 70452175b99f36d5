namespace LeptonEdge.Placement.Solving;

/// <summary>Solves those sites of a fleet again that changed, at the prices that shared resources had.</summary>
internal sealed class PartSolve
{
    private const int LongerLook = 25;
    private readonly FleetState _fleet;
    private readonly FleetPlan _last;
    private readonly SolverOptions _options;
    private readonly FleetIndex _index;
    private readonly double[] _room;
    private readonly SitePlan?[] _plans;
    private readonly SitePlan?[] _before;

    public PartSolve(FleetState fleet, FleetPlan last, SolverOptions options)
    {
        (_fleet, _last, _options, _index) = (fleet, last, options, last.Index);
        _room = [.. _index.SharedCapacity];
        _plans = new SitePlan?[fleet.Sites.Count];
        _before = new SitePlan?[fleet.Sites.Count];
        var byName = new Dictionary<string, SitePlan>(last.Sites.Length);
        foreach (var site in last.Sites)
            byName[site.Site.Name] = site;
        for (var site = 0; site < _plans.Length; site++)
        {
            _before[site] = byName.GetValueOrDefault(fleet.Sites[site].Name);
            if (_before[site] is not { } before)
                continue;
            Take(before, -1);
            if (ReferenceEquals(before.Site, fleet.Sites[site]))
                _plans[site] = before;
        }
    }

    public FleetPlan Run()
    {
        var solved = new List<int>();
        var tight = new List<(int Site, SiteDual Dual)>();
        for (var site = 0; site < _plans.Length; site++)
        {
            if (_plans[site] is not null)
                continue;
            // What a site has of the shared resources stays its own until it is solved: nobody is driven out.
            if (_before[site] is { } before)
                Take(before, 1);
            var table = TableBuilder.Build(_index, _fleet.Sites[site], _before[site]);
            if (Keep(site, table) is { } kept)
            {
                _plans[site] = kept;
                Take(kept, -1);
                solved.Add(site);
                continue;
            }

            var dual = Price(site, table);
            var choice = Search(table, dual, _room, site, charge: false);
            // Whoever is left out is dear: that is worth a longer look.
            if (IsLeftOut(table, choice))
                choice = Search(table, dual, _room, site, charge: false, LongerLook);
            if (WantsRoom(table, choice))
                tight.Add((site, dual));
            _plans[site] = SitePlan.Proven(_index, _fleet.Sites[site], table, choice, dual.BestPrices);
            Take(_plans[site]!, -1);
            solved.Add(site);
        }

        var plan = Plan(_plans!, solved);
        return tight.Count == 0 ? plan : Roomier(plan, tight, solved);
    }

    private SitePlan? Keep(int site, OptionTable table) => _options.KeepWithin > 0 && _before[site] is { } before
        ? SiteKeep.Find(_index, _fleet.Sites[site], before, table, _room, _options.KeepWithin)
        : null;

    private SiteDual Price(int site, OptionTable table)
    {
        var dual = new FleetDual([table], [], 1, _last.SharedPrices);
        dual.StartAt(_last.SharedPrices, [_before[site]]);
        dual.Run(_options.PriceRounds);
        return dual.Sites[0];
    }

    // Nobody else is solved again: what this site leaves of the shared resources is of use to none.
    private int[] Search(
        OptionTable table, SiteDual dual, double[] room, int site, bool charge, int times = 1) => SiteSolve.Search(
            table, [.. table.Capacity, .. room], dual, times * _options.ChainsPerWorkload * table.Items, gapEnough: 0,
            (ulong)site, charge);

    private static bool IsLeftOut(OptionTable table, int[] choice)
    {
        for (var item = 0; item < choice.Length; item++)
        {
            if (choice[item] == table.Unplaced(item) && !table.Stranded(item))
                return true;
        }

        return false;
    }

    private void Take(SitePlan plan, int sign)
    {
        for (var r = 0; r < _room.Length; r++)
            _room[r] += sign * plan.Load[plan.Table.Locals + r];
    }

    private FleetPlan Plan(SitePlan[] plans, List<int> solved) =>
        new(_fleet, _index, plans, _last.SharedPrices, solved.Select(site => plans[site]));

    // Whether somebody is left out who could use what sites share.
    private static bool WantsRoom(OptionTable table, int[] choice)
    {
        for (var item = 0; item < table.Items; item++)
        {
            if (choice[item] != table.Unplaced(item))
                continue;
            var uses = table.Uses.AsSpan(
                table.UseStart[table.OptionStart[item]]..table.UseStart[table.Unplaced(item)]);
            foreach (ref var use in uses)
            {
                if (use.Resource >= table.Locals)
                    return true;
            }
        }

        return false;
    }

    // Those sites take what they want at the prices, and then whoever does so most cheaply yields, on any site.
    private FleetPlan Roomier(FleetPlan plan, List<(int Site, SiteDual Dual)> tight, List<int> solved)
    {
        var tables = Array.ConvertAll(plan.Sites, site => site.Table);
        var choice = Array.ConvertAll(plan.Sites, site => site.Choice.ToArray());
        var ample = new double[_room.Length];
        Array.Fill(ample, double.PositiveInfinity);
        foreach (var (site, dual) in tight)
            choice[site] = Search(tables[site], dual, ample, site, charge: true);
        new SharedRoom(tables, choice, _index.SharedCapacity, _options.Threads).Relieve();
        var plans = plan.Sites.ToArray();
        for (var site = 0; site < plans.Length; site++)
        {
            if (choice[site].AsSpan().SequenceEqual(plans[site].Choice))
                continue;
            plans[site] = new SitePlan(_index, _fleet.Sites[site], tables[site], choice[site], plans[site].Prices);
            if (!solved.Contains(site))
                solved.Add(site);
        }

        var other = Plan(plans, solved);
        return other.Cost < plan.Cost ? other : plan;
    }
}
