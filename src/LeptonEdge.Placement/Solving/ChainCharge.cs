namespace LeptonEdge.Placement.Solving;

/// <summary>What is charged for the resources that a chain touches: what is left of each at its price, what overruns it
/// at a weight of its own.</summary>
internal sealed class ChainCharge
{
    private readonly Use[] _uses;
    private readonly int[] _useStart;
    private readonly double[] _load;
    private readonly double[] _capacity;
    private readonly double[] _under;
    private readonly int[] _touch;
    private readonly double[] _atFirst;

    /// <param name="load">Of each resource; follows the chain while it is tried.</param>
    /// <param name="capacity">Of each resource, finite.</param>
    /// <param name="under">What a unit of unused capacity is worth, of each resource.</param>
    public ChainCharge(OptionTable table, double[] load, double[] capacity, double[] under)
    {
        (_uses, _useStart, _load, _capacity, _under) = (table.Uses, table.UseStart, load, capacity, under);
        Over = new double[table.ResourceCount];
        _touch = new int[table.ResourceCount];
        _atFirst = new double[table.ResourceCount];
    }

    /// <summary>What a unit of overrun costs, of each resource.</summary>
    public double[] Over { get; }

    /// <summary>By how much the chain changes what is charged.</summary>
    public double Change { get; set; }

    /// <summary>What was charged for the touched resources before the chain: no more than that can still be
    /// gained.</summary>
    public double Allowance { get; private set; }

    public void Begin() => (Change, Allowance) = (0, 0);

    public double Slack(int r) => _capacity[r] - _load[r];

    public double Of(int r, double slack) => slack >= 0 ? _under[r] * slack : -Over[r] * slack;

    /// <summary>An item goes from one option to another.</summary>
    public void Apply(int before, int option)
    {
        for (var k = _useStart[before]; k < _useStart[before + 1]; k++)
            Add(_uses[k].Resource, -_uses[k].Amount);
        for (var k = _useStart[option]; k < _useStart[option + 1]; k++)
            Add(_uses[k].Resource, _uses[k].Amount);
    }

    /// <summary>Takes the last <see cref="Apply"/> back.</summary>
    public void Undo(int before, int option)
    {
        for (var k = _useStart[option]; k < _useStart[option + 1]; k++)
            Remove(_uses[k].Resource, _uses[k].Amount);
        for (var k = _useStart[before]; k < _useStart[before + 1]; k++)
            Remove(_uses[k].Resource, -_uses[k].Amount);
    }

    /// <summary>By how much the charge would change if an item went from one option to another.</summary>
    public double ChangeBy(int before, int option)
    {
        var (uses, useStart) = (_uses, _useStart);
        var sum = 0.0;
        var (k, kEnd, x, xEnd) = (useStart[before], useStart[before + 1], useStart[option], useStart[option + 1]);
        while (k < kEnd || x < xEnd)
        {
            int r;
            double amount;
            if (x >= xEnd || (k < kEnd && uses[k].Resource < uses[x].Resource))
                (r, amount) = (uses[k].Resource, -uses[k++].Amount);
            else if (k >= kEnd || uses[x].Resource < uses[k].Resource)
                (r, amount) = (uses[x].Resource, uses[x++].Amount);
            else
                (r, amount) = (uses[k].Resource, uses[x++].Amount - uses[k++].Amount);
            var slack = Slack(r);
            sum += Of(r, slack - amount) - Of(r, slack);
        }

        return sum;
    }

    private void Add(int r, double amount)
    {
        var slack = Slack(r);
        if (_touch[r]++ == 0)
        {
            _atFirst[r] = Of(r, slack);
            Allowance += _atFirst[r];
        }

        _load[r] += amount;
        Change += Of(r, slack - amount) - Of(r, slack);
    }

    private void Remove(int r, double amount)
    {
        var slack = Slack(r);
        _load[r] -= amount;
        Change += Of(r, slack + amount) - Of(r, slack);
        if (--_touch[r] == 0)
            Allowance -= _atFirst[r];
    }
}
