namespace LeptonEdge.Placement.Solving;

/// <summary>One table's search, from its prices to a choice.</summary>
internal static class SiteSolve
{
    private const int ExactItems = 24;
    private const long ExactSteps = 20_000;

    /// <param name="steps">Ejection chains tried at most.</param>
    /// <param name="gapEnough">The search ends at this share above the bound.</param>
    /// <param name="capacity">Of each resource; of the shared ones what the site may use of them.</param>
    /// <param name="charge">Whether uses of shared resources are charged: others want what is left of them.</param>
    /// <param name="nodeWork">Spent on placing workloads node by node, in cells and steps; 0 for not at all.</param>
    /// <returns>Option of each item; it keeps every capacity.</returns>
    public static int[] Search(
        OptionTable table, double[] capacity, SiteDual dual, int steps, double gapEnough, ulong seed,
        bool charge = true, long nodeWork = 0)
    {
        var (cost, prices) = charge ? Charged(table, dual.BestPrices) : (table.Cost, Own(table, dual.BestPrices));
        var search = new SiteSearch(table, cost, capacity, prices);
        search.StartWhereItRuns();
        search.Fill();
        // The bound is of charged costs.
        var enough = charge ? dual.BestValue + (gapEnough * Math.Abs(dual.BestValue)) : double.NegativeInfinity;
        if (nodeWork > 0 && search.BestCost > enough)
        {
            var rounds = new NodeRounds(table, search.Core, cost, capacity, prices, search.Best, seed);
            search.Take(rounds.Run(dual.BestValue, enough, nodeWork));
        }

        search.Anneal(steps, enough, seed);
        if (search.BestCost > enough)
            search.Polish();
        if (table.Items <= ExactItems && (!charge || search.BestCost > dual.BestValue))
            new ExactSearch(table, cost, capacity, prices, search.Best, search.BestCost).Run(ExactSteps);
        GoBack(table, cost, capacity, search.Best);
        return search.Best;
    }

    // Whoever would be no worse off where it runs, and has room there, stays; that may make room for the next.
    private static void GoBack(OptionTable table, double[] cost, double[] capacity, int[] choice)
    {
        var load = new double[table.ResourceCount];
        foreach (var option in choice)
            Count(table, option, load, 1);
        for (var (round, changed) = (0, true); changed && round < choice.Length; round++)
        {
            changed = false;
            for (var item = 0; item < choice.Length; item++)
                changed |= GoBack(table, cost, capacity, choice, load, item);
        }
    }

    private static bool GoBack(
        OptionTable table, double[] cost, double[] capacity, int[] choice, double[] load, int item)
    {
        var (now, before) = (choice[item], table.Running[item]);
        if (before < 0 || before == now || cost[before] > cost[now])
            return false;
        Count(table, now, load, -1);
        var fits = Fits(table, before, load, capacity);
        choice[item] = fits ? before : now;
        Count(table, choice[item], load, 1);
        return fits;
    }

    private static void Count(OptionTable table, int option, double[] load, int sign)
    {
        for (var k = table.UseStart[option]; k < table.UseStart[option + 1]; k++)
            load[table.Uses[k].Resource] += sign * table.Uses[k].Amount;
    }

    private static bool Fits(OptionTable table, int option, double[] load, double[] capacity)
    {
        for (var k = table.UseStart[option]; k < table.UseStart[option + 1]; k++)
        {
            var r = table.Uses[k].Resource;
            if (load[r] + table.Uses[k].Amount > capacity[r] * (1 + SiteSearch.Tolerance))
                return false;
        }

        return true;
    }

    // What others want too is charged at its price: what is left of it is of use to them.
    private static (double[] Cost, double[] Prices) Charged(OptionTable table, double[] prices)
    {
        if (table.Locals == table.ResourceCount)
            return (table.Cost, prices);
        var cost = table.Cost.ToArray();
        for (var option = 0; option < cost.Length; option++)
        {
            for (var k = table.UseStart[option]; k < table.UseStart[option + 1]; k++)
            {
                var r = table.Uses[k].Resource;
                if (r >= table.Locals)
                    cost[option] += prices[r] * table.Uses[k].Amount;
            }
        }

        return (cost, Own(table, prices));
    }

    private static double[] Own(OptionTable table, double[] prices)
    {
        var own = prices.ToArray();
        Array.Clear(own, table.Locals, own.Length - table.Locals);
        return own;
    }
}
