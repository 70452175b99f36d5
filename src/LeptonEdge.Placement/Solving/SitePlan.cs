namespace LeptonEdge.Placement.Solving;

/// <summary>One site's part of a plan. Immutable.</summary>
internal sealed class SitePlan
{
    private readonly FleetIndex _index;
    private Placed[]? _placements;

    /// <param name="choice">Option of each workload.</param>
    /// <param name="prices">Of every resource, own and shared.</param>
    /// <param name="bound">Another bound that is known; the higher one holds.</param>
    public SitePlan(
        FleetIndex index, SiteState site, OptionTable table, int[] choice, double[] prices,
        double bound = double.NegativeInfinity)
    {
        (_index, Site, Table, Choice, Prices) = (index, site, table, choice, prices);
        Bound = Math.Max(bound, SafeBound.Of(table, prices));
        Load = new double[table.ResourceCount];
        for (var item = 0; item < table.Items; item++)
        {
            var option = choice[item];
            Cost += table.Cost[option];
            for (var k = table.UseStart[option]; k < table.UseStart[option + 1]; k++)
                Load[table.Uses[k].Resource] += table.Uses[k].Amount;
            if (option == table.Unplaced(item))
            {
                Unplaced++;
                UnplacedCost += table.Cost[option];
            }
            else if (table.WasRunning[item] && option != table.Running[item])
            {
                Moves++;
            }
        }
    }

    /// <summary>With a bound that also says how many must be left out.</summary>
    public static SitePlan Proven(
        FleetIndex index, SiteState site, OptionTable table, int[] choice, double[] prices)
    {
        var plan = new SitePlan(index, site, table, choice, prices);
        if (!(plan.UnplacedCost > 0))
            return plan;
        var charged = plan.Cost;
        for (var r = table.Locals; r < table.ResourceCount; r++)
            charged += prices[r] * plan.Load[r];
        return new SitePlan(index, site, table, choice, prices, LeftOutBound.Find(table, prices, charged));
    }

    public SiteState Site { get; }

    public OptionTable Table { get; }

    public int[] Choice { get; }

    public double[] Prices { get; }

    /// <summary>Lower bound of the site's cost, uses of shared resources charged at their prices.</summary>
    public double Bound { get; }

    public double[] Load { get; }

    public double Cost { get; }

    public int Unplaced { get; }

    public double UnplacedCost { get; }

    public int Moves { get; }

    public IReadOnlyList<Placed> Placements => _placements ??= Placed();

    public RunsAt? PlaceOf(int item) => Name(item, Choice[item]);

    /// <summary>An option in words.</summary>
    public RunsAt? Name(int item, int option)
    {
        var place = Table.Places[option];
        return place.Recipe < 0
            ? null
            : new RunsAt(_index.Model(Site.Workloads[item].Model).Recipes[place.Recipe].Name, NodeName(place.Near),
                place.Far < 0 ? null : NodeName(place.Far));
    }

    /// <summary>Latency of an option, 99th percentile, seconds.</summary>
    public double LatencyOf(int item, int option)
    {
        var (place, workload) = (Table.Places[option], Site.Workloads[item]);
        var (rules, nodes) = Rules();
        rules.Take(workload, nodes.DeviceNumber[workload.Device]);
        rules.Judge(_index.Model(workload.Model), place.Recipe, place.Near, place.Far);
        return rules.LatencySeconds;
    }

    /// <summary>Judges every place, also those that hard limits forbid.</summary>
    public void JudgeAll(WorkloadState workload, Action<Limit, RunsAt, OptionRules> note)
    {
        var (rules, nodes) = Rules();
        var (home, model) = (nodes.DeviceNumber[workload.Device], _index.Model(workload.Model));
        rules.Take(workload, home);
        for (var recipe = 0; recipe < model.Recipes.Count; recipe++)
        {
            var spec = model.Recipes[recipe];
            for (var node = 0; node < nodes.NodeCount; node++)
            {
                if (spec.InTwoParts && node == home)
                    continue;
                var (near, far) = spec.InTwoParts ? (home, node) : (node, -1);
                var place = new RunsAt(spec.Name, NodeName(near), far < 0 ? null : NodeName(far));
                note(rules.Judge(model, recipe, near, far), place, rules);
            }
        }
    }

    /// <summary>An amount of a resource, with the place where it is missing.</summary>
    public string Missing(int resource, double amount)
    {
        if (resource == Table.Locals - 1)
            return $"{Wording.Amount(Resources.Link, amount)} of site {Site.Name} to the hub";
        var at = resource < Table.Locals ? resource : resource - 1;
        return $"{Wording.Amount(at % Resources.PerNode, amount)} of {NodeName(at / Resources.PerNode)}";
    }

    private (OptionRules Rules, SiteNodes Nodes) Rules()
    {
        var nodes = new SiteNodes(_index, Site);
        return (new OptionRules(_index, Site, nodes.Devices, nodes.Capacity), nodes);
    }

    private NodeState NodeAt(int node) => node < Site.Devices.Count
        ? Site.Devices[node]
        : _index.Hub[node - Site.Devices.Count].State;

    private string NodeName(int node) => NodeAt(node).Name;

    private Placed[] Placed()
    {
        var placements = new Placed[Table.Items];
        for (var item = 0; item < placements.Length; item++)
            placements[item] = new Placed(Site.Workloads[item], PlaceOf(item));
        return placements;
    }
}
