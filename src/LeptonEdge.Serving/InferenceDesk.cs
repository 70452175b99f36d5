using Grpc.Core;
using LeptonEdge.Inference.Tensors;
using LeptonEdge.Serving.Models;
using LeptonEdge.Serving.Scheduling;
using Microsoft.AspNetCore.Http;

namespace LeptonEdge.Serving;

/// <summary>Where every request goes, however it came: finds the model, has the request read against it, answered in
/// its turn, and counted.</summary>
public sealed class InferenceDesk(
    ServingOptions options, ModelRepository models, InferenceScheduler scheduler, TimeProvider clock)
{
    private static readonly TimeSpan TimeoutMax = TimeSpan.FromHours(1);

    public ServingOptions Options => options;

    public ModelRepository Models => models;

    /// <param name="read">Reads the request against the model.</param>
    /// <param name="cancellation">Ends the wait for a worker; its caller left.</param>
    /// <exception cref="ServingException">Why there is no answer.</exception>
    public async Task<(ServedModel Model, Tensor[] Outputs)> InferAsync(
        string name, string version, Func<ServedModel, InferenceQuestion> read, CancellationToken cancellation)
    {
        var start = clock.GetTimestamp();
        var model = await models.EnterAsync(name, version, cancellation).ConfigureAwait(false);
        var outcome = StatusCode.OK;
        try
        {
            var question = read(model);
            var call = ToCall(model, question, start);
            var outputs = await scheduler.RunAsync(call, cancellation).ConfigureAwait(false);
            model.Counters.CountSuccess(
                Math.Max(question.Rows, 1), clock.GetElapsedTime(start, call.StartedAt), clock.GetElapsedTime(start),
                clock.GetUtcNow().ToUnixTimeMilliseconds());
            return (model, outputs);
        }
        catch (TensorRunException fault)
        {
            outcome = fault.IsBadInput ? StatusCode.InvalidArgument : StatusCode.Internal;
            throw new ServingException(outcome, fault.IsBadInput ? $"inputs: {fault.Message}" : fault.Message);
        }
        catch (ServingException refused)
        {
            outcome = refused.Status;
            throw;
        }
        catch (OperationCanceledException)
        {
            outcome = StatusCode.Cancelled;
            throw;
        }
        catch
        {
            outcome = StatusCode.Internal;
            throw;
        }
        finally
        {
            var elapsed = clock.GetElapsedTime(start);
            if (outcome is not (StatusCode.OK or StatusCode.Cancelled))
                model.Counters.CountFailure(elapsed, clock.GetUtcNow().ToUnixTimeMilliseconds());
            options.Count(model.Name, outcome.ToString(), elapsed);
            model.Leave();
        }
    }

    /// <summary>The model if it answers now.</summary>
    /// <exception cref="ServingException">It does not.</exception>
    public ServedModel Require(string name, string version) =>
        models.Find(name, version) ?? throw models.Unknown(name, version);

    /// <exception cref="ServingException">The caller may not change what is served.</exception>
    public void RequireRight(HttpContext context)
    {
        if (!options.MayChange(context))
            throw new ServingException(
                StatusCode.PermissionDenied, "only an operator may load and unload models: send the operator's token");
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
        };
    }
}
