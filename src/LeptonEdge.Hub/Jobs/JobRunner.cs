using Google.Protobuf;
using LeptonEdge.Core;
using LeptonEdge.Core.Identity;
using LeptonEdge.Hub.Configuration;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Storage.Hubs;

namespace LeptonEdge.Hub.Jobs;

/// <summary>Runs jobs, one stretch at a time: the most urgent first, among equals the oldest. What it knows of a job is
/// in the store, so that a hub which is killed goes on where it was.</summary>
internal sealed class JobRunner(
    HubOptions hub, JobsOptions options, HubStore store, JobWorkerKeeper worker, JobNews news, TimeProvider clock,
    ILogger<JobRunner> logger) : BackgroundService
{
    private static readonly TimeSpan StorePause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private long _runningId;
    private CancellationTokenSource? _running;

    private TenantId Tenant => hub.Tenant;

    /// <summary>Stops the stretch of a job that has ended.</summary>
    internal void Interrupt(long id)
    {
        lock (_gate)
        {
            if (_runningId == id)
                _running?.Cancel();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var tidied = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var next = news.Next;
                if (FirstOpen() is { } job)
                {
                    await AdvanceAsync(job, stoppingToken).ConfigureAwait(false);
                    tidied = false;
                    continue;
                }

                await worker.EndAsync().ConfigureAwait(false);
                while (!tidied)
                    tidied = !store.TidyJobs(clock.GetUnixMicros() - Micros(options.InputsKeptFor));
                await next.WaitAsync(LookAgain, clock, stoppingToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // Nothing came: inputs that no job names may have grown old.
                tidied = false;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (HubStoreException fault)
            {
                JobLog.Store(logger, fault.Message);
                await Task.Delay(StorePause, clock, stoppingToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        await worker.EndAsync().ConfigureAwait(false);
    }

    /// <summary>The job whose turn it is; those whose deadline has passed are ended first.</summary>
    private StoredJob? FirstOpen()
    {
        StoredJob? first = null;
        var now = clock.GetUnixMicros();
        foreach (var job in store.OpenJobs(Tenant))
        {
            if (job.DeadlineMicros > 0 && job.DeadlineMicros <= now)
                Expire(job);
            else
                first ??= job;
        }

        return first;
    }

    private async Task AdvanceAsync(StoredJob job, CancellationToken stopping)
    {
        if (job.State == JobState.Waiting && !store.BeginJob(job.Id))
            return;
        using var stretch = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        lock (_gate)
            (_runningId, _running) = (job.Id, stretch);
        using var deadline = EndAtDeadline(job, stretch);
        try
        {
            await StretchAsync(job, stretch.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stretch.IsCancellationRequested)
        {
            // Cancelled, late, or the hub stops: what was not stored is as if it had never been.
            await worker.EndAsync().ConfigureAwait(false);
        }
        catch (JobException fault)
        {
            End(job, JobState.Failed, fault.Message);
        }
        catch (Exception fault) when (fault is not HubStoreException)
        {
            JobLog.Failed(logger, fault, job.Id);
            End(job, JobState.Failed, "the hub failed at this job; its log has the details");
        }
        finally
        {
            lock (_gate)
                (_runningId, _running) = (0, null);
        }
    }

    private async Task StretchAsync(StoredJob job, CancellationToken cancellation)
    {
        if (await worker.StretchAsync(job, cancellation).ConfigureAwait(false) is { } answer)
            Commit(job, answer);
    }

    private void Commit(StoredJob job, JobAnswer answer)
    {
        if (job.ResultBytes + answer.Part.Length > options.ResultBytesMax)
            throw new JobException(
                $"its result would have more than {options.ResultBytesMax} bytes; narrow the range or send fewer rows");
        var done = job.Done + answer.Done;
        var stretch = new JobStretch(
            answer.Part.IsEmpty ? null : answer.Part.ToByteArray(), answer.Items, answer.Next.ToByteArray(), done,
            Math.Max(job.Total, done));
        if (store.CommitJob(Tenant, job.Id, job.Parts, stretch, options.Limits) && answer.IsEnd)
            End(job, JobState.Done, "");
        news.Tell();
    }

    private ITimer? EndAtDeadline(StoredJob job, CancellationTokenSource stretch)
    {
        if (job.DeadlineMicros == 0)
            return null;
        var left = TimeSpan.FromMicroseconds(Math.Max(0, job.DeadlineMicros - clock.GetUnixMicros()));
        // Shorter than the longest deadline; the next stretch sets it again.
        return clock.CreateTimer(
            static state => ((CancellationTokenSource)state!).Cancel(), stretch,
            left < TimeSpan.FromDays(1) ? left : TimeSpan.FromDays(1), Timeout.InfiniteTimeSpan);
    }

    private void Expire(StoredJob job) =>
        End(job, JobState.Expired, $"the deadline passed when {job.Done} of about {job.Total} were done");

    private void End(StoredJob job, JobState state, string reason)
    {
        if (store.EndJob(Tenant, job.Id, state, reason))
            JobLog.Ended(logger, job.Id, state, reason);
        news.Tell();
    }

    private static long Micros(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;
}

internal static partial class JobLog
{
    [LoggerMessage(2, LogLevel.Information, "Job {Id} has ended: {State} {Reason}")]
    public static partial void Ended(ILogger logger, long id, JobState state, string reason);

    [LoggerMessage(3, LogLevel.Warning, "Jobs wait, because the store does not take what they found: {Reason}")]
    public static partial void Store(ILogger logger, string reason);

    [LoggerMessage(4, LogLevel.Error, "Job {Id} failed")]
    public static partial void Failed(ILogger logger, Exception fault, long id);
}
