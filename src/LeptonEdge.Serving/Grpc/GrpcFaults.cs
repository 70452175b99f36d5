using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using LeptonEdge.Protocol.Rpc;
using Status = Grpc.Core.Status;

namespace LeptonEdge.Serving.Grpc;

/// <summary>A refusal in gRPC's words. When to try again is said twice: <c>grpc-retry-pushback-ms</c> is what gRPC's
/// own clients heed in their retries, <c>google.rpc.RetryInfo</c> what people's code reads.</summary>
internal static class GrpcFaults
{
    private const string PushbackTrailer = "grpc-retry-pushback-ms";
    private const string DetailsTrailer = "grpc-status-details-bin";
    private const string RetryInfoUrl = "type.googleapis.com/google.rpc.RetryInfo";

    public static RpcException ToRpc(this ServingException refused)
    {
        var status = new Status(refused.Status, refused.Message);
        if (refused.RetryAfter is not { } after)
            return new RpcException(status);
        var details = new Protocol.Rpc.Status
        {
            Code = (int)refused.Status,
            Message = refused.Message,
            Details =
            {
                new Any
                {
                    TypeUrl = RetryInfoUrl,
                    Value = new RetryInfo { RetryDelay = Duration.FromTimeSpan(after) }.ToByteString(),
                },
            },
        };
        return new RpcException(status, new Metadata
        {
            { PushbackTrailer, FormattableString.Invariant($"{Math.Ceiling(after.TotalMilliseconds):0}") },
            { DetailsTrailer, details.ToByteArray() },
        });
    }
}
