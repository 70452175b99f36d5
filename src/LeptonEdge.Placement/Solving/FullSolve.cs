namespace LeptonEdge.Placement.Solving;

/// <summary>Solves all sites of a fleet.</summary>
internal static class FullSolve
{
    // A fleet that is searched as one costs little to search on.
    private const double GapEnoughShare = 0.02;

    // Few workloads fill nodes in coarse steps: they are searched as long as more would be.
    private const int ItemsLeast = 400;
    private const double LongerMost = 2.5;

    // Half of the chains give way to searching node by node, for less than the time that those would take.
    private const long WorkPerChain = 1000;

    /// <param name="last">Where prices start, and where workloads run of which the state does not say it; null to begin
    /// anew.</param>
    public static FleetPlan Run(FleetState fleet, SolverOptions options, FleetPlan? last)
    {
        var index = new FleetIndex(fleet);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Threads };
        var before = new SitePlan?[fleet.Sites.Count];
        if (last is not null)
        {
            var byName = last.Sites.ToDictionary(site => site.Site.Name);
            for (var site = 0; site < before.Length; site++)
                before[site] = byName.GetValueOrDefault(fleet.Sites[site].Name);
        }

        var tables = new OptionTable[fleet.Sites.Count];
        Parallel.For(0, tables.Length, parallel,
            site => tables[site] = TableBuilder.Build(index, fleet.Sites[site], before[site]));
        return tables.Sum(table => table.Items) <= options.WorkloadsAsOne
            ? AsOne(fleet, index, tables, options)
            : SiteBySite(fleet, index, tables, options, before, last?.SharedPrices);
    }

    private static FleetPlan SiteBySite(
        FleetState fleet, FleetIndex index, OptionTable[] tables, SolverOptions options, SitePlan?[] before,
        double[]? sharedPrices)
    {
        var dual = new FleetDual(tables, index.SharedCapacity, options.Threads);
        if (sharedPrices?.Length == index.SharedCapacity.Length)
            dual.StartAt(sharedPrices, before);
        dual.Run(options.PriceRounds);
        var choice = new LaneSearch(tables, dual, index.SharedCapacity, options).Run();
        var room = new SharedRoom(tables, choice, index.SharedCapacity, options.Threads);
        room.Relieve();
        room.Use();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Threads };
        var sites = new SitePlan[tables.Length];
        Parallel.For(0, tables.Length, parallel, site => sites[site] = sharedPrices is null
            ? new SitePlan(index, fleet.Sites[site], tables[site], choice[site], dual.Sites[site].BestPrices)
            : SitePlan.Proven(index, fleet.Sites[site], tables[site], choice[site], dual.Sites[site].BestPrices));
        return new FleetPlan(fleet, index, sites, dual.Shared, sites);
    }

    private static FleetPlan AsOne(FleetState fleet, FleetIndex index, OptionTable[] tables, SolverOptions options)
    {
        var whole = TableMerge.Merge(tables, index.SharedCapacity);
        var dual = new FleetDual([whole], [], 1);
        dual.Run(2 * options.PriceRounds);
        var items = (int)Math.Max(whole.Items, Math.Min(ItemsLeast, LongerMost * whole.Items));
        var steps = options.ChainsPerWorkloadAsOne * items;
        var choice = SiteSolve.Search(
            whole, whole.Capacity, dual.Sites[0], steps / 2, GapEnoughShare * options.GapEnough, seed: 0,
            nodeWork: steps * WorkPerChain);
        var prices = dual.Sites[0].BestPrices;
        var shared = prices.AsSpan(whole.Locals - index.SharedCapacity.Length).ToArray();
        var sites = new SitePlan[tables.Length];
        var (item, option, local) = (0, 0, 0);
        for (var site = 0; site < sites.Length; site++)
        {
            var table = tables[site];
            var own = new int[table.Items];
            for (var i = 0; i < own.Length; i++)
                own[i] = choice[item + i] - option;
            double[] ownPrices = [.. prices.AsSpan(local, table.Locals), .. shared];
            sites[site] = new SitePlan(index, fleet.Sites[site], table, own, ownPrices);
            (item, option, local) = (item + table.Items, option + table.Options, local + table.Locals);
        }

        return new FleetPlan(fleet, index, sites, shared, sites);
    }
}
