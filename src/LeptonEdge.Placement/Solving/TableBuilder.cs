namespace LeptonEdge.Placement.Solving;

/// <summary>From a site's state to the table of its workloads' options.</summary>
internal static class TableBuilder
{
    /// <param name="before">An earlier plan of the site: where workloads run of which the state does not say
    /// it.</param>
    public static OptionTable Build(FleetIndex index, SiteState site, SitePlan? before)
    {
        var sites = new SiteNodes(index, site);
        var rules = new OptionRules(index, site, sites.Devices, sites.Capacity);
        var draft = new TableDraft(site.Workloads.Count);
        var prices = index.Fleet.Prices;
        var moveCost = prices.PerMove / prices.MovePaysWithinHours;
        var again = moveCost * prices.SettlingFactor;
        var running = before?.Placements.ToDictionary(p => (p.Workload.Device, p.Workload.Name), p => p.Place);
        var number = 0;
        foreach (var workload in site.Workloads)
        {
            var home = sites.DeviceNumber[workload.Device];
            var model = index.Model(workload.Model);
            var now = workload.Running ?? running?.GetValueOrDefault((workload.Device, workload.Name));
            var (recipe, near, far) = sites.Find(now, model);
            rules.Take(workload, home);
            draft.Begin();
            AddOptions(rules, draft, model, sites, home, workload);
            draft.PriceMoves(recipe, near, far, now is null ? 0 : workload.Settles ? again : moveCost);
            draft.End(number++, prices.Unplaced(workload.Priority), now is not null);
        }

        return draft.ToTable(sites, index.SharedCapacity.Length);
    }

    private static void AddOptions(
        OptionRules rules, TableDraft draft, ModelStages model, SiteNodes sites, int home, WorkloadState workload)
    {
        var first = workload.Privacy == Privacy.Device ? home : 0;
        var end = workload.Privacy switch
        {
            Privacy.Device => home + 1,
            Privacy.Site => sites.Devices.Length,
            _ => sites.NodeCount,
        };
        for (var recipe = 0; recipe < model.Recipes.Count; recipe++)
        {
            var cut = model.Recipes[recipe].InTwoParts;
            for (var node = first; node < end; node++)
            {
                if (cut && node == home)
                    continue;
                var (near, far) = cut ? (home, node) : (node, -1);
                if (rules.Judge(model, recipe, near, far) == Limit.None)
                    draft.Add(new OptionPlace((short)recipe, near, far), rules.Cost, rules.Uses);
            }
        }
    }
}
