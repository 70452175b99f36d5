using System.Runtime.CompilerServices;
using LeptonEdge.Core;

namespace LeptonEdge.Agent.Sensing;

/// <summary>When the next block is due.</summary>
/// <param name="StartMicros">Device time of the block's first sample, microseconds since 1970-01-01 UTC.</param>
/// <param name="SkippedSamples">Samples left out before it, because the process stood still for longer than may be
/// caught up.</param>
public readonly record struct PacedBlock(long StartMicros, long SkippedSamples);

/// <summary>Lets blocks of samples go at their true rate: sample n is due at start + n / rate, so no delay of one
/// block moves those after it. Steady waiting allocates nothing.</summary>
public sealed class SamplePacer : IDisposable
{
    /// <summary>Wall clock corrections up to this are left to the kernel's slewing; a larger one moves the time
    /// stamps.</summary>
    private const long WallStepMicros = 500_000;

    private readonly TimeProvider _clock;
    private readonly PeriodicTimer _timer;
    private readonly double _rateHz;
    private readonly int _blockSamples;
    private readonly double _ticksPerSample;
    private readonly long _catchUpTicks;
    private readonly long _startTicks;
    private long _startMicros;
    private long _next;

    /// <param name="rateHz">Samples per second.</param>
    /// <param name="blockSamples">Samples of one block; a block is due when its last sample is.</param>
    /// <param name="catchUpMax">After a stall, blocks up to this late still go out, at once; 2 s unless given.</param>
    public SamplePacer(double rateHz, int blockSamples, TimeProvider clock, TimeSpan? catchUpMax = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rateHz);
        ArgumentOutOfRangeException.ThrowIfLessThan(blockSamples, 1);
        _clock = clock;
        _rateHz = rateHz;
        _blockSamples = blockSamples;
        _ticksPerSample = clock.TimestampFrequency / rateHz;
        _catchUpTicks = (long)((catchUpMax ?? TimeSpan.FromSeconds(2)).TotalSeconds * clock.TimestampFrequency);
        _startTicks = clock.GetTimestamp();
        _startMicros = clock.GetUnixMicros();
        _timer = new PeriodicTimer(TimeSpan.FromHours(1), clock);
    }

    /// <summary>All samples left out so far.</summary>
    public long SkippedSamples { get; private set; }

    /// <summary>Waits until the next block is due.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<PacedBlock> NextAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var due = DueTicks();
        var now = _clock.GetTimestamp();
        while (now < due)
        {
            // Timers count whole milliseconds; rounding up keeps a block from going out before its last sample.
            var wait = Math.Ceiling((due - now) * 1000.0 / _clock.TimestampFrequency);
            _timer.Period = TimeSpan.FromMilliseconds(wait);
            // False means that the pacer is gone: its timer would never let anyone wait again.
            ObjectDisposedException.ThrowIf(!await _timer.WaitForNextTickAsync(cancellationToken), this);
            now = _clock.GetTimestamp();
        }

        var skipped = SkipWhatIsTooLate(now - due);
        FollowWallClock(now);
        var start = _startMicros + (long)Math.Round(_next * 1e6 / _rateHz);
        _next += _blockSamples;
        return new PacedBlock(start, skipped);
    }

    public void Dispose() => _timer.Dispose();

    private long DueTicks() => _startTicks + (long)((_next + _blockSamples - 1) * _ticksPerSample);

    private long SkipWhatIsTooLate(long lateTicks)
    {
        if (lateTicks <= _catchUpTicks)
            return 0;
        var skipped = (long)(lateTicks / (_ticksPerSample * _blockSamples)) * _blockSamples;
        _next += skipped;
        SkippedSamples += skipped;
        return skipped;
    }

    private void FollowWallClock(long nowTicks)
    {
        var elapsedMicros = (long)((nowTicks - _startTicks) * 1e6 / _clock.TimestampFrequency);
        var step = _clock.GetUnixMicros() - _startMicros - elapsedMicros;
        if (Math.Abs(step) > WallStepMicros)
            _startMicros += step;
    }
}
