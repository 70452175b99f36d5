namespace LeptonEdge.Tests.Support;

/// <summary>A clock that only the test moves. Timers made from it fire, in the order they are due, while it
/// moves.</summary>
public sealed class ManualTimeProvider(DateTimeOffset? start = null) : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private DateTimeOffset _now = start ?? new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private long _ticks = 1_000_000;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
            return _now;
    }

    public override long GetTimestamp()
    {
        lock (_lock)
            return _ticks;
    }

    /// <summary>Moves both clocks on, stopping at every timer that is due on the way.</summary>
    public void Advance(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        long end;
        lock (_lock)
            end = _ticks + time.Ticks;
        while (TakeDue(end) is { } due)
            due.Fire();
    }

    /// <summary>Sets the wall clock alone, as an operator or a time server does; elapsed time does not
    /// notice.</summary>
    public void StepWallClock(TimeSpan by)
    {
        lock (_lock)
            _now += by;
    }

    /// <summary>Waits until some timer would fire within this time: what the test is about to move has begun to
    /// wait.</summary>
    public Task HasTimerWithin(TimeSpan time) => Eventually.True(
        () =>
        {
            lock (_lock)
                return _timers.Any(timer => timer.DueTicks <= _ticks + time.Ticks);
        },
        $"a timer due within {time}");

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private ManualTimer? TakeDue(long end)
    {
        lock (_lock)
        {
            var next = _timers.Where(timer => timer.DueTicks <= end).MinBy(timer => timer.DueTicks);
            var to = next is null ? end : Math.Max(next.DueTicks, _ticks);
            _now = _now.AddTicks(to - _ticks);
            _ticks = to;
            next?.Rearm();
            return next;
        }
    }

    private sealed class ManualTimer(ManualTimeProvider clock, TimerCallback callback, object? state) : ITimer
    {
        private long _period;

        public long DueTicks { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._lock)
            {
                clock._timers.Remove(this);
                _period = period > TimeSpan.Zero ? period.Ticks : 0;
                if (dueTime < TimeSpan.Zero)
                    return true;
                DueTicks = clock._ticks + dueTime.Ticks;
                clock._timers.Add(this);
                return true;
            }
        }

        /// <summary>Under the clock's lock, before the callback.</summary>
        public void Rearm()
        {
            if (_period > 0)
                DueTicks += _period;
            else
                clock._timers.Remove(this);
        }

        public void Fire() => callback(state);

        public void Dispose()
        {
            lock (clock._lock)
                clock._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
