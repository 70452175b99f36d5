namespace LeptonEdge.Agent.Pipeline;

/// <summary>When the next slice of a load drill is due: Poisson arrivals whose rate rises until the slices take the
/// asked share of the lane. Used by one thread.</summary>
/// <remarks>Times are seconds since the drill began, so that the schedule needs no clock of its own.</remarks>
public sealed class LoadDrillSchedule
{
    // A lane that cannot keep up drops what is older than this: a rehearsal must not outlive its cause.
    private const double BehindSecondsMax = 0.010;
    private const double FirstGuessSliceSeconds = 0.0004;
    private const double ShareMin = 0.01;

    private readonly double _share;
    private readonly double _rampSeconds;
    private readonly Random _random;
    private double _sliceSeconds = FirstGuessSliceSeconds;

    /// <param name="share">Of the lane's time at the end of the ramp, 0 to 0.98.</param>
    /// <param name="rampSeconds">0 takes the whole share at once.</param>
    /// <param name="seconds">How long the drill lasts, above 0.</param>
    public LoadDrillSchedule(double share, double rampSeconds, double seconds, int seed)
    {
        if (!(share >= 0 && share <= 0.98))
            throw new ArgumentOutOfRangeException(nameof(share), share, "the share must be within 0 to 0.98");
        if (!(rampSeconds >= 0 && rampSeconds <= 3600))
            throw new ArgumentOutOfRangeException(
                nameof(rampSeconds), rampSeconds, "the ramp must be within 0 to 3600 s");
        if (!(seconds > 0 && seconds <= 3600))
            throw new ArgumentOutOfRangeException(nameof(seconds), seconds, "the drill must last up to 3600 s");
        (_share, _rampSeconds, Seconds, _random) = (share, rampSeconds, seconds, new Random(seed));
        NextSeconds = Pause(0);
    }

    public double Seconds { get; }

    /// <summary>When the next slice is due.</summary>
    public double NextSeconds { get; private set; }

    /// <summary>Slices that were dropped because the lane was too far behind.</summary>
    public long Dropped { get; private set; }

    /// <summary>Work of slices that are due and have not run, seconds.</summary>
    public double BacklogSeconds(double nowSeconds) =>
        nowSeconds < NextSeconds ? 0 : _sliceSeconds + ((nowSeconds - NextSeconds) * Share(nowSeconds));

    /// <summary>Takes in that a slice took so long and plans the next one.</summary>
    public void Advance(double nowSeconds, double sliceSeconds)
    {
        _sliceSeconds += 0.05 * (Math.Clamp(sliceSeconds, 1e-6, 0.1) - _sliceSeconds);
        NextSeconds += Pause(NextSeconds);
        while (nowSeconds - NextSeconds > BehindSecondsMax)
        {
            NextSeconds += Pause(NextSeconds);
            Dropped++;
        }
    }

    private double Pause(double atSeconds) =>
        -Math.Log(1 - _random.NextDouble()) * _sliceSeconds / Share(atSeconds);

    private double Share(double atSeconds)
    {
        var ramp = _rampSeconds <= 0 ? 1 : Math.Min(1, atSeconds / _rampSeconds);
        return Math.Max(ShareMin, _share * ramp);
    }
}
