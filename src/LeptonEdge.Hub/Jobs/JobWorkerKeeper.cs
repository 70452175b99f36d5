using LeptonEdge.Hub.Configuration;
using LeptonEdge.Hub.Metering;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Serving;
using LeptonEdge.Storage.Hubs;

namespace LeptonEdge.Hub.Jobs;

/// <summary>Keeps the process that runs the job whose turn it is, and replaces it when it dies. One caller at a
/// time.</summary>
internal sealed class JobWorkerKeeper(
    HubOptions hub, JobsOptions options, CallBoard calls, HubUsageMeter meter, TimeProvider clock,
    ILogger<JobWorkerKeeper> logger)
{
    // A worker may be killed for want of memory; one that always ends over the same stretch is the job's fault.
    private const int CrashesMax = 2;

    private WorkerProcess? _worker;
    private long _job;
    private int _crashes;

    /// <summary>Has one stretch of a job done.</summary>
    /// <returns>Null when the process died over it: it has to be done again.</returns>
    /// <exception cref="JobException">The job cannot go on.</exception>
    /// <exception cref="HubStoreException">The store cannot be read now.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; <see cref="EndAsync"/> has to follow.</exception>
    internal async Task<JobAnswer?> StretchAsync(StoredJob job, CancellationToken cancellation)
    {
        var content = JobContent.Parser.ParseFrom(job.Content);
        // One process for each job: what a job leaves behind in memory is no other's, and a model is read anew.
        if (_worker is null || _job != job.Id)
        {
            if (_job != job.Id)
                _crashes = 0;
            await EndAsync().ConfigureAwait(false);
            _worker = WorkerProcess.Start(new WorkerOrder(
                HubServer.StorePath(hub), hub.ModelsFolder ?? "", hub.Tenant, options.WorkerBytesMax, calls.Descriptor,
                options.Quiet, options.ShareMin));
            _job = job.Id;
            WorkerLog.Runs(logger, job.Id, job.Kind, content.ModelName, content.ModelVersion, job.Done);
        }

        var task = new JobTask
        {
            Id = job.Id, Content = content, Checkpoint = JobCheckpoint.Parser.ParseFrom(job.Checkpoint),
        };
        if (await AskAsync(_worker, task, cancellation).ConfigureAwait(false) is not { } answer)
        {
            await TakeCrashAsync(job, _worker).ConfigureAwait(false);
            return null;
        }

        _crashes = 0;
        meter.Count(new ServedWork(
            "", "", content.ModelName, content.ModelVersion, false, answer.Rows,
            TimeSpan.FromMicroseconds(answer.BusyMicros), answer.OnAccelerator, 0));
        if (answer.StoreFault.Length > 0)
            throw new HubStoreException(answer.StoreFault, HubStoreFault.Unavailable);
        if (answer.Fault.Length > 0)
            throw new JobException(answer.Fault);
        return answer;
    }

    /// <summary>Ends the process, if there is one.</summary>
    public async ValueTask EndAsync()
    {
        if (_worker is { } worker)
            await worker.DisposeAsync().ConfigureAwait(false);
        _worker = null;
    }

    /// <returns>Null when the process ended, or answered nothing for too long.</returns>
    private async Task<JobAnswer?> AskAsync(WorkerProcess worker, JobTask task, CancellationToken cancellation)
    {
        // Beside calls it has no more than its share of the time.
        using var patience = new CancellationTokenSource(options.StretchMax / options.ShareMin, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        try
        {
            return await worker.AnswerAsync(task, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task TakeCrashAsync(StoredJob job, WorkerProcess worker)
    {
        var how = await worker.EndAsync().ConfigureAwait(false);
        await EndAsync().ConfigureAwait(false);
        if (++_crashes > CrashesMax)
            throw new JobException(
                $"the process that runs it ended {_crashes} times over the same stretch, the last time with {how}");
        WorkerLog.WorkerEnded(logger, job.Id, how);
    }
}

internal static partial class WorkerLog
{
    [LoggerMessage(1, LogLevel.Information, "Job {Id} ({Kind} with {Model}/{Version}) runs, from {Done} on")]
    public static partial void Runs(
        ILogger logger, long id, string kind, string model, string version, long done);

    [LoggerMessage(
        2, LogLevel.Warning, "The process that ran job {Id} ended with {How}; the job goes on in a new one")]
    public static partial void WorkerEnded(ILogger logger, long id, string how);
}
