namespace LeptonEdge.Placement.Solving;

/// <summary>Whether the last plan of a site that changed is still good enough: then nobody has to look for a better
/// one.</summary>
internal static class SiteKeep
{
    /// <param name="before">The last plan of the site.</param>
    /// <param name="table">The site's options as they are now.</param>
    /// <param name="room">Of the shared resources, what the site may use.</param>
    /// <param name="within">Share of the bound by which it may be dearer.</param>
    /// <returns>The same places, with everybody placed and every capacity kept; null when that cannot be, or when the
    /// last prices do not prove it good enough.</returns>
    public static SitePlan? Find(
        FleetIndex index, SiteState site, SitePlan before, OptionTable table, double[] room, double within)
    {
        if (before.Prices.Length != table.ResourceCount || !IsAlike(before.Site, site))
            return null;
        var choice = new int[table.Items];
        var cost = 0.0;
        for (var item = 0; item < choice.Length; item++)
        {
            choice[item] = Same(table, item, before.Table.Places[before.Choice[item]]);
            if (choice[item] < 0)
                return null;
            cost += Charged(table, choice[item], before.Prices);
        }

        var plan = new SitePlan(index, site, table, choice, before.Prices);
        return cost <= plan.Bound + (within * Math.Abs(plan.Bound)) && Fits(plan, room) ? plan : null;
    }

    // The same devices and workloads in the same order, so that numbers mean the same.
    private static bool IsAlike(SiteState one, SiteState other)
    {
        if (one.Devices.Count != other.Devices.Count || one.Workloads.Count != other.Workloads.Count)
            return false;
        for (var at = 0; at < one.Devices.Count; at++)
        {
            if (one.Devices[at].Name != other.Devices[at].Name)
                return false;
        }

        for (var at = 0; at < one.Workloads.Count; at++)
        {
            var (a, b) = (one.Workloads[at], other.Workloads[at]);
            if (a.Name != b.Name || a.Device != b.Device || a.Model != b.Model)
                return false;
        }

        return true;
    }

    private static int Same(OptionTable table, int item, OptionPlace place)
    {
        if (place.Recipe < 0)
            return table.Stranded(item) ? table.Unplaced(item) : -1;
        for (var option = table.OptionStart[item]; option < table.Unplaced(item); option++)
        {
            if (table.Places[option] == place)
                return option;
        }

        return -1;
    }

    private static double Charged(OptionTable table, int option, double[] prices)
    {
        var cost = table.Cost[option];
        for (var k = table.UseStart[option]; k < table.UseStart[option + 1]; k++)
        {
            if (table.Uses[k].Resource >= table.Locals)
                cost += prices[table.Uses[k].Resource] * table.Uses[k].Amount;
        }

        return cost;
    }

    private static bool Fits(SitePlan plan, double[] room)
    {
        var table = plan.Table;
        for (var r = 0; r < plan.Load.Length; r++)
        {
            var capacity = r < table.Locals ? table.Capacity[r] : room[r - table.Locals];
            if (plan.Load[r] > capacity * (1 + SiteSearch.Tolerance))
                return false;
        }

        return true;
    }
}
