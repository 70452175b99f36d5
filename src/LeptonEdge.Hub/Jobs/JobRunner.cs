using Google.Protobuf;
using LeptonEdge.Core;
using LeptonEdge.Core.Identity;
using LeptonEdge.Hub.Configuration;
using LeptonEdge.Inference.Tensors;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Serving;
using LeptonEdge.Serving.Models;
using LeptonEdge.Serving.Scheduling;
using LeptonEdge.Storage.Hubs;

namespace LeptonEdge.Hub.Jobs;

/// <summary>Runs jobs, one stretch at a time: the most urgent first, among equals the oldest. What it knows of a job is
/// in the store, so that a hub which is killed goes on where it was.</summary>
public sealed class JobRunner(
    HubOptions hub, JobsOptions options, HubStore store, BackgroundModels models, JobNews news, TimeProvider clock,
    ILogger<JobRunner> logger) : BackgroundService
{
    private static readonly TimeSpan StorePause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private (long Id, IJobWork Work)? _opened;
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

    /// <summary>Tells one version of a model's file from another; empty for a bare model.</summary>
    internal static ByteString DigestOf(ServedModel model) => model.Manifest is { } manifest
        ? ByteString.CopyFrom(manifest.Files.Values.First(file => file.FileName == model.FileName).Sha256.Span)
        : ByteString.Empty;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var thread = new QuietThread("lepton jobs");
        var tidied = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var next = news.Next;
                if (FirstOpen() is { } job)
                {
                    await AdvanceAsync(job, thread, stoppingToken).ConfigureAwait(false);
                    tidied = false;
                    continue;
                }

                _opened = null;
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
                return;
            }
            catch (HubStoreException fault)
            {
                JobLog.Store(logger, fault.Message);
                _opened = null;
                await Task.Delay(StorePause, clock, stoppingToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
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

    private async Task AdvanceAsync(StoredJob job, QuietThread thread, CancellationToken stopping)
    {
        if (job.State == JobState.Waiting && !store.BeginJob(job.Id))
            return;
        using var stretch = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        lock (_gate)
            (_runningId, _running) = (job.Id, stretch);
        using var deadline = EndAtDeadline(job, stretch);
        try
        {
            await StretchAsync(job, thread, stretch.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stretch.IsCancellationRequested)
        {
            // Cancelled, late, or the hub stops: what was not stored is as if it had never been.
            _opened = null;
        }
        catch (Exception fault) when (
            fault is JobException or ServingException or TensorRunException or InvalidDataException)
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

    private async Task StretchAsync(StoredJob job, QuietThread thread, CancellationToken cancellation)
    {
        var content = JobContent.Parser.ParseFrom(job.Content);
        using var model = await models.EnterAsync(content.ModelName, content.ModelVersion, cancellation)
            .ConfigureAwait(false);
        if (!DigestOf(model.Model).Equals(content.ModelSha256))
            throw new JobException(
                $"{model.Model} is served with another file than when the job was submitted; submit it again");
        var work = Open(job, content, model.Model);
        var checkpoint = JobCheckpoint.Parser.ParseFrom(job.Checkpoint);
        var pace = new JobPace(models, options, clock, cancellation);
        var step = await thread.RunAsync(() => work.Advance(checkpoint, model, pace)).ConfigureAwait(false);
        var done = job.Done + step.Done;
        var part = step.Part?.ToByteArray();
        if (job.ResultBytes + (part?.Length ?? 0) > options.ResultBytesMax)
            throw new JobException(
                $"its result would have more than {options.ResultBytesMax} bytes; narrow the range or send fewer rows");
        // Here and not on the job's own thread, which may wait long for its turn: devices' batches wait for the writer.
        var stretch = new JobStretch(part, step.Items, step.Next.ToByteArray(), done, Math.Max(job.Total, done));
        if (!store.CommitJob(Tenant, job.Id, job.Parts, stretch, options.Limits))
            _opened = null;
        else if (step.IsEnd)
            End(job, JobState.Done, "");
        news.Tell();
    }

    private IJobWork Open(StoredJob job, JobContent content, ServedModel model)
    {
        if (_opened is { } opened && opened.Id == job.Id)
            return opened.Work;
        IJobWork work = job.Kind == JobViews.Rescore
            ? new RescoreWork(store, options, Tenant, content, model.Manifest!, model.Tensors.Rows)
            : new ModelWork(store, options, content.Request.Model.Reference, BlocksOf(content));
        JobLog.Runs(logger, job.Id, job.Kind, model.ToString(), job.Done);
        _opened = (job.Id, work);
        return work;
    }

    private int BlocksOf(JobContent content) =>
        store.JobInput(Tenant, content.Request.Model.Reference)?.Blocks
            ?? throw new JobException($"input {content.Request.Model.Reference} is not in the store any more");

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
        _opened = null;
        if (store.EndJob(Tenant, job.Id, state, reason))
            JobLog.Ended(logger, job.Id, state, reason);
        news.Tell();
    }

    private static long Micros(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;
}

internal static partial class JobLog
{
    [LoggerMessage(1, LogLevel.Information, "Job {Id} ({Kind} with {Model}) runs, from {Done} on")]
    public static partial void Runs(ILogger logger, long id, string kind, string model, long done);

    [LoggerMessage(2, LogLevel.Information, "Job {Id} has ended: {State} {Reason}")]
    public static partial void Ended(ILogger logger, long id, JobState state, string reason);

    [LoggerMessage(3, LogLevel.Warning, "Jobs wait, because the store does not take what they found: {Reason}")]
    public static partial void Store(ILogger logger, string reason);

    [LoggerMessage(4, LogLevel.Error, "Job {Id} failed")]
    public static partial void Failed(ILogger logger, Exception fault, long id);
}
