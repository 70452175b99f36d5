using Grpc.Core;
using LeptonEdge.Hub.Accounts;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Serving;

namespace LeptonEdge.Hub.Jobs;

/// <summary>Long jobs over gRPC; the operator's alone.</summary>
internal sealed class JobsService(JobDesk desk) : Protocol.V1.Jobs.JobsBase
{
    public override Task<Job> Submit(SubmitJobRequest request, ServerCallContext context) =>
        AnswerAsync(context, () => desk.SubmitAsync(request, context.CancellationToken));

    public override Task<JobInput> PutInput(
        IAsyncStreamReader<TensorBlock> requestStream, ServerCallContext context) => AnswerAsync(context, async () =>
        {
            JobInput? input = null;
            while (await requestStream.MoveNext(context.CancellationToken).ConfigureAwait(false))
            {
                BlockCheck.Rows(requestStream.Current);
                input ??= desk.BeginInput();
                input = desk.AddBlock(input.Id, (int)input.Blocks, requestStream.Current);
            }

            return input ?? throw ServingException.Invalid("tensors: the stream held no block; send one or more");
        });

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
        AnswerAsync(context, () => Task.FromResult(desk.Cancel(request.Id)));

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

    private static async Task<T> AnswerAsync<T>(ServerCallContext context, Func<Task<T>> answer)
    {
        if (context.GetHttpContext().FindCaller() is not { Role: >= Role.Operator })
            throw new RpcException(new Status(
                StatusCode.PermissionDenied, "only an operator may use jobs: send an operator's token"));
        try
        {
            return await answer().ConfigureAwait(false);
        }
        catch (ServingException refused)
        {
            throw new RpcException(new Status(refused.Status, refused.Message));
        }
        catch (Storage.Hubs.HubStoreException fault)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, fault.Message));
        }
    }
}
