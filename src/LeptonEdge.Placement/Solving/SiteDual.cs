namespace LeptonEdge.Placement.Solving;

/// <summary>Prices of one table's own resources, raised and lowered until what workloads choose at those prices
/// fits.</summary>
/// <remarks>
/// Lagrangian relaxation of the capacities: whatever the prices (0 or more), the value is a lower bound of every plan's
/// cost. The choice of each workload is softened (the share of an option falls exponentially with its cost over a
/// temperature, which is lowered step by step), so that loads change smoothly with prices and equal nodes share
/// equally; prices then follow a Newton step of their own resource, kept short.
/// </remarks>
internal sealed class SiteDual
{
    // Beyond this many temperatures above the least an option's share is nothing.
    private const double CutOff = 14;
    private readonly OptionTable _table;
    private readonly double[] _load;
    private readonly double[] _curve;
    private readonly double[] _square;
    private readonly double[] _mean;
    private readonly double[] _meanSquare;
    private readonly int[] _touched;
    private readonly double[] _reduced;
    private readonly PriceStep[] _stepping;

    public SiteDual(OptionTable table)
    {
        _table = table;
        Prices = new double[table.ResourceCount];
        BestPrices = new double[table.ResourceCount];
        _load = new double[table.ResourceCount];
        _curve = new double[table.ResourceCount];
        _square = new double[table.ResourceCount];
        _mean = new double[table.ResourceCount];
        _meanSquare = new double[table.ResourceCount];
        _touched = new int[table.ResourceCount];
        _stepping = new PriceStep[table.Locals];
        var most = 1;
        for (var item = 0; item < table.Items; item++)
            most = Math.Max(most, table.OptionStart[item + 1] - table.OptionStart[item]);
        _reduced = new double[most];
    }

    /// <summary>Prices of the next evaluation, own and shared.</summary>
    public double[] Prices { get; }

    /// <summary>Those of <see cref="BestValue"/>.</summary>
    public double[] BestPrices { get; }

    /// <summary>Bound at the last evaluated prices; uses of shared resources are charged, their capacity is
    /// not.</summary>
    public double Value { get; private set; }

    /// <summary>The highest value since <see cref="Forget"/>.</summary>
    public double BestValue { get; private set; } = double.NegativeInfinity;

    /// <summary>Soft load of the shared resources at the last evaluation.</summary>
    public ReadOnlySpan<double> SharedLoad => _load.AsSpan(_table.Locals);

    /// <summary>How fast the shared loads fall with their prices, times the temperature.</summary>
    public ReadOnlySpan<double> SharedCurve => _curve.AsSpan(_table.Locals);

    /// <summary>Sum of squared uses: with the load, the size of a typical use.</summary>
    public ReadOnlySpan<double> SharedSquare => _square.AsSpan(_table.Locals);

    /// <summary>The best so far was for other shared prices.</summary>
    public void Forget() => BestValue = double.NegativeInfinity;

    /// <summary>Sets first prices one by one.</summary>
    public void Start(ReadOnlySpan<double> shared, int sweeps)
    {
        shared.CopyTo(Prices.AsSpan(_table.Locals));
        var start = new DualStart(_table, Prices);
        for (var sweep = 0; sweep < sweeps; sweep++)
            start.Sweep();
    }

    /// <summary>Evaluates the prices and moves the own ones a step.</summary>
    public void Step(ReadOnlySpan<double> shared, double temperature)
    {
        shared.CopyTo(Prices.AsSpan(_table.Locals));
        Evaluate(temperature);
        if (Value > BestValue)
        {
            BestValue = Value;
            Array.Copy(Prices, BestPrices, Prices.Length);
        }

        for (var r = 0; r < _table.Locals; r++)
        {
            _stepping[r].Move(ref Prices[r], _table.Capacity[r], _load[r], _curve[r], _square[r], temperature);
        }
    }

    /// <summary>Follows the subgradient from the best own prices, shared prices held, with Polyak's step towards a
    /// level that comes nearer when it proves out of reach.</summary>
    /// <param name="reach">How far above the best the first level lies, as a share of it.</param>
    public void Ascend(int steps, double reach)
    {
        Array.Copy(BestPrices, Prices, Prices.Length);
        var (level, failed) = (Math.Abs(BestValue) * reach, 0);
        for (var step = 0; step < steps && level > 0; step++)
        {
            // Cold enough that each item takes its cheapest option.
            Evaluate(1e-12 * level);
            if (Value > BestValue + (1e-9 * level))
            {
                failed = 0;
                BestValue = Value;
                Array.Copy(Prices, BestPrices, Prices.Length);
            }
            else if (++failed > 4)
            {
                (failed, level) = (0, level * 0.6);
                Array.Copy(BestPrices, Prices, Prices.Length);
                continue;
            }

            if (!Follow(BestValue - Value + level))
                return;
        }
    }

    private bool Follow(double distance)
    {
        var norm = 0.0;
        for (var r = 0; r < _table.Locals; r++)
        {
            var slope = _load[r] > 0 || Prices[r] > 0 ? (_load[r] / _table.Capacity[r]) - 1 : 0;
            _mean[r] = Prices[r] == 0 && slope < 0 ? 0 : slope;
            norm += _mean[r] * _mean[r];
        }

        for (var r = 0; r < _table.Locals; r++)
        {
            if (_mean[r] != 0 && norm > 1e-18)
                Prices[r] = Math.Max(0, Prices[r] + (distance / norm * _mean[r] / _table.Capacity[r]));
            _mean[r] = 0;
        }

        return norm > 1e-18;
    }

    private void Evaluate(double temperature)
    {
        var table = _table;
        Array.Clear(_load);
        Array.Clear(_curve);
        Array.Clear(_square);
        var value = 0.0;
        for (var r = 0; r < table.Locals; r++)
        {
            if (Prices[r] > 0)
                value -= Prices[r] * table.Capacity[r];
        }

        for (var item = 0; item < table.Items; item++)
            value += Choose(item, temperature);
        Value = value;
    }

    // Adds the soft choice of one item to the loads; returns the least cost.
    private double Choose(int item, double temperature)
    {
        var (table, prices, uses, useStart) = (_table, Prices, _table.Uses, _table.UseStart);
        var first = table.OptionStart[item];
        var count = table.OptionStart[item + 1] - first;
        var least = double.PositiveInfinity;
        for (var option = 0; option < count; option++)
        {
            var cost = table.Cost[first + option];
            for (var k = useStart[first + option]; k < useStart[first + option + 1]; k++)
                cost += prices[uses[k].Resource] * uses[k].Amount;
            _reduced[option] = cost;
            least = Math.Min(least, cost);
        }

        var sum = 0.0;
        var limit = least + (CutOff * temperature);
        for (var option = 0; option < count; option++)
        {
            var share = _reduced[option] < limit ? Math.Exp((least - _reduced[option]) / temperature) : 0;
            _reduced[option] = share;
            sum += share;
        }

        var touched = 0;
        for (var option = 0; option < count; option++)
        {
            var share = _reduced[option] / sum;
            if (share < 1e-6)
                continue;
            for (var k = useStart[first + option]; k < useStart[first + option + 1]; k++)
            {
                ref var use = ref uses[k];
                if (_mean[use.Resource] == 0)
                    _touched[touched++] = use.Resource;
                _mean[use.Resource] += share * use.Amount;
                _meanSquare[use.Resource] += share * use.Amount * use.Amount;
            }
        }

        while (touched > 0)
        {
            var r = _touched[--touched];
            _load[r] += _mean[r];
            _square[r] += _meanSquare[r];
            _curve[r] += _meanSquare[r] - (_mean[r] * _mean[r]);
            _mean[r] = _meanSquare[r] = 0;
        }

        return least;
    }
}
