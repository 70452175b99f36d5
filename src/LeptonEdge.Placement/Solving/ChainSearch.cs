namespace LeptonEdge.Placement.Solving;

/// <summary>Ejection chains: one workload takes another option, whoever no longer fits beside it takes another, whoever
/// fits into the gap that opened follows, until the best end of such a chain is found.</summary>
/// <remarks>
/// States are judged by reduced costs plus what is left or overrun of the resources touched: unused capacity is charged
/// at its price, so that for a plan that fits the sum differs from the cost by a constant; overruns are charged at a
/// weight of their own. Yagiura, Ibaraki and Glover, INFORMS J. Computing 16 (2004), for one capacity.
/// </remarks>
internal sealed class ChainSearch
{
    public const int DepthMax = 6;

    /// <summary>Stands for no limit: finite, so that a worth of 0 times it is 0.</summary>
    public const double Unlimited = 1e300;

    private readonly OptionTable _table;
    private readonly CoreOptions _core;
    private readonly Assignment _now;
    private readonly ChainCharge _charge;
    private readonly int _depth;
    private readonly int[] _choice;
    private readonly double[] _reduced;
    private readonly bool[] _locked;
    private readonly int[] _chainItem = new int[DepthMax];
    private readonly int[] _chainOption = new int[DepthMax];
    private readonly int[] _bestItem = new int[DepthMax];
    private readonly int[] _bestOption = new int[DepthMax];
    private readonly ChainOffers _offers;
    private double _best;

    /// <param name="capacity">Of each resource, finite; <see cref="Unlimited"/> where it does not limit.</param>
    /// <param name="under">What a unit of unused capacity is worth, of each resource.</param>
    /// <param name="breadth">How many continuations are followed at each depth; its length is the longest
    /// chain.</param>
    public ChainSearch(
        OptionTable table, CoreOptions core, Assignment now, double[] capacity, double[] under, int[] breadth)
    {
        (_table, _core, _now) = (table, core, now);
        _charge = new ChainCharge(table, now.Load, capacity, under);
        _offers = new ChainOffers(breadth);
        _depth = Math.Min(DepthMax, breadth.Length);
        (_choice, _reduced) = (now.Choice, core.Reduced);
        _locked = new bool[table.Items];
    }

    /// <summary>What a unit of overrun costs, of each resource.</summary>
    public double[] Over => _charge.Over;

    /// <summary>No item's present option has a higher reduced cost, or hardly one: where to stop looking.</summary>
    public double Highest { get; set; } = double.PositiveInfinity;

    /// <summary>Length of the best chain of the last try; 0 when none is good enough.</summary>
    public int Length { get; private set; }

    /// <summary>How many continuations were looked at: the measure of work.</summary>
    public long Looked { get; private set; }

    /// <summary>Items of the best chain of the last try.</summary>
    public ReadOnlySpan<int> Items => _bestItem.AsSpan(0, Length);

    /// <summary>The best chain that starts with one item's change.</summary>
    /// <param name="limit">Only chains below this count.</param>
    /// <returns>The change that it makes, or infinity.</returns>
    public double Try(int item, int option, double limit)
    {
        (_best, Length) = (limit, 0);
        _charge.Begin();
        var before = _choice[item];
        var reduced = _reduced[option] - _reduced[before];
        _charge.Apply(before, option);
        (_chainItem[0], _chainOption[0]) = (item, option);
        if (reduced + _charge.Change < _best)
            Remember(0, item, option, reduced + _charge.Change);
        if (reduced - _charge.Allowance < _best)
        {
            _locked[item] = true;
            Extend(1, reduced);
            _locked[item] = false;
        }

        _charge.Undo(before, option);
        return Length > 0 ? _best : double.PositiveInfinity;
    }

    /// <summary>Makes the best chain of the last try.</summary>
    public void Commit()
    {
        for (var at = 0; at < Length; at++)
            _now.Set(_bestItem[at], _bestOption[at]);
    }

    private void Remember(int depth, int item, int option, double value)
    {
        (_best, Length) = (value, depth + 1);
        Array.Copy(_chainItem, _bestItem, depth);
        Array.Copy(_chainOption, _bestOption, depth);
        (_bestItem[depth], _bestOption[depth]) = (item, option);
    }

    private void Extend(int depth, double reduced)
    {
        if (depth >= _depth)
            return;
        var r = Worst(depth);
        if (r < 0)
            return;
        var slack = _charge.Slack(r);
        var offers = slack < 0 ? Eject(depth, r, reduced) : Refill(depth, r, slack, reduced);
        var at = depth * ChainOffers.BreadthMax;
        var changeHere = _charge.Change;
        for (var offer = at; offer < at + offers; offer++)
        {
            var (item, option) = _offers.At(offer);
            var before = _choice[item];
            var next = reduced + _reduced[option] - _reduced[before];
            if (next - _charge.Allowance >= _best)
                continue;
            _charge.Apply(before, option);
            if (next - _charge.Allowance < _best)
            {
                (_chainItem[depth], _chainOption[depth], _locked[item]) = (item, option, true);
                Extend(depth + 1, next);
                _locked[item] = false;
            }

            _charge.Undo(before, option);
            _charge.Change = changeHere;
        }
    }

    // The resource of the chain that is charged most.
    private int Worst(int depth)
    {
        var (worst, most) = (-1, 1e-12);
        for (var at = 0; at < depth; at++)
        {
            Look(_chainOption[at]);
            Look(_choice[_chainItem[at]]);
        }

        return worst;

        void Look(int option)
        {
            for (var k = _table.UseStart[option]; k < _table.UseStart[option + 1]; k++)
            {
                var r = _table.Uses[k].Resource;
                var charge = _charge.Of(r, _charge.Slack(r));
                if (charge > most)
                    (worst, most) = (r, charge);
            }
        }
    }

    // Who leaves an overrun resource, and where to.
    private int Eject(int depth, int r, double reduced)
    {
        var (offers, last) = (0, depth == _depth - 1);
        foreach (var item in _now.Members(r))
        {
            if (_locked[item])
                continue;
            var before = _choice[item];
            for (var k = _core.Start[item]; k < _core.Start[item + 1]; k++)
            {
                var option = _core.Option[k];
                var next = reduced + _reduced[option] - _reduced[before];
                if (next - _charge.Allowance >= _best)
                    break;
                if (option != before)
                    offers = Look(depth, offers, last, item, before, option, next);
            }
        }

        return offers;
    }

    // Who comes to a resource that has room.
    private int Refill(int depth, int r, double slack, double reduced)
    {
        var (offers, last) = (0, depth == _depth - 1);
        for (var at = _core.OnStart[r]; at < _core.OnStart[r + 1]; at++)
        {
            var (option, item) = (_core.OnOption[at], _core.OnItem[at]);
            if (reduced + _reduced[option] - Highest - _charge.Allowance >= _best)
                break;
            var before = _choice[item];
            if (_locked[item] || before == option || _core.OnAmount[at] > 2 * slack)
                continue;
            var next = reduced + _reduced[option] - _reduced[before];
            if (next - _charge.Allowance < _best)
                offers = Look(depth, offers, last, item, before, option, next);
        }

        return offers;
    }

    private int Look(int depth, int offers, bool last, int item, int before, int option, double next)
    {
        Looked++;
        var value = next + _charge.Change + _charge.ChangeBy(before, option);
        if (value < _best - 1e-12)
            Remember(depth, item, option, value);
        return last ? 0 : _offers.Offer(depth, offers, value, item, option);
    }
}
