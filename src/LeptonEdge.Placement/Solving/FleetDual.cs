namespace LeptonEdge.Placement.Solving;

/// <summary>Prices of all resources of a fleet: each site follows its own, and all together those that they
/// share.</summary>
internal sealed class FleetDual
{
    // Temperatures as shares of the mean cost of a workload.
    private const double Hot = 0.1;
    private const double Cold = 0.003;
    private readonly OptionTable[] _tables;
    private readonly double[] _capacity;
    private readonly ParallelOptions _parallel;
    private readonly double[] _load;
    private readonly double[] _curve;
    private readonly double[] _square;
    private readonly bool _fixed;
    private readonly bool[] _started;

    /// <param name="fixedPrices">Prices of shared resources which stay as they are; null when they are to be
    /// found.</param>
    public FleetDual(OptionTable[] tables, double[] sharedCapacity, int threads, double[]? fixedPrices = null)
    {
        (_tables, _capacity) = (tables, sharedCapacity);
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
        Sites = [.. tables.Select(table => new SiteDual(table))];
        Shared = fixedPrices ?? new double[sharedCapacity.Length];
        _fixed = fixedPrices is not null;
        _started = new bool[tables.Length];
        _load = new double[Shared.Length];
        _curve = new double[Shared.Length];
        _square = new double[Shared.Length];
    }

    public SiteDual[] Sites { get; }

    /// <summary>Prices of shared resources.</summary>
    public double[] Shared { get; private set; }

    /// <summary>Takes prices from an earlier plan as the first ones, where they are of the same resources.</summary>
    /// <param name="before">That plan's part for each site; null where it had none.</param>
    public void StartAt(double[] sharedPrices, SitePlan?[] before)
    {
        Shared = [.. sharedPrices];
        for (var site = 0; site < Sites.Length; site++)
        {
            _started[site] = before[site]?.Prices.Length == _tables[site].ResourceCount;
            if (_started[site])
                before[site]!.Prices.CopyTo(Sites[site].Prices, 0);
        }
    }

    /// <summary>Finds prices for all.</summary>
    public void Run(int rounds)
    {
        var scale = Scale();
        var steps = new PriceStep[Shared.Length];
        var (best, bestValue) = (Shared, double.NegativeInfinity);
        Parallel.For(0, Sites.Length, _parallel, site =>
        {
            if (!_started[site])
                Sites[site].Start(Shared, 3);
        });
        for (var round = 0; round < rounds; round++)
        {
            var temperature = scale * Hot * Math.Pow(Cold / Hot, Math.Min(1, round / (0.8 * rounds)));
            Parallel.For(0, Sites.Length, _parallel, site => Sites[site].Step(Shared, temperature));
            if (_fixed)
                continue;
            var value = Gather();
            if (value > bestValue)
                (best, bestValue) = ([.. Shared], value);
            for (var r = 0; r < Shared.Length; r++)
                steps[r].Move(ref Shared[r], _capacity[r], _load[r], _curve[r], _square[r], temperature);
        }

        Shared = best;
        Settle(scale);
    }

    // With the shared prices fixed, what each site's own can still gain.
    private void Settle(double scale) => Parallel.For(0, Sites.Length, _parallel, site =>
    {
        if (!_fixed)
            Sites[site].Forget();
        for (var step = 0; step < 4; step++)
            Sites[site].Step(Shared, scale * Cold);
        // One of many sites needs its own prices less exactly than a fleet that is solved as one.
        var (steps, reach) = _tables.Length > 1 ? (24, 0.003) : (_fixed ? 60 : 200, 0.1);
        Sites[site].Ascend(steps, reach);
    });

    private double Gather()
    {
        Array.Clear(_load);
        Array.Clear(_curve);
        Array.Clear(_square);
        var value = 0.0;
        foreach (var site in Sites)
        {
            value += site.Value;
            for (var r = 0; r < Shared.Length; r++)
            {
                _load[r] += site.SharedLoad[r];
                _curve[r] += site.SharedCurve[r];
                _square[r] += site.SharedSquare[r];
            }
        }

        for (var r = 0; r < Shared.Length; r++)
        {
            if (Shared[r] > 0)
                value -= Shared[r] * _capacity[r];
        }

        return value;
    }

    // Mean of the least costs: what temperatures are measured by.
    private double Scale()
    {
        var (sum, count) = (0.0, 0);
        foreach (var table in _tables)
        {
            for (var item = 0; item < table.Items; item++)
            {
                if (table.Stranded(item))
                    continue;
                var least = double.PositiveInfinity;
                for (var option = table.OptionStart[item]; option < table.Unplaced(item); option++)
                    least = Math.Min(least, table.Cost[option]);
                sum += least;
                count++;
            }
        }

        return Math.Max(1e-15, count == 0 ? 0 : sum / count);
    }
}
