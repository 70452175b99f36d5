using System.Globalization;
using Grpc.Core;
using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Audit;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Serving;
using LeptonEdge.Storage.Hubs;

namespace LeptonEdge.Hub.Jobs;

/// <summary>Long jobs over gRPC; the operator's alone.</summary>
internal sealed class JobsService(JobDesk desk) : Protocol.V1.Jobs.JobsBase
{
    public override Task<Job> Submit(SubmitJobRequest request, ServerCallContext context) =>
        AnswerAsync(context, () => NoteAsync(
            context, "job.submit", () => desk.SubmitAsync(request, context.CancellationToken)));

    public override Task<JobInput> PutInput(
        IAsyncStreamReader<TensorBlock> requestStream, ServerCallContext context) => AnswerAsync(
        context, () => NoteAsync(context, "job.input", () => PutAsync(requestStream, context)));

    public override Task<Job> Get(JobReference request, ServerCallContext context) =>
        AnswerAsync(context, () => Task.FromResult(desk.Get(request.Id)));

    public override Task<JobPage> List(ListJobsRequest request, ServerCallContext context) => AnswerAsync(
        context, () => Task.FromResult(new JobPage { Jobs = { desk.List(request.Limit, request.Before) } }));

    public override Task Watch(
        JobReference request, IServerStreamWriter<Job> responseStream, ServerCallContext context) => AnswerAsync(
        context, async () =>
        {
            await desk.WatchAsync(request.Id, responseStream.WriteAsync, context.CancellationToken)
                .ConfigureAwait(false);
            return 0;
        });

    public override Task<Job> Cancel(JobReference request, ServerCallContext context) =>
        AnswerAsync(context, () => NoteAsync(
            context, "job.cancel", () => Task.FromResult(desk.Cancel(request.Id)),
            request.Id.ToString(CultureInfo.InvariantCulture)));

    public override Task Result(
        JobResultRequest request, IServerStreamWriter<JobResultPart> responseStream, ServerCallContext context) =>
        AnswerAsync(context, async () =>
        {
            foreach (var part in desk.Result(request.Id, request.FirstPart, request.PartsMax))
            {
                context.CancellationToken.ThrowIfCancellationRequested();
                await responseStream.WriteAsync(part).ConfigureAwait(false);
            }

            return 0;
        });

    private async Task<JobInput> PutAsync(IAsyncStreamReader<TensorBlock> requestStream, ServerCallContext context)
    {
        JobInput? input = null;
        while (await requestStream.MoveNext(context.CancellationToken).ConfigureAwait(false))
        {
            BlockCheck.Rows(requestStream.Current);
            input ??= desk.BeginInput();
            input = desk.AddBlock(input.Id, (int)input.Blocks, requestStream.Current);
        }

        return input ?? throw ServingException.Invalid("tensors: the stream held no block; send one or more");
    }

    private static Task<T> NoteAsync<T>(ServerCallContext context, string action, Func<Task<T>> work, string target = "")
    {
        var (http, note) = (context.GetHttpContext(), context.GetHttpContext().AuditNote());
        // An input comes in many blocks, and is one.
        note.Once = true;
        note.Said = said =>
        {
            var id = said switch { JobAdded.Added { Job: var job } => job.Id, StoredJobInput begun => begun.Id, _ => 0 };
            if (id != 0)
                note.Target = id.ToString(CultureInfo.InvariantCulture);
        };
        return http.AuditAsync(action, work, target);
    }

    private static async Task<T> AnswerAsync<T>(ServerCallContext context, Func<Task<T>> answer)
    {
        if (context.GetHttpContext().FindCaller() is not { Role: >= Role.Operator })
            throw new RpcException(new Status(
                StatusCode.PermissionDenied, "only an operator may use jobs: send an operator's token"));
        // A job may read any device's history, and what it found is nobody's in particular.
        if (context.GetHttpContext().FindCaller() is { Sites: not null })
            throw new RpcException(new Status(
                StatusCode.PermissionDenied, "jobs over gRPC are for callers who see all sites"));
        try
        {
            return await answer().ConfigureAwait(false);
        }
        catch (ServingException refused)
        {
            throw new RpcException(new Status(refused.Status, refused.Message));
        }
        catch (HubStoreException fault)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, fault.Message));
        }
    }
}
