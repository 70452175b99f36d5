using LeptonEdge.Serving.Scheduling;

namespace LeptonEdge.Hub.Jobs;

/// <summary>The pace of one stretch of a job: aside while requests are served, and not for ever.</summary>
internal sealed class JobPace(
    BackgroundModels models, JobsOptions options, TimeProvider clock, CancellationToken cancellation)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    private readonly long _start = clock.GetTimestamp();

    /// <summary>The stretch may go on.</summary>
    public bool HasTime => clock.GetElapsedTime(_start) < options.CommitEvery;

    /// <summary>Waits, on the job's own thread, until no request is served, or its patience is over.</summary>
    /// <exception cref="OperationCanceledException">The job was cancelled, its deadline passed, or the hub
    /// stops.</exception>
    public void GiveWay()
    {
        cancellation.ThrowIfCancellationRequested();
        if (!models.IsBusy)
            return;
        var start = clock.GetTimestamp();
        do
        {
            cancellation.WaitHandle.WaitOne(Pause);
            cancellation.ThrowIfCancellationRequested();
        }
        while (models.IsBusy && clock.GetElapsedTime(start) < options.PatienceMax);
    }
}
