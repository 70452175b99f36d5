namespace LeptonEdge.Placement.Solving;

/// <summary>The bound that some prices prove, rounded down: what rounding may have added is taken off, so that it is
/// never above the best plan's cost.</summary>
internal static class SafeBound
{
    // Twice the unit roundoff: room for the rounding of the margin itself.
    private const double Roundoff = 2.3e-16;
    private const int RoundingsPerTerm = 40;

    /// <summary>Of one table; uses of shared resources are charged, their capacity is not.</summary>
    /// <param name="prices">Of every resource, 0 or more; of a resource without limit 0.</param>
    public static double Of(OptionTable table, double[] prices)
    {
        var (value, size) = (0.0, 0.0);
        for (var r = 0; r < table.Locals; r++)
        {
            if (prices[r] <= 0)
                continue;
            value -= prices[r] * table.Capacity[r];
            size += prices[r] * table.Capacity[r];
        }

        for (var item = 0; item < table.Items; item++)
        {
            var least = Least(table, prices, item);
            value += least;
            size += Math.Abs(least);
        }

        return value - (Roundoff * (table.Items + table.Locals + RoundingsPerTerm) * size);
    }

    /// <summary>Of all sites together.</summary>
    /// <param name="sites">The bound of each.</param>
    public static double Of(ReadOnlySpan<double> sites, double[] sharedPrices, double[] sharedCapacity)
    {
        var (value, size) = (0.0, 0.0);
        foreach (var site in sites)
        {
            value += site;
            size += Math.Abs(site);
        }

        for (var r = 0; r < sharedPrices.Length; r++)
        {
            if (sharedPrices[r] <= 0)
                continue;
            value -= sharedPrices[r] * sharedCapacity[r];
            size += sharedPrices[r] * sharedCapacity[r];
        }

        return value - (Roundoff * (sites.Length + sharedPrices.Length + RoundingsPerTerm) * size);
    }

    // Costs and prices are 0 or more, so that nothing cancels here.
    private static double Least(OptionTable table, double[] prices, int item)
    {
        var least = double.PositiveInfinity;
        for (var option = table.OptionStart[item]; option < table.OptionStart[item + 1]; option++)
        {
            var cost = table.Cost[option];
            for (var k = table.UseStart[option]; k < table.UseStart[option + 1]; k++)
                cost += prices[table.Uses[k].Resource] * table.Uses[k].Amount;
            least = Math.Min(least, cost);
        }

        return least;
    }
}
