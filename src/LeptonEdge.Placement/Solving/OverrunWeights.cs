namespace LeptonEdge.Placement.Solving;

/// <summary>What a unit of overrun costs while plans are searched: dearer while a resource is overrun, cheaper while it
/// is not, so that the search stays near plans that fit.</summary>
internal sealed class OverrunWeights
{
    private const double Dearer = 1.06;
    private const double FittingShare = 0.2;
    private readonly double[] _base;
    private readonly double _easing;

    /// <param name="prices">Of each resource; 0 where it does not limit.</param>
    /// <param name="unit">A step of reduced cost that is neither everything nor nothing.</param>
    public OverrunWeights(CoreOptions core, double[] prices, double unit)
    {
        _base = Base(core, prices, unit);
        _easing = Easing(prices);
    }

    /// <summary>Those to begin with.</summary>
    public void First(double[] over) => Array.Copy(_base, over, _base.Length);

    /// <summary>Those with which an overrun is out of the question.</summary>
    public void Forbid(double[] over)
    {
        for (var r = 0; r < over.Length; r++)
            over[r] = 1e6 * _base[r];
    }

    /// <summary>The next weight of a resource.</summary>
    public double Next(int r, double over, bool overrun) =>
        Math.Clamp(over * (overrun ? Dearer : _easing), 0.5 * _base[r], 1e3 * _base[r]);

    // With it all scarce resources fit at once in about that share of the steps, however many they are.
    private static double Easing(double[] prices)
    {
        var scarce = 0;
        foreach (var price in prices)
            scarce += price > 0 ? 1 : 0;
        var overShare = 1 - Math.Pow(FittingShare, 1.0 / Math.Max(1, scarce));
        return Math.Pow(Dearer, -overShare / (1 - overShare));
    }

    // A resource without a price still must not be overrun: a typical use costs a fair step of reduced cost.
    private static double[] Base(CoreOptions core, double[] prices, double unit)
    {
        var over = new double[prices.Length];
        for (var r = 0; r < over.Length; r++)
        {
            var (sum, count) = (0.0, 0);
            for (var at = core.OnStart[r]; at < core.OnStart[r + 1]; at++, count++)
                sum += core.OnAmount[at];
            over[r] = count == 0 ? 0 : Math.Max(prices[r], 0.3 * unit * count / sum);
        }

        return over;
    }
}
