namespace LeptonEdge.Agent.Sensing.Hosts;

/// <summary>Turns a counter that only grows into growth, or into a rate, since the last look that succeeded.</summary>
internal struct Counter
{
    private long _last;
    private double _lastSeconds;
    private bool _known;

    /// <summary>NaN at the first look, and when the counter went back: it was reset or wrapped, and how far it had
    /// come is not known. Better no value than a spike.</summary>
    public double Growth(long value)
    {
        var grown = _known && value >= _last ? value - _last : double.NaN;
        (_last, _known) = (value, true);
        return grown;
    }

    /// <summary>Growth per second since the last look, however long ago that was: looks that failed make no spike
    /// either.</summary>
    /// <param name="nowSeconds">A clock that never goes back.</param>
    public double PerSecond(long value, double nowSeconds)
    {
        var elapsed = nowSeconds - _lastSeconds;
        _lastSeconds = nowSeconds;
        return Growth(value) / Math.Max(elapsed, 1e-3);
    }
}
