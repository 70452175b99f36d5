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

    /// <summary>The runtime's timers read a clock that most kernels move every 4 ms. A wait between two of its ticks
    /// wakes the timer's thread two or three times, and may end before its time; one of whole ticks ends once, at most
    /// 4 ms late.</summary>
    private const double TimerTickMilliseconds = 4;

    private readonly TimeProvider _clock;
    private readonly PeriodicTimer _timer;
    private readonly bool _ownThread;
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
    /// <param name="ownThread">The caller has a thread of its own and waits on it: that is one wake-up a block, where a
    /// timer of the thread pool takes six, on three threads. Of the machine's own clock alone; another is waited for by
    /// its timers.</param>
    public SamplePacer(
        double rateHz, int blockSamples, TimeProvider clock, TimeSpan? catchUpMax = null, bool ownThread = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rateHz);
        ArgumentOutOfRangeException.ThrowIfLessThan(blockSamples, 1);
        _clock = clock;
        _ownThread = ownThread && clock == TimeProvider.System;
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

    /// <summary>Runs a driver's loop on a thread of its own, as long as it waits for nothing but its pacer.</summary>
    public static Task OnOwnThreadAsync(Func<Task> loop) => Task.Factory.StartNew(
        loop, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();

    /// <summary>Waits until the next block is due.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<PacedBlock> NextAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var due = DueTicks();
        var now = _clock.GetTimestamp();
        while (now < due)
        {
            if (_ownThread)
                Sleep(due - now, cancellationToken);
            else
                await WaitAsync(due - now, cancellationToken);
            now = _clock.GetTimestamp();
        }

        var skipped = SkipWhatIsTooLate(now - due);
        FollowWallClock(now);
        var start = _startMicros + (long)Math.Round(_next * 1e6 / _rateHz);
        _next += _blockSamples;
        return new PacedBlock(start, skipped);
    }

    public void Dispose() => _timer.Dispose();

    // Rounding up keeps a block from going out before its last sample.
    private void Sleep(long ticks, CancellationToken cancellationToken)
    {
        var milliseconds = Math.Ceiling(ticks * 1000.0 / _clock.TimestampFrequency);
        if (cancellationToken.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(milliseconds)))
            cancellationToken.ThrowIfCancellationRequested();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WaitAsync(long ticks, CancellationToken cancellationToken)
    {
        var timerTicks = Math.Ceiling(ticks * 1000.0 / (_clock.TimestampFrequency * TimerTickMilliseconds));
        _timer.Period = TimeSpan.FromMilliseconds(timerTicks * TimerTickMilliseconds);
        // False means that the pacer is gone: its timer would never let anyone wait again.
        ObjectDisposedException.ThrowIf(!await _timer.WaitForNextTickAsync(cancellationToken), this);
    }

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
