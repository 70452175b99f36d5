using Grpc.Core;
using LeptonEdge.Core.Tracing;
using LeptonEdge.Inference.Tensors;
using LeptonEdge.Serving.Models;
using LeptonEdge.Serving.Scheduling;
using LeptonEdge.Serving.Upstream;
using Microsoft.AspNetCore.Http;

namespace LeptonEdge.Serving;

/// <summary>Where every request goes, however it came: finds who answers for the model, has the request read against
/// it, answered in its turn, and counted.</summary>
public sealed class InferenceDesk(
    ServingOptions options, ModelRepository models, InferenceScheduler scheduler, UpstreamPools upstreams,
    TimeProvider clock)
{
    private static readonly TimeSpan TimeoutMax = TimeSpan.FromHours(1);

    public ServingOptions Options => options;

    public ModelRepository Models => models;

    public UpstreamPools Upstreams => upstreams;

    /// <param name="path">Who has passed the request on.</param>
    /// <param name="caller">As <see cref="ServingOptions.CallerOf"/> named it.</param>
    /// <param name="workload">As the request names it; empty for none.</param>
    /// <param name="read">Reads the request against the model; may be called twice.</param>
    /// <param name="cancellation">Ends the wait for a worker; its caller left.</param>
    /// <exception cref="ServingException">Why there is no answer.</exception>
    public ValueTask<InferenceAnswer> InferAsync(
        string name, string version, UpstreamPath path, string caller, string workload,
        Func<ModelSignature, InferenceQuestion> read, CancellationToken cancellation)
    {
        var start = clock.GetTimestamp();
        if (upstreams.Find(name) is not { } pool)
            return InferHereAsync(name, version, start, read, isLast: true, cancellation);
        // The name is the caller's own word, but the plan that it finds is one of this caller's.
        var plan = workload.Length > 0 ? options.PlanFor(caller, workload) : null;
        if (plan?.Pool is { } planned)
            pool = upstreams.Find(planned, name) ?? pool;
        if (path.MayGoOn)
        {
            var isFirst = plan is null ? pool.Options.When == UpstreamWhen.Always : plan.Pool is not null;
            return InferWithAsync(pool, isFirst, name, version, start, path, read, cancellation);
        }

        return models.Serves(name, version)
            ? InferHereAsync(name, version, start, read, isLast: true, cancellation)
            : throw RunsInRing(name, path);
    }

    /// <summary>The model if it is in memory here.</summary>
    /// <exception cref="ServingException">It is not.</exception>
    public ServedModel Require(string name, string version) =>
        models.Find(name, version) ?? throw models.Unknown(name, version);

    /// <summary>The pool that is to be asked about a model; null where this server answers itself.</summary>
    /// <exception cref="ServingException">The question runs in a ring.</exception>
    internal UpstreamPool? PoolFor(string name, string version, UpstreamPath path)
    {
        if (upstreams.Find(name) is not { } pool)
            return null;
        var isHere = models.Find(name, version) is not null;
        if (isHere && (pool.Options.When == UpstreamWhen.Overloaded || !path.MayGoOn))
            return null;
        return path.MayGoOn ? pool : throw RunsInRing(name, path);
    }

    /// <summary>Loads a model, as its caller asked.</summary>
    /// <exception cref="ServingException">The caller may not change what is served, or there is no such
    /// model.</exception>
    public Task LoadAsync(HttpContext context, string model) =>
        ChangeAsync(context, "model.load", model, () => models.LoadAsync(model, context.RequestAborted));

    /// <inheritdoc cref="LoadAsync"/>
    public Task UnloadAsync(HttpContext context, string model) =>
        ChangeAsync(context, "model.unload", model, () => models.UnloadAsync(model, context.RequestAborted));

    /// <exception cref="ServingException">The caller sees a part of what is counted, and counts have no parts.</exception>
    public void RequireCounts(HttpContext context)
    {
        if (!options.MaySeeCounts(context))
            throw new ServingException(
                StatusCode.PermissionDenied, "counts are over all sites: only who sees all of them sees these");
    }

    private Task ChangeAsync(HttpContext context, string action, string model, Func<Task> change) =>
        options.MayChange(context)
            ? options.Changes(context, action, model, change)
            : throw new ServingException(
                StatusCode.PermissionDenied, "only an operator of all sites may load and unload models: send an operator's token");

    /// <param name="isFirst">The pool is asked first, and this server's own workers only when it fails.</param>
    private async ValueTask<InferenceAnswer> InferWithAsync(
        UpstreamPool pool, bool isFirst, string name, string version, long start, UpstreamPath path,
        Func<ModelSignature, InferenceQuestion> read, CancellationToken cancellation)
    {
        var isHere = models.Serves(name, version);
        if (!isHere || isFirst)
        {
            try
            {
                return await InferThereAsync(pool, name, version, start, path, !isHere, read, cancellation)
                    .ConfigureAwait(false);
            }
            catch (ServingException fault) when (isHere && fault.Status is not (
                StatusCode.InvalidArgument or StatusCode.DeadlineExceeded))
            {
                return await InferHereAsync(name, version, start, read, isLast: true, cancellation)
                    .ConfigureAwait(false);
            }
        }

        try
        {
            return await InferHereAsync(name, version, start, read, isLast: false, cancellation)
                .ConfigureAwait(false);
        }
        catch (ServingException refused) when (refused.Status == StatusCode.ResourceExhausted)
        {
            return await InferThereAsync(pool, name, version, start, path, false, read, cancellation)
                .ConfigureAwait(false);
        }
    }

    private async Task<InferenceAnswer> InferThereAsync(
        UpstreamPool pool, string name, string version, long start, UpstreamPath path, bool isPatient,
        Func<ModelSignature, InferenceQuestion> read, CancellationToken cancellation)
    {
        var outcome = StatusCode.OK;
        try
        {
            InferenceQuestion question = null!;
            var answer = await pool.InferAsync(
                name, version, start, path, isPatient, signature => question = read(signature), cancellation)
                .ConfigureAwait(false);
            options.Meter(new ServedWork(
                question.Caller, question.Workload, name, answer.Version, true, Math.Max(question.Rows, 1),
                clock.GetElapsedTime(start), true, BytesOf(question.Inputs) + BytesOf(answer.Outputs)));
            return answer;
        }
        catch (Exception fault)
        {
            outcome = StatusOf(fault);
            throw;
        }
        finally
        {
            if (pool.CountersOf(name) is not null)
                options.Count(name, outcome.ToString(), clock.GetElapsedTime(start));
        }
    }

    private async ValueTask<InferenceAnswer> InferHereAsync(
        string name, string version, long start, Func<ModelSignature, InferenceQuestion> read, bool isLast,
        CancellationToken cancellation)
    {
        options.CallBegins();
        ServedModel? model = null;
        var outcome = StatusCode.OK;
        var elapsed = TimeSpan.Zero;
        try
        {
            model = await models.EnterAsync(name, version, cancellation).ConfigureAwait(false);
            var question = read(model.Signature);
            var call = ToCall(model, question, start);
            using var running = Traces.Within(Traces.Current, "infer");
            running?.SetTag("lepton.model", $"{model.Name}/{model.Version}").SetTag("lepton.caller", question.Caller)
                .SetTag("lepton.workload", question.Workload);
            var outputs = await scheduler.RunAsync(call, cancellation).ConfigureAwait(false);
            elapsed = clock.GetElapsedTime(start);
            model.Counters.CountSuccess(
                Math.Max(question.Rows, 1), clock.GetElapsedTime(start, call.StartedAt), elapsed,
                clock.GetUtcNow().ToUnixTimeMilliseconds());
            options.Meter(new ServedWork(
                question.Caller, question.Workload, model.Name, model.Version, false, Math.Max(question.Rows, 1),
                call.Busy, model.Tensors.IsOnAccelerator, BytesOf(outputs)));
            return new InferenceAnswer(model.Name, model.Version, outputs);
        }
        catch (TensorRunException fault)
        {
            outcome = fault.IsBadInput ? StatusCode.InvalidArgument : StatusCode.Internal;
            throw new ServingException(outcome, fault.IsBadInput ? $"inputs: {fault.Message}" : fault.Message);
        }
        catch (Exception fault)
        {
            outcome = StatusOf(fault);
            throw;
        }
        finally
        {
            // What goes on to a pool is counted there.
            if (model is not null && (isLast || outcome != StatusCode.ResourceExhausted))
                Count(model, outcome, outcome == StatusCode.OK ? elapsed : clock.GetElapsedTime(start));
            model?.Leave();
            options.CallEnds();
        }
    }

    private void Count(ServedModel model, StatusCode outcome, TimeSpan elapsed)
    {
        if (outcome is not (StatusCode.OK or StatusCode.Cancelled))
            model.Counters.CountFailure(elapsed, clock.GetUtcNow().ToUnixTimeMilliseconds());
        options.Count(model.Name, outcome == StatusCode.OK ? nameof(StatusCode.OK) : outcome.ToString(), elapsed);
    }

    private PendingCall ToCall(ServedModel model, InferenceQuestion question, long now)
    {
        var deadline = long.MaxValue;
        if (question.Timeout is { } timeout)
        {
            if (timeout <= TimeSpan.Zero)
                throw new ServingException(
                    StatusCode.DeadlineExceeded, "the deadline had passed when the request came");
            var ticks = (timeout < TimeoutMax ? timeout : TimeoutMax).TotalSeconds * clock.TimestampFrequency;
            deadline = now + (long)ticks;
        }

        var priority = question.Priority == 0
            ? InferenceQuestion.PriorityDefault
            : Math.Clamp(question.Priority, 1, InferenceQuestion.PriorityMax);
        return new PendingCall(
            model, question.Inputs, question.Outputs, question.Rows, question.Caller, priority)
        {
            DeadlineAt = deadline,
            Cost = model.Cost.Run(Math.Max(question.Rows, 1)),
            HasCompany = question.HasCompany,
        };
    }

    private static long BytesOf(Tensor[] tensors)
    {
        var bytes = 0L;
        foreach (var tensor in tensors)
        {
            bytes += tensor.Data.Length;
            for (var i = 0; i < tensor.Strings.Count; i++)
                bytes += tensor.Strings[i].Length;
        }

        return bytes;
    }

    private static StatusCode StatusOf(Exception fault) => fault switch
    {
        ServingException refused => refused.Status,
        OperationCanceledException => StatusCode.Cancelled,
        _ => StatusCode.Internal,
    };

    private static ServingException RunsInRing(string name, UpstreamPath path) => new(
        StatusCode.FailedPrecondition,
        $"model_name: '{ServingException.Short(name)}' is not served here, and {path.Hops} servers have passed the "
        + "request on: their upstreams form a ring");
}
