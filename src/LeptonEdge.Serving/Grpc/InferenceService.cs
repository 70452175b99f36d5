using Grpc.Core;
using LeptonEdge.Protocol.Inference;
using LeptonEdge.Serving.Upstream;

namespace LeptonEdge.Serving.Grpc;

/// <summary>The Open Inference Protocol v2 with Triton's model repository, configuration and statistics, over
/// gRPC.</summary>
public sealed class InferenceService(InferenceDesk desk, TimeProvider clock)
    : InferenceServiceBase
{
    public override Task<ServerLiveResponse> ServerLive(ServerLiveRequest request, ServerCallContext context) =>
        Task.FromResult(new ServerLiveResponse { Live = true });

    public override Task<ServerReadyResponse> ServerReady(ServerReadyRequest request, ServerCallContext context) =>
        Task.FromResult(new ServerReadyResponse { Ready = desk.Models.Failed == 0 });

    public override async Task<ModelReadyResponse> ModelReady(ModelReadyRequest request, ServerCallContext context) =>
        new()
        {
            Ready = await ModelAnswers.IsReadyAsync(
                desk, request.Name, request.Version, PathOf(context), context.CancellationToken).ConfigureAwait(false),
        };

    public override Task<ServerMetadataResponse> ServerMetadata(
        ServerMetadataRequest request, ServerCallContext context) =>
        Task.FromResult(Descriptions.Server(desk.Options));

    public override Task<ModelMetadataResponse> ModelMetadata(
        ModelMetadataRequest request, ServerCallContext context) =>
        SayAsync(() => ModelAnswers.MetadataAsync(
            desk, request.Name, request.Version, PathOf(context), context.CancellationToken));

    public override Task<ModelConfigResponse> ModelConfig(ModelConfigRequest request, ServerCallContext context) =>
        SayAsync(() => ModelAnswers.ConfigAsync(
            desk, request.Name, request.Version, PathOf(context), context.CancellationToken));

    public override Task<ModelStatisticsResponse> ModelStatistics(
        ModelStatisticsRequest request, ServerCallContext context) =>
        SayAsync(() =>
        {
            desk.RequireCounts(context.GetHttpContext());
            return Task.FromResult(ModelAnswers.Statistics(desk, request.Name, request.Version));
        });

    public override Task<RepositoryIndexResponse> RepositoryIndex(
        RepositoryIndexRequest request, ServerCallContext context) =>
        SayAsync(() => Task.FromResult(ModelAnswers.Index(desk, request.Ready, PathOf(context))));

    public override Task<RepositoryModelLoadResponse> RepositoryModelLoad(
        RepositoryModelLoadRequest request, ServerCallContext context) => SayAsync(async () =>
        {
            await desk.LoadAsync(context.GetHttpContext(), request.ModelName).ConfigureAwait(false);
            return new RepositoryModelLoadResponse();
        });

    public override Task<RepositoryModelUnloadResponse> RepositoryModelUnload(
        RepositoryModelUnloadRequest request, ServerCallContext context) => SayAsync(async () =>
        {
            await desk.UnloadAsync(context.GetHttpContext(), request.ModelName).ConfigureAwait(false);
            return new RepositoryModelUnloadResponse();
        });

    public override Task<InferReply> ModelInfer(InferCall request, ServerCallContext context) =>
        InferAsync(request, context, hasCompany: false, isCall: true);

    public override Task ModelStreamInfer(
        IAsyncStreamReader<InferCall> requestStream, IServerStreamWriter<InferReply> responseStream,
        ServerCallContext context) =>
        new InferenceStream(
            (request, hasCompany) => InferAsync(request, context, hasCompany, isCall: false), responseStream,
            desk.Options.QueueMax)
            .RunAsync(requestStream, context.CancellationToken);

    /// <param name="hasCompany">More requests are about to follow.</param>
    /// <param name="isCall">A refusal ends a call of its own, and is told in gRPC's words.</param>
    private async Task<InferReply> InferAsync(
        InferCall request, ServerCallContext context, bool hasCompany, bool isCall)
    {
        try
        {
            var http = context.GetHttpContext();
            TimeSpan? timeout = context.Deadline == DateTime.MaxValue
                ? null
                : context.Deadline - clock.GetUtcNow().UtcDateTime;
            var asked = new InferRequestReader(request, timeout, desk.Options.CallerOf(http), hasCompany);
            var answer = await desk.InferAsync(
                request.ModelName, request.ModelVersion, UpstreamPath.Of(http), asked.Caller, asked.Workload,
                asked.Read, context.CancellationToken)
                .ConfigureAwait(false);
            return new InferReply(answer.Model, answer.Version, request.Id, answer.Outputs);
        }
        catch (OperationCanceledException) when (context.Deadline <= clock.GetUtcNow().UtcDateTime)
        {
            var passed = new ServingException(
                StatusCode.DeadlineExceeded, "the deadline passed while the request waited");
            throw isCall ? passed.ToRpc() : passed;
        }
        catch (ServingException refused) when (isCall)
        {
            throw refused.ToRpc();
        }
    }

    private static UpstreamPath PathOf(ServerCallContext context) => UpstreamPath.Of(context.GetHttpContext());

    private static async Task<T> SayAsync<T>(Func<Task<T>> answer)
    {
        try
        {
            return await answer().ConfigureAwait(false);
        }
        catch (ServingException refused)
        {
            throw refused.ToRpc();
        }
    }
}
