using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Placement.Planning;

/// <summary>Places that missed a workload's deadline: each is avoided for a while, the next that misses soon after
/// twice as long.</summary>
internal sealed class AvoidList
{
    // Whoever was missed by more places than this may try the oldest again.
    private const int PlacesMax = 32;
    private readonly List<(RunsAt Place, long UntilMicros)> _places = [];
    private long _micros;
    private long _untilMicros;

    /// <summary>When the next place may be tried again.</summary>
    public long NextMicros { get; private set; } = long.MaxValue;

    /// <summary>When a place missed last; 0 never.</summary>
    public long AddedMicros { get; private set; }

    public void Add(RunsAt place, long nowMicros, PlannerRules rules)
    {
        var (first, most) = (FleetPlanner.Micros(rules.AvoidFor), FleetPlanner.Micros(rules.AvoidForMax));
        // Whoever is missed by one place after the other is not helped by trying them all again soon.
        _micros = _micros > 0 && nowMicros - _untilMicros < most ? Math.Min(_micros * 2, most) : first;
        (AddedMicros, _untilMicros) = (nowMicros, nowMicros + _micros);
        var at = _places.FindIndex(known => WorkloadTrack.IsSame(known.Place, place));
        if (at >= 0)
            _places.RemoveAt(at);
        else if (_places.Count == PlacesMax)
            _places.RemoveAt(0);
        _places.Add((place, _untilMicros));
        NextMicros = Math.Min(NextMicros, _untilMicros);
    }

    public bool Has(RunsAt place, long nowMicros)
    {
        foreach (var (known, until) in _places)
        {
            if (nowMicros < until && WorkloadTrack.IsSame(known, place))
                return true;
        }

        return false;
    }

    /// <summary>Places that are avoided now.</summary>
    public IReadOnlyList<RunsAt> At(long nowMicros)
    {
        NextMicros = long.MaxValue;
        List<RunsAt>? avoided = null;
        foreach (var (place, until) in _places)
        {
            if (nowMicros >= until)
                continue;
            (avoided ??= []).Add(place);
            NextMicros = Math.Min(NextMicros, until);
        }

        return avoided ?? (IReadOnlyList<RunsAt>)[];
    }
}
