namespace LeptonEdge.Placement.Solving;

/// <summary>Searches a plan for each site of a large fleet. What sites share is handed out beforehand, to each what its
/// workloads choose at the prices found; what one site leaves goes to the next of its lane.</summary>
/// <remarks>The number of lanes depends on the fleet alone, so that the plan does not depend on the threads.</remarks>
internal sealed class LaneSearch
{
    private const int LanesMax = 8;
    private const int SitesPerLane = 16;
    private readonly OptionTable[] _tables;
    private readonly FleetDual _dual;
    private readonly SolverOptions _options;
    private readonly double[] _scale;
    private readonly double[] _even;
    private readonly int[][] _choice;

    public LaneSearch(OptionTable[] tables, FleetDual dual, double[] sharedCapacity, SolverOptions options)
    {
        (_tables, _dual, _options, _choice) = (tables, dual, options, new int[tables.Length][]);
        (_scale, _even) = (new double[sharedCapacity.Length], new double[sharedCapacity.Length]);
        for (var r = 0; r < sharedCapacity.Length; r++)
        {
            var load = 0.0;
            foreach (var site in dual.Sites)
                load += site.SharedLoad[r];
            var busy = load > 0.01 * sharedCapacity[r];
            _scale[r] = busy ? sharedCapacity[r] / load : 0;
            _even[r] = busy ? 0 : sharedCapacity[r] / tables.Length;
        }
    }

    /// <summary>Option of each workload of each site.</summary>
    public int[][] Run()
    {
        var lanes = Math.Clamp(_tables.Length / SitesPerLane, 1, LanesMax);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = _options.Threads };
        Parallel.For(0, lanes, parallel, lane =>
        {
            var room = new double[_scale.Length];
            var (first, end) = (lane * _tables.Length / lanes, (lane + 1) * _tables.Length / lanes);
            for (var site = first; site < end; site++)
                Search(site, room);
        });
        return _choice;
    }

    private void Search(int site, double[] room)
    {
        var table = _tables[site];
        var soft = _dual.Sites[site].SharedLoad;
        for (var r = 0; r < room.Length; r++)
            room[r] += _even[r] + (_scale[r] * soft[r]);
        _choice[site] = SiteSolve.Search(table, [.. table.Capacity, .. room], _dual.Sites[site],
            _options.ChainsPerWorkload * table.Items, _options.GapEnough, (ulong)site);
        foreach (var option in _choice[site])
        {
            for (var k = table.UseStart[option]; k < table.UseStart[option + 1]; k++)
            {
                if (table.Uses[k].Resource >= table.Locals)
                    room[table.Uses[k].Resource - table.Locals] -= table.Uses[k].Amount;
            }
        }
    }
}
