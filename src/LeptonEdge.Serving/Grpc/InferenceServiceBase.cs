using Grpc.Core;
using LeptonEdge.Protocol.Inference;

namespace LeptonEdge.Serving.Grpc;

/// <summary>The service that Grpc.Tools generates from the protocol's file, but for the messages of inference itself,
/// which are read and written by hand.</summary>
[BindServiceMethod(typeof(InferenceServiceBase), nameof(Bind))]
public abstract class InferenceServiceBase
{
    /// <summary>Names the methods; who serves them is found by their names.</summary>
    public static void Bind(ServiceBinderBase binder, InferenceServiceBase? service) =>
        GRPCInferenceService.BindService(
            new HandWritten(binder), (GRPCInferenceService.GRPCInferenceServiceBase?)null);

    public abstract Task<ServerLiveResponse> ServerLive(ServerLiveRequest request, ServerCallContext context);

    public abstract Task<ServerReadyResponse> ServerReady(ServerReadyRequest request, ServerCallContext context);

    public abstract Task<ModelReadyResponse> ModelReady(ModelReadyRequest request, ServerCallContext context);

    public abstract Task<ServerMetadataResponse> ServerMetadata(
        ServerMetadataRequest request, ServerCallContext context);

    public abstract Task<ModelMetadataResponse> ModelMetadata(
        ModelMetadataRequest request, ServerCallContext context);

    public abstract Task<InferReply> ModelInfer(InferCall request, ServerCallContext context);

    public abstract Task ModelStreamInfer(
        IAsyncStreamReader<InferCall> requestStream, IServerStreamWriter<InferReply> responseStream,
        ServerCallContext context);

    public abstract Task<ModelConfigResponse> ModelConfig(ModelConfigRequest request, ServerCallContext context);

    public abstract Task<ModelStatisticsResponse> ModelStatistics(
        ModelStatisticsRequest request, ServerCallContext context);

    public abstract Task<RepositoryIndexResponse> RepositoryIndex(
        RepositoryIndexRequest request, ServerCallContext context);

    public abstract Task<RepositoryModelLoadResponse> RepositoryModelLoad(
        RepositoryModelLoadRequest request, ServerCallContext context);

    public abstract Task<RepositoryModelUnloadResponse> RepositoryModelUnload(
        RepositoryModelUnloadRequest request, ServerCallContext context);

    private sealed class HandWritten(ServiceBinderBase binder) : ServiceBinderBase
    {
        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler)
        {
            if (typeof(TRequest) == typeof(ModelInferRequest))
                binder.AddMethod(
                    new Method<InferCall, InferReply>(
                        method.Type, method.ServiceName, method.Name, InferCall.Marshaller, InferReply.Marshaller),
                    (UnaryServerMethod<InferCall, InferReply>?)null);
            else
                binder.AddMethod(method, handler);
        }

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) =>
            binder.AddMethod(
                new Method<InferCall, InferReply>(
                    method.Type, method.ServiceName, method.Name, InferCall.Marshaller, InferReply.StreamMarshaller),
                (DuplexStreamingServerMethod<InferCall, InferReply>?)null);
    }
}
