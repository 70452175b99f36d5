using Grpc.Core;
using LeptonEdge.Protocol.Inference;

namespace LeptonEdge.Serving.Grpc;

/// <summary>The Open Inference Protocol v2 with Triton's model repository, configuration and statistics, over
/// gRPC.</summary>
public sealed class InferenceService(InferenceDesk desk, TimeProvider clock)
    : GRPCInferenceService.GRPCInferenceServiceBase
{
    public override Task<ServerLiveResponse> ServerLive(ServerLiveRequest request, ServerCallContext context) =>
        Task.FromResult(new ServerLiveResponse { Live = true });

    public override Task<ServerReadyResponse> ServerReady(ServerReadyRequest request, ServerCallContext context) =>
        Task.FromResult(new ServerReadyResponse { Ready = desk.Models.Failed == 0 });

    public override Task<ModelReadyResponse> ModelReady(ModelReadyRequest request, ServerCallContext context) =>
        Task.FromResult(new ModelReadyResponse { Ready = desk.Models.Find(request.Name, request.Version) is not null });

    public override Task<ServerMetadataResponse> ServerMetadata(
        ServerMetadataRequest request, ServerCallContext context) =>
        Task.FromResult(Descriptions.Server(desk.Options));

    public override Task<ModelMetadataResponse> ModelMetadata(
        ModelMetadataRequest request, ServerCallContext context) =>
        Say(() => Descriptions.Metadata(desk.Require(request.Name, request.Version), desk.Models));

    public override Task<ModelConfigResponse> ModelConfig(ModelConfigRequest request, ServerCallContext context) =>
        Say(() => new ModelConfigResponse
        {
            Config = Descriptions.Config(desk.Require(request.Name, request.Version), desk.Options),
        });

    public override Task<ModelStatisticsResponse> ModelStatistics(
        ModelStatisticsRequest request, ServerCallContext context) =>
        Say(() => Descriptions.Statistics(desk, request.Name, request.Version));

    public override Task<RepositoryIndexResponse> RepositoryIndex(
        RepositoryIndexRequest request, ServerCallContext context) =>
        Say(() => Descriptions.Index(desk.Models, request.Ready));

    public override async Task<RepositoryModelLoadResponse> RepositoryModelLoad(
        RepositoryModelLoadRequest request, ServerCallContext context)
    {
        try
        {
            desk.RequireRight(context.GetHttpContext());
            await desk.Models.LoadAsync(request.ModelName, context.CancellationToken).ConfigureAwait(false);
            return new RepositoryModelLoadResponse();
        }
        catch (ServingException refused)
        {
            throw refused.ToRpc();
        }
    }

    public override async Task<RepositoryModelUnloadResponse> RepositoryModelUnload(
        RepositoryModelUnloadRequest request, ServerCallContext context)
    {
        try
        {
            desk.RequireRight(context.GetHttpContext());
            await desk.Models.UnloadAsync(request.ModelName, context.CancellationToken).ConfigureAwait(false);
            return new RepositoryModelUnloadResponse();
        }
        catch (ServingException refused)
        {
            throw refused.ToRpc();
        }
    }

    public override async Task<ModelInferResponse> ModelInfer(ModelInferRequest request, ServerCallContext context)
    {
        try
        {
            return await InferAsync(request, context).ConfigureAwait(false);
        }
        catch (ServingException refused)
        {
            throw refused.ToRpc();
        }
    }

    public override async Task ModelStreamInfer(
        IAsyncStreamReader<ModelInferRequest> requestStream,
        IServerStreamWriter<ModelStreamInferResponse> responseStream, ServerCallContext context)
    {
        // One after the other: replies keep the order of the requests, and a stream has one place in the queue.
        while (await requestStream.MoveNext(context.CancellationToken).ConfigureAwait(false))
        {
            ModelStreamInferResponse reply;
            try
            {
                reply = new ModelStreamInferResponse
                {
                    InferResponse = await InferAsync(requestStream.Current, context).ConfigureAwait(false),
                };
            }
            catch (ServingException refused)
            {
                reply = new ModelStreamInferResponse
                {
                    ErrorMessage = refused.Message,
                    InferResponse = new ModelInferResponse
                    {
                        ModelName = requestStream.Current.ModelName, Id = requestStream.Current.Id,
                    },
                };
            }

            await responseStream.WriteAsync(reply).ConfigureAwait(false);
        }
    }

    private async Task<ModelInferResponse> InferAsync(ModelInferRequest request, ServerCallContext context)
    {
        TimeSpan? timeout = context.Deadline == DateTime.MaxValue
            ? null
            : context.Deadline - clock.GetUtcNow().UtcDateTime;
        var caller = desk.Options.CallerOf(context.GetHttpContext());
        try
        {
            var (model, outputs) = await desk.InferAsync(
                request.ModelName, request.ModelVersion,
                model => InferRequestReader.Read(request, model, timeout, caller), context.CancellationToken)
                .ConfigureAwait(false);
            return InferReplyWriter.Write(request.Id, model, outputs);
        }
        catch (OperationCanceledException) when (context.Deadline <= clock.GetUtcNow().UtcDateTime)
        {
            throw new ServingException(
                StatusCode.DeadlineExceeded, "the deadline passed while the request waited");
        }
    }

    private static Task<T> Say<T>(Func<T> describe)
    {
        try
        {
            return Task.FromResult(describe());
        }
        catch (ServingException refused)
        {
            throw refused.ToRpc();
        }
    }
}
