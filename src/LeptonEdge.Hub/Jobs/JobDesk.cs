using System.Security.Cryptography;
using Google.Protobuf;
using Grpc.Core;
using LeptonEdge.Core;
using LeptonEdge.Core.Identity;
using LeptonEdge.Hub.Configuration;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Serving;
using LeptonEdge.Serving.Scheduling;
using LeptonEdge.Storage.Hubs;

namespace LeptonEdge.Hub.Jobs;

/// <summary>Where everything asked about jobs goes, however it came.</summary>
internal sealed class JobDesk(
    HubOptions hub, JobsOptions options, HubStore store, BackgroundModels models, JobRunner runner, JobNews news,
    TimeProvider clock)
{
    public const int ListMax = 1000;
    private const int ListStandard = 100;
    private const int KeyLengthMax = 128;
    private const int PriorityStandard = 5;
    private const int PriorityMax = 10;
    private static readonly TimeSpan DeadlineMax = TimeSpan.FromDays(30);

    private int _watchers;

    private TenantId Tenant => hub.Tenant;

    /// <exception cref="ServingException">INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS or RESOURCE_EXHAUSTED: names the
    /// field, and says what to do.</exception>
    public async Task<Job> SubmitAsync(SubmitJobRequest request, CancellationToken cancellation)
    {
        var (priority, deadline) = Check(request);
        var digest = SHA256.HashData(request.ToByteArray());
        var key = request.IdempotencyKey.Length > 0 ? request.IdempotencyKey : null;
        if (key is not null && store.JobOfKey(Tenant, key, digest) is { } known)
            return View(known, 0);
        var content = new JobContent { Request = request.Clone() };
        var (kind, total, input) = request.WorkCase == SubmitJobRequest.WorkOneofCase.Rescore
            ? (JobViews.Rescore, await SettleRescoreAsync(content, cancellation).ConfigureAwait(false), 0)
            : await SettleModelAsync(content, cancellation).ConfigureAwait(false);
        var start = new JobCheckpoint { NextMicros = content.FromMicros, RawStartMicros = content.FromMicros };
        var added = store.AddJob(
            new NewJob(
                Tenant, kind, key, digest, priority, deadline, content.ToByteArray(), start.ToByteArray(), total,
                input),
            options.Limits);
        news.Tell();
        return View(added, input);
    }

    /// <exception cref="ServingException">NOT_FOUND.</exception>
    public Job Get(long id) => JobViews.Of(Find(id));

    /// <param name="limit">1 to <see cref="ListMax"/>; 0 for the standard.</param>
    /// <param name="before">Only jobs with a lower id; 0 for all.</param>
    public IEnumerable<Job> List(long limit, long before)
    {
        if (limit is < 0 or > ListMax)
            throw ServingException.Invalid($"limit: {limit} is not within 1 to {ListMax}");
        return store.Jobs(Tenant, limit == 0 ? ListStandard : (int)limit, before <= 0 ? long.MaxValue : before)
            .Select(JobViews.Of);
    }

    /// <summary>Newest first.</summary>
    /// <param name="before">Only jobs with a lower id.</param>
    public IReadOnlyList<Job> Newest(int limit, long before) =>
        [.. store.Jobs(Tenant, limit, before).Select(JobViews.Of)];

    /// <exception cref="ServingException">NOT_FOUND.</exception>
    public Job Cancel(long id)
    {
        Find(id);
        if (store.EndJob(Tenant, id, JobState.Cancelled, "cancelled by an operator"))
        {
            runner.Interrupt(id);
            news.Tell();
        }

        return Get(id);
    }

    /// <summary>The job now and at each change, until it has ended.</summary>
    /// <exception cref="ServingException">NOT_FOUND, or too many watch.</exception>
    public async Task WatchAsync(long id, Func<Job, Task> tell, CancellationToken cancellation)
    {
        if (Interlocked.Increment(ref _watchers) > options.WatchersMax)
        {
            Interlocked.Decrement(ref _watchers);
            throw new ServingException(
                StatusCode.ResourceExhausted,
                $"{options.WatchersMax} callers watch jobs, and no more may; ask now and then");
        }

        try
        {
            Job? told = null;
            while (true)
            {
                var next = news.Next;
                var job = Find(id);
                var view = JobViews.Of(job);
                if (!view.Equals(told))
                    await tell(told = view).ConfigureAwait(false);
                if (job.HasEnded)
                    return;
                await next.WaitAsync(cancellation).ConfigureAwait(false);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _watchers);
        }
    }

    /// <summary>Parts of the result that are there, in order.</summary>
    /// <exception cref="ServingException">NOT_FOUND.</exception>
    public IEnumerable<JobResultPart> Result(long id, uint firstPart, uint partsMax)
    {
        var parts = Find(id).Parts;
        var end = partsMax == 0 ? parts : Math.Min(parts, (long)firstPart + partsMax);
        for (long part = firstPart; part < end; part++)
        {
            // Gone when the job made room for newer ones meanwhile.
            if (store.JobPart(id, (int)part) is not { } stored)
                throw Unknown(id);
            var message = JobResultPart.Parser.ParseFrom(stored.Data);
            (message.Part, message.FirstItem) = ((uint)part, stored.FirstItem);
            yield return message;
        }
    }

    /// <summary>The part that holds an item; null when none does.</summary>
    public JobResultPart? PartOf(long id, long item) =>
        store.JobPartOf(id, item) is >= 0 and var part ? Result(id, (uint)part, 1).First() : null;

    public JobInput BeginInput() => View(store.AddJobInput(Tenant));

    /// <summary>Adds a block behind the others; one that is there already is not added again.</summary>
    /// <exception cref="ServingException">The block is wrong, or not the next.</exception>
    public JobInput AddBlock(long input, int block, TensorBlock content)
    {
        var rows = BlockCheck.Rows(content);
        var bytes = content.ToByteArray();
        if (bytes.Length > options.PartBytesMax)
            throw ServingException.Invalid(
                $"tensors: the block has {bytes.Length} bytes; at most {options.PartBytesMax}: send fewer rows in "
                + "each");
        var there = store.JobInput(Tenant, input) ?? throw UnknownInput(input);
        var added = store.AddJobBlock(Tenant, input, block, rows, bytes, options.Limits);
        return added is not null
            ? View(added)
            : throw new ServingException(StatusCode.FailedPrecondition,
                $"block {block} was not added to input {input}, which has {there.Blocks}: blocks come one after the "
                + $"other, before a job reads them, and all jobs' data is at most {options.BytesMax} bytes");
    }

    private (int Priority, long DeadlineMicros) Check(SubmitJobRequest request)
    {
        if (request.WorkCase == SubmitJobRequest.WorkOneofCase.None)
            throw ServingException.Invalid("work: is missing; give rescore or model");
        if (request.Priority > PriorityMax)
            throw ServingException.Invalid(
                $"priority: {request.Priority}; give 1, the most urgent, to {PriorityMax}, or 0 for "
                + $"{PriorityStandard}");
        if (request.IdempotencyKey.Length > KeyLengthMax)
            throw ServingException.Invalid(
                $"idempotency_key: has {request.IdempotencyKey.Length} characters; at most {KeyLengthMax}");
        var seconds = request.DeadlineSeconds;
        if (!(seconds >= 0 && seconds <= DeadlineMax.TotalSeconds))
            throw ServingException.Invalid(FormattableString.Invariant(
                $"deadline_seconds: {seconds} is not within 0 (none) to {DeadlineMax.TotalSeconds:0}"));
        return (request.Priority == 0 ? PriorityStandard : (int)request.Priority,
            seconds == 0 ? 0 : clock.GetUnixMicros() + (long)(seconds * 1e6));
    }

    private async Task<long> SettleRescoreAsync(JobContent content, CancellationToken cancellation)
    {
        var job = content.Request.Rescore;
        using var model = await EnterAsync("rescore.model", job.Model, content, cancellation).ConfigureAwait(false);
        return RescorePlan.Settle(store, Tenant, job, model.Model.Manifest, content);
    }

    private async Task<(string Kind, long Total, long Input)> SettleModelAsync(
        JobContent content, CancellationToken cancellation)
    {
        var job = content.Request.Model;
        using var model = await EnterAsync("model.model", job.Model, content, cancellation).ConfigureAwait(false);
        if (job.InputCase == ModelJob.InputOneofCase.None)
            throw ServingException.Invalid("model.input: is missing; give rows inline, or the id of an input");
        if (job.InputCase == ModelJob.InputOneofCase.Inline)
        {
            model.Read(ModelWork.ToRequest(job.Inline));
            // Kept as an input of one block, so that whoever lists jobs does not read their rows.
            var kept = BeginInput().Id;
            AddBlock(kept, 0, job.Inline);
            job.Reference = kept;
        }

        var input = store.JobInput(Tenant, job.Reference) ?? throw UnknownInput(job.Reference);
        if (input.Blocks == 0)
            throw ServingException.Invalid($"model.reference: input {input.Id} has no blocks; send them first");
        model.Read(ModelWork.ToRequest(TensorBlock.Parser.ParseFrom(store.JobBlock(input.Id, 0)!)));
        return (JobViews.Model, input.Rows, input.Id);
    }

    private async Task<BackgroundModel> EnterAsync(
        string field, string text, JobContent content, CancellationToken cancellation)
    {
        var parts = text.Split('/');
        if (text.Length == 0 || parts.Length > 2)
            throw ServingException.Invalid(
                $"{field}: '{ServingException.Short(text)}'; give NAME or NAME/VERSION of a model that the hub serves");
        try
        {
            var model = await models.EnterAsync(parts[0], parts.Length == 2 ? parts[1] : "", cancellation)
                .ConfigureAwait(false);
            (content.ModelName, content.ModelVersion) = (model.Model.Name, model.Model.Version);
            content.ModelSha256 = JobWorker.DigestOf(model.Model);
            return model;
        }
        catch (ServingException refused) when (refused.Status == StatusCode.NotFound)
        {
            throw new ServingException(StatusCode.NotFound, $"{field}: {refused.Message}");
        }
    }

    private Job View(JobAdded added, long input) => added switch
    {
        JobAdded.Added { Job: var job } => JobViews.Of(job),
        JobAdded.There { Job: var job } => JobViews.Of(job),
        JobAdded.OtherWork { Id: var id } => throw new ServingException(
            StatusCode.AlreadyExists,
            $"idempotency_key: job {id} has this key and other work; give this one a key of its own"),
        JobAdded.NoInput => throw UnknownInput(input),
        _ => throw new ServingException(
            StatusCode.ResourceExhausted,
            $"{options.OpenMax} jobs wait or run, and no more may; try again when one has ended, or cancel one"),
    };

    private StoredJob Find(long id) => store.Job(Tenant, id) ?? throw Unknown(id);

    internal static JobInput View(StoredJobInput input) =>
        new() { Id = input.Id, Blocks = (uint)input.Blocks, Rows = input.Rows, Bytes = input.Bytes };

    private static ServingException Unknown(long id) =>
        new(StatusCode.NotFound, $"id: there is no job {id} here, or it made room for newer ones");

    private static ServingException UnknownInput(long id) => new(
        StatusCode.NotFound, $"model.reference: there is no input {id} here; inputs that no job names go after a day");
}
