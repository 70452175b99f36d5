using System.Buffers;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Grpc.Core;
using LeptonEdge.Hub.Metrics;
using LeptonEdge.Inference.Sessions;
using LeptonEdge.Protocol.Inference;

namespace LeptonEdge.Hub.Offload;

/// <summary>The Open Inference Protocol v2 over the hub's models. A request that cannot make its deadline is refused at
/// once, with the time after which to try again, instead of being late.</summary>
public sealed class InferenceService(ServedModels models, WorkerGate gate, HubMeters meters, TimeProvider clock)
    : GRPCInferenceService.GRPCInferenceServiceBase
{
    private const string Platform = "onnxruntime_onnx";
    private const string DeadlineParameter = "deadline_us";
    private const string RetryAfterTrailer = "retry-after-ms";

    public override Task<ServerLiveResponse> ServerLive(ServerLiveRequest request, ServerCallContext context) =>
        Task.FromResult(new ServerLiveResponse { Live = true });

    public override Task<ServerReadyResponse> ServerReady(ServerReadyRequest request, ServerCallContext context) =>
        Task.FromResult(new ServerReadyResponse { Ready = models.Failed == 0 });

    public override Task<ModelReadyResponse> ModelReady(ModelReadyRequest request, ServerCallContext context) =>
        Task.FromResult(new ModelReadyResponse { Ready = models.Find(request.Name, request.Version) is not null });

    public override Task<ServerMetadataResponse> ServerMetadata(
        ServerMetadataRequest request, ServerCallContext context) =>
        Task.FromResult(new ServerMetadataResponse { Name = "leptonedge-hub", Version = HubVersion.Text });

    public override Task<ModelMetadataResponse> ModelMetadata(ModelMetadataRequest request, ServerCallContext context)
    {
        var manifest = FindOrRefuse(request.Name, request.Version).Manifest;
        return Task.FromResult(new ModelMetadataResponse
        {
            Name = manifest.Reference.Name,
            Versions = { manifest.Reference.Version },
            Platform = Platform,
            Inputs = { Describe(manifest.Input.Name, manifest.Input.Width) },
            Outputs = { Describe(manifest.Output.Name, manifest.Output.Width) },
        });
    }

    public override async Task<ModelInferResponse> ModelInfer(ModelInferRequest request, ServerCallContext context)
    {
        var model = FindOrRefuse(request.ModelName, request.ModelVersion);
        var start = clock.GetTimestamp();
        var outcome = StatusCode.OK;
        try
        {
            return await InferAsync(model, request, context).ConfigureAwait(false);
        }
        catch (RpcException refused)
        {
            outcome = refused.StatusCode;
            throw;
        }
        catch (OperationCanceledException)
        {
            outcome = Remaining(request, context) <= TimeSpan.Zero ? StatusCode.DeadlineExceeded : StatusCode.Cancelled;
            throw new RpcException(
                new Status(outcome, "the deadline passed, or the caller left, while the request waited"));
        }
        finally
        {
            meters.CountInference(model.Manifest.Reference.Name, outcome.ToString(), clock.GetElapsedTime(start));
        }
    }

    private async Task<ModelInferResponse> InferAsync(
        ServedModel model, ModelInferRequest request, ServerCallContext context)
    {
        var (values, rows) = InferRequestReader.Read(request, model.Manifest);
        try
        {
            var remaining = Remaining(request, context);
            if (remaining <= TimeSpan.Zero)
                throw new RpcException(
                    new Status(StatusCode.DeadlineExceeded, "the deadline had passed when the request came"));
            var service = TimeSpan.FromSeconds(model.Profile.MeanSeconds * rows);
            if (!gate.TryJoin(service, remaining, out var retryAfter))
                throw Refuse(context, gate.Inside, retryAfter);
            try
            {
                await gate.WaitAsync(context.CancellationToken).ConfigureAwait(false);
                try
                {
                    return await RunAsync(model, request, values, rows, context.CancellationToken)
                        .ConfigureAwait(false);
                }
                finally
                {
                    gate.Release();
                }
            }
            finally
            {
                gate.Leave();
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(values);
        }
    }

    private async Task<ModelInferResponse> RunAsync(
        ServedModel model, ModelInferRequest request, float[] values, int rows, CancellationToken cancellation)
    {
        var manifest = model.Manifest;
        var outputs = new float[rows * manifest.Output.Width];
        var input = values.AsMemory(0, rows * manifest.Input.Width);
        var result = await models.Host
            .InferAsync(manifest.Reference.Name, manifest.Reference.Version, input, outputs, cancellation)
            .ConfigureAwait(false);
        return result switch
        {
            InferenceResult.Answered => Answer(request, model, rows, outputs),
            InferenceResult.BadInput bad => throw InferRequestReader.Invalid($"inputs[0]: {bad.Reason}"),
            InferenceResult.Busy =>
                throw new RpcException(new Status(StatusCode.ResourceExhausted, "the model is busy")),
            InferenceResult.Failed failed => throw new RpcException(new Status(StatusCode.Internal, failed.Reason)),
            _ => throw Unknown(request.ModelName, request.ModelVersion),
        };
    }

    private static ModelInferResponse Answer(ModelInferRequest request, ServedModel model, int rows, float[] outputs) =>
        new()
    {
        ModelName = model.Manifest.Reference.Name,
        ModelVersion = model.Manifest.Reference.Version,
        Id = request.Id,
        Outputs =
        {
            new ModelInferResponse.Types.InferOutputTensor
            {
                Name = model.Manifest.Output.Name, Datatype = "FP32", Shape = { rows, model.Manifest.Output.Width },
            },
        },
        RawOutputContents = { ByteString.CopyFrom(MemoryMarshal.AsBytes(outputs.AsSpan())) },
    };

    /// <summary>The nearer of the call's deadline and the workload's own; null when neither was given.</summary>
    private TimeSpan? Remaining(ModelInferRequest request, ServerCallContext context)
    {
        TimeSpan? remaining = context.Deadline == DateTime.MaxValue
            ? null
            : context.Deadline - clock.GetUtcNow().UtcDateTime;
        if (request.Parameters.TryGetValue(DeadlineParameter, out var parameter)
            && parameter.ParameterChoiceCase == InferParameter.ParameterChoiceOneofCase.Int64Param)
        {
            var own = TimeSpan.FromMicroseconds(Math.Clamp(parameter.Int64Param, 0, 3_600_000_000));
            remaining = remaining is { } call && call < own ? call : own;
        }

        return remaining;
    }

    private ServedModel FindOrRefuse(string name, string version) =>
        models.Find(name, version) ?? throw Unknown(name, version);

    private RpcException Unknown(string name, string version)
    {
        var served = models.All.Select(model => model.Manifest.Reference.ToString()).Order(StringComparer.Ordinal);
        var asked = InferRequestReader.Short(version.Length == 0 ? name : $"{name}/{version}");
        return new RpcException(new Status(
            StatusCode.NotFound, $"model_name: '{asked}' is not served here; served: {string.Join(", ", served)}"));
    }

    private static RpcException Refuse(ServerCallContext context, int inside, TimeSpan retryAfter)
    {
        var milliseconds = Math.Ceiling(retryAfter.TotalMilliseconds);
        context.ResponseTrailers.Add(RetryAfterTrailer, FormattableString.Invariant($"{milliseconds:0}"));
        return new RpcException(new Status(
            StatusCode.ResourceExhausted,
            FormattableString.Invariant(
                $"{inside} requests are ahead: the deadline cannot be met; try again in {milliseconds:0} ms")));
    }

    private static ModelMetadataResponse.Types.TensorMetadata Describe(string name, int width) =>
        new() { Name = name, Datatype = "FP32", Shape = { -1, width } };
}
