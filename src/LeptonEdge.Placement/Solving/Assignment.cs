namespace LeptonEdge.Placement.Solving;

/// <summary>Which option each item has now, what that uses, and who uses each resource.</summary>
internal sealed class Assignment
{
    private readonly OptionTable _table;
    private readonly double[] _cost;
    private readonly int _stride;
    private readonly int[] _at;
    private int[][] _members;

    /// <param name="cost">Of each option.</param>
    public Assignment(OptionTable table, double[] cost)
    {
        (_table, _cost) = (table, cost);
        Choice = new int[table.Items];
        Load = new double[table.ResourceCount];
        MemberCount = new int[table.ResourceCount];
        _members = new int[table.ResourceCount][];
        Array.Fill(_members, []);
        for (var option = 0; option < table.Options; option++)
            _stride = Math.Max(_stride, table.UseStart[option + 1] - table.UseStart[option]);
        _at = new int[table.Items * _stride];
        for (var item = 0; item < table.Items; item++)
            Choice[item] = table.Unplaced(item);
        Cost = Sum();
    }

    /// <summary>Option of each item.</summary>
    public int[] Choice { get; }

    /// <summary>Use of each resource.</summary>
    public double[] Load { get; }

    public int[] MemberCount { get; }

    public double Cost { get; private set; }

    /// <summary>Items whose option uses the resource, in no order.</summary>
    public ReadOnlySpan<int> Members(int resource) => _members[resource].AsSpan(0, MemberCount[resource]);

    public void Set(int item, int option)
    {
        var before = Choice[item];
        if (before == option)
            return;
        Leave(item, before);
        Choice[item] = option;
        var slot = item * _stride;
        for (var k = _table.UseStart[option]; k < _table.UseStart[option + 1]; k++, slot++)
        {
            ref var use = ref _table.Uses[k];
            Load[use.Resource] += use.Amount;
            _at[slot] = Join(use.Resource, item);
        }

        Cost += _cost[option] - _cost[before];
    }

    /// <summary>Computes cost and loads anew, so that rounding of many changes does not add up.</summary>
    public void Refresh()
    {
        Array.Clear(Load);
        foreach (var option in Choice)
        {
            for (var k = _table.UseStart[option]; k < _table.UseStart[option + 1]; k++)
                Load[_table.Uses[k].Resource] += _table.Uses[k].Amount;
        }

        Cost = Sum();
    }

    private double Sum()
    {
        var sum = 0.0;
        foreach (var option in Choice)
            sum += _cost[option];
        return sum;
    }

    private int Join(int resource, int item)
    {
        var count = MemberCount[resource]++;
        if (count == _members[resource].Length)
            Array.Resize(ref _members[resource], Math.Max(8, count * 2));
        _members[resource][count] = item;
        return count;
    }

    private void Leave(int item, int option)
    {
        var slot = item * _stride;
        for (var k = _table.UseStart[option]; k < _table.UseStart[option + 1]; k++, slot++)
        {
            ref var use = ref _table.Uses[k];
            Load[use.Resource] -= use.Amount;
            var members = _members[use.Resource];
            var last = members[--MemberCount[use.Resource]];
            if (last == item)
                continue;
            members[_at[slot]] = last;
            var lastSlot = last * _stride;
            for (var u = _table.UseStart[Choice[last]]; ; u++, lastSlot++)
            {
                if (_table.Uses[u].Resource == use.Resource)
                {
                    _at[lastSlot] = _at[slot];
                    break;
                }
            }
        }
    }
}
