namespace LeptonEdge.Placement.Solving;

/// <summary>Kept options by the one resource that each takes the largest part of, which stands for its node.</summary>
/// <remarks>A resource that options of other nodes use too is charged at its price; the rest is left to the sets of
/// items that a node has room for.</remarks>
internal sealed class NodeOptions
{
    /// <summary>Cells that a node's capacity is counted in at most.</summary>
    public const int CellsMost = 4096;

    // Where amounts have no common unit, their rounding up loses a little room.
    private const int CellsRounded = 1024;

    // A multiple of the unit that is off by less is rounding.
    private const double Slop = 1e-6;
    private const int Nowhere = -1;
    private const int LeftOut = -2;
    private readonly OptionTable _table;
    private readonly double[] _prices;

    /// <param name="cost">Of each option.</param>
    /// <param name="capacity">Of each resource.</param>
    /// <param name="prices">Of each resource.</param>
    public NodeOptions(OptionTable table, CoreOptions core, double[] cost, double[] capacity, double[] prices)
    {
        (_table, _prices) = (table, prices);
        SharedPrice = new double[table.ResourceCount];
        NodeOf = new int[table.Options];
        Array.Fill(NodeOf, LeftOut);
        var node = Name(core, capacity);
        Outside = new double[table.Items];
        OutsideOption = new int[table.Items];
        Start = new int[Resource.Length + 1];
        foreach (var at in NodeOf)
        {
            if (at >= 0)
                Start[at + 1]++;
        }

        for (var at = 0; at < node; at++)
            Start[at + 1] += Start[at];
        (Item, Option, Cost, Cells) =
            (new int[Start[node]], new int[Start[node]], new double[Start[node]], new int[Start[node]]);
        Enter(core, cost);
        Unit = new double[node];
        for (var at = 0; at < node; at++)
            Count(at, capacity[Resource[at]]);
    }

    /// <summary>The resource that stands for each node.</summary>
    public int[] Resource { get; private set; } = [];

    /// <summary>Node of each option; below 0 for those that are limited nowhere, or left out.</summary>
    public int[] NodeOf { get; }

    /// <summary>Price of each resource that options of several nodes use; 0 for the others.</summary>
    public double[] SharedPrice { get; }

    /// <summary>First entry of each node in the next four.</summary>
    public int[] Start { get; }

    public int[] Item { get; }

    public int[] Option { get; }

    /// <summary>With what is charged.</summary>
    public double[] Cost { get; }

    /// <summary>Use of the node, in cells, rounded up.</summary>
    public int[] Cells { get; }

    /// <summary>What a cell of each node holds.</summary>
    public double[] Unit { get; }

    /// <summary>Least cost of each item where nothing limits it: at worst that of being placed nowhere.</summary>
    public double[] Outside { get; }

    public int[] OutsideOption { get; }

    public bool IsOutside(int option) => NodeOf[option] == Nowhere;

    /// <summary>Cells that some room of a node is.</summary>
    public int CellsOf(int node, double room) =>
        Math.Clamp((int)((room / Unit[node]) + Slop), 0, CellsMost);

    // Gives nodes their numbers and options their nodes.
    private int Name(CoreOptions core, double[] capacity)
    {
        var number = new int[_table.ResourceCount];
        var resources = new List<int>();
        var last = new int[_table.ResourceCount];
        for (var item = 0; item < _table.Items; item++)
        {
            for (var k = core.Start[item]; k < core.Start[item + 1]; k++)
            {
                var option = core.Option[k];
                var r = Most(option, capacity);
                // Of several options of one item on one node the cheapest stands for all.
                if (r >= 0 && last[r] == item + 1)
                    continue;
                NodeOf[option] = Nowhere;
                if (r < 0)
                    continue;
                last[r] = item + 1;
                if (number[r] == 0)
                {
                    resources.Add(r);
                    number[r] = resources.Count;
                }

                NodeOf[option] = number[r] - 1;
                for (var u = _table.UseStart[option]; u < _table.UseStart[option + 1]; u++)
                    {
                    if (_table.Uses[u].Resource != r)
                        SharedPrice[_table.Uses[u].Resource] = _prices[_table.Uses[u].Resource];
                }
            }
        }

        Resource = [.. resources];
        return Resource.Length;
    }

    private int Most(int option, double[] capacity)
    {
        var (most, charge, share) = (-1, -1.0, -1.0);
        for (var u = _table.UseStart[option]; u < _table.UseStart[option + 1]; u++)
        {
            ref var use = ref _table.Uses[u];
            var (itsCharge, itsShare) = (_prices[use.Resource] * use.Amount, use.Amount / capacity[use.Resource]);
            if (itsCharge > charge || (itsCharge == charge && itsShare > share))
                (most, charge, share) = (use.Resource, itsCharge, itsShare);
        }

        return share > 0 ? most : -1;
    }

    private void Enter(CoreOptions core, double[] cost)
    {
        var next = Start.ToArray();
        for (var item = 0; item < _table.Items; item++)
        {
            (Outside[item], OutsideOption[item]) = (double.PositiveInfinity, _table.Unplaced(item));
            for (var k = core.Start[item]; k < core.Start[item + 1]; k++)
            {
                var option = core.Option[k];
                var charged = cost[option];
                for (var u = _table.UseStart[option]; u < _table.UseStart[option + 1]; u++)
                    charged += SharedPrice[_table.Uses[u].Resource] * _table.Uses[u].Amount;
                if (NodeOf[option] >= 0)
                {
                    var at = next[NodeOf[option]]++;
                    (Item[at], Option[at], Cost[at]) = (item, option, charged);
                }
                else if (IsOutside(option) && charged < Outside[item])
                {
                    (Outside[item], OutsideOption[item]) = (charged, option);
                }
            }
        }
    }

    // Cells are what all amounts are multiples of, where there is such a unit and it is not too small.
    private void Count(int node, double capacity)
    {
        var (least, unit) = (capacity / CellsMost, 0.0);
        for (var at = Start[node]; at < Start[node + 1] && (unit == 0 || unit >= least); at++)
        {
            var (large, small) = (unit, Amount(at, node));
            while (small > 1e-3 * least)
                (large, small) = (small, large - (small * Math.Floor((large / small) + (0.01 * Slop))));
            unit = large;
        }

        Unit[node] = unit < least ? capacity / CellsRounded : unit;
        for (var at = Start[node]; at < Start[node + 1]; at++)
            Cells[at] = (int)Math.Ceiling((Amount(at, node) / Unit[node]) - Slop);
    }

    private double Amount(int at, int node)
    {
        for (var u = _table.UseStart[Option[at]]; ; u++)
        {
            if (_table.Uses[u].Resource == Resource[node])
                return _table.Uses[u].Amount;
        }
    }
}
