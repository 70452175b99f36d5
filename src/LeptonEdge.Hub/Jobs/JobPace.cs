using System.Diagnostics;

namespace LeptonEdge.Hub.Jobs;

/// <summary>Holds a job's thread still while it is not its turn. One thread.</summary>
/// <param name="calls">Null: it is always its turn.</param>
internal sealed class JobPace(CallBoard? calls, JobTurn turn)
{
    private long _beganAt;
    private TimeSpan _usedBefore;
    private bool _onAccelerator;

    /// <summary>What was used since <see cref="Begin"/>, up to the last <see cref="Hold"/>.</summary>
    public TimeSpan Worked { get; private set; }

    /// <summary>Since <see cref="Begin"/>.</summary>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_beganAt);

    /// <summary>A stretch begins; what was before it was no work.</summary>
    /// <param name="onAccelerator">What it uses is an accelerator's time, not the processor's.</param>
    public void Begin(bool onAccelerator)
    {
        (_beganAt, _onAccelerator, Worked) = (Stopwatch.GetTimestamp(), onAccelerator, TimeSpan.Zero);
        _usedBefore = Used();
        Hold();
    }

    /// <summary>Returns when it is the job's turn; to be called between any two short pieces of work.</summary>
    public void Hold()
    {
        var (worked, waited) = (Used() - _usedBefore, TimeSpan.Zero);
        Worked += worked;
        while (calls is not null)
        {
            var (underWay, sinceCall) = calls.Read();
            var wait = turn.Wait(worked, waited, underWay, sinceCall);
            if (wait == TimeSpan.Zero)
                break;
            var start = Stopwatch.GetTimestamp();
            Thread.Sleep(wait);
            (worked, waited) = (TimeSpan.Zero, Stopwatch.GetElapsedTime(start));
        }

        _usedBefore = Used();
    }

    // Not how long it took: a process that others push aside would have to wait for that as well.
    private TimeSpan Used() =>
        _onAccelerator ? Stopwatch.GetElapsedTime(_beganAt) : Environment.CpuUsage.TotalTime;
}
