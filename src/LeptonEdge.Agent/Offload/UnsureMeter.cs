namespace LeptonEdge.Agent.Offload;

/// <summary>Share of windows that the small model of a cascade is unsure of, whether or not the hub is asked about
/// them: so a plan knows what a cascade would ask of the hub before it tries one. One thread records, any thread
/// reads.</summary>
public sealed class UnsureMeter(TimeProvider clock)
{
    // Fewer say nothing yet; and of so many the old ones are forgotten little by little.
    private const int WindowsMin = 20;
    private const int WindowsMax = 500;

    // Of windows that go another way than a cascade which the plan may choose, one in so many goes that way.
    private const int SampleEvery = 64;
    private const int SampleEveryUnknown = 4;

    private readonly Lock _gate = new();
    private int _sinceSample;
    private long _windows;
    private double _share;
    private long _recordedAt;

    public void Record(bool unsure)
    {
        lock (_gate)
        {
            _windows++;
            _share += ((unsure ? 1 : 0) - _share) / Math.Min(_windows, WindowsMax);
            _recordedAt = clock.GetTimestamp();
        }
    }

    /// <summary>Whether it is time to look at a window that would go another way; on the sensor's thread
    /// alone.</summary>
    /// <param name="isLaneCalm">Nobody else's window waits for it.</param>
    public bool IsSampleDue(bool isLaneCalm)
    {
        _sinceSample++;
        if (!isLaneCalm || _sinceSample < (Read() is null ? SampleEveryUnknown : SampleEvery))
            return false;
        _sinceSample = 0;
        return true;
    }

    /// <summary>Forgets what another model was unsure of.</summary>
    public void Clear()
    {
        lock (_gate)
            (_windows, _share) = (0, 0);
    }

    /// <summary>The share, 0 to 1, and how long ago the last window was looked at; null while there were too
    /// few.</summary>
    public (double Share, TimeSpan Age)? Read()
    {
        lock (_gate)
            return _windows < WindowsMin ? null : (_share, clock.GetElapsedTime(_recordedAt));
    }
}
