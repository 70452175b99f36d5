namespace LeptonEdge.Agent.Offload;

/// <summary>How quick the hub answers one workload these days, from its last few replies. Any thread; allocates nothing
/// after creation.</summary>
/// <remarks>Few and young ones: a line that has become slow must cost no more than a handful of windows their wait, and
/// one that has become quick again must be found so within seconds.</remarks>
public sealed class ReplyPace(TimeProvider clock)
{
    private const int Samples = 32;
    private const int MissesMax = 3;

    private static readonly TimeSpan AgeMax = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SoundEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan HoldOffMax = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly (long At, long Ticks)[] _replies = new (long, long)[Samples];
    private long _count;
    private long _soundedAt = long.MinValue;
    private long _holdUntil = long.MinValue;
    private int _misses;

    /// <summary>The last few calls in a row brought no reply in time, or the hub asked to be left alone for a
    /// moment.</summary>
    public bool IsAway
    {
        get
        {
            lock (_gate)
                return _misses >= MissesMax || clock.GetTimestamp() < _holdUntil;
        }
    }

    /// <summary>The hub answered after so long.</summary>
    public void Record(TimeSpan took)
    {
        lock (_gate)
        {
            _misses = 0;
            Add(took);
        }
    }

    /// <summary>The hub did not answer within that time.</summary>
    public void Miss(TimeSpan waited)
    {
        lock (_gate)
        {
            _misses++;
            Add(waited);
        }
    }

    /// <summary>The hub gave no answer, but not for want of time.</summary>
    public void Refuse()
    {
        lock (_gate)
            _misses++;
    }

    /// <summary>The hub said when it is worth asking again.</summary>
    public void HoldOff(TimeSpan pause)
    {
        var ticks = (long)(Math.Min(pause.TotalSeconds, HoldOffMax.TotalSeconds) * clock.TimestampFrequency);
        lock (_gate)
            _holdUntil = Math.Max(_holdUntil, clock.GetTimestamp() + ticks);
    }

    /// <summary>True now and then, for one caller: time for a call that only finds out how quick the hub is.</summary>
    public bool TrySound()
    {
        lock (_gate)
        {
            var now = clock.GetTimestamp();
            if (now < _holdUntil
                || (_soundedAt != long.MinValue && clock.GetElapsedTime(_soundedAt, now) < SoundEvery))
                return false;
            _soundedAt = now;
            return true;
        }
    }

    /// <summary>The time that the given share of the last replies did not exceed; null while there is none young
    /// enough.</summary>
    /// <param name="share">0 to 1.</param>
    public TimeSpan? Quantile(double share)
    {
        Span<long> young = stackalloc long[Samples];
        var count = 0;
        lock (_gate)
        {
            var now = clock.GetTimestamp();
            for (var i = 0; i < Math.Min(_count, Samples); i++)
            {
                if (clock.GetElapsedTime(_replies[i].At, now) < AgeMax)
                    young[count++] = _replies[i].Ticks;
            }
        }

        if (count == 0)
            return null;
        young[..count].Sort();
        return TimeSpan.FromTicks(young[Math.Clamp((int)Math.Ceiling(share * count) - 1, 0, count - 1)]);
    }

    private void Add(TimeSpan took) => _replies[_count++ % Samples] = (clock.GetTimestamp(), took.Ticks);
}
