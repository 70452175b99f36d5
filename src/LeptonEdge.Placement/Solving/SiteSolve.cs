namespace LeptonEdge.Placement.Solving;

/// <summary>One table's search, from its prices to a choice.</summary>
internal static class SiteSolve
{
    private const int ExactItems = 24;
    private const long ExactSteps = 20_000;

    /// <param name="gapEnough">The search ends at this share above the bound.</param>
    /// <param name="capacity">Of each resource; of the shared ones what the site may use of them.</param>
    /// <returns>Option of each item; it keeps every capacity.</returns>
    public static int[] Search(
        OptionTable table, double[] capacity, SiteDual dual, int chainsPerItem, double gapEnough, ulong seed)
    {
        var (cost, prices) = Charged(table, dual.BestPrices);
        var search = new SiteSearch(table, cost, capacity, prices);
        search.Fill();
        var enough = dual.BestValue + (gapEnough * Math.Abs(dual.BestValue));
        search.Anneal(chainsPerItem * table.Items, enough, seed);
        if (search.BestCost > enough)
            search.Polish();
        if (table.Items <= ExactItems && search.BestCost > dual.BestValue)
            new ExactSearch(table, cost, capacity, prices, search.Best, search.BestCost).Run(ExactSteps);
        return search.Best;
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

        var own = prices.ToArray();
        Array.Clear(own, table.Locals, own.Length - table.Locals);
        return (cost, own);
    }
}
