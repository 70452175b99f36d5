using Grpc.Core;
using LeptonEdge.Protocol.Rpc;

namespace LeptonEdge.Serving.Upstream;

/// <summary>What one call to one server came to. Exactly one of the two is set.</summary>
internal readonly record struct UpstreamAttempt<T>(T? Reply, UpstreamFault? Fault)
    where T : class;

/// <summary>What a failed call says of its server, and whether another one may do better.</summary>
/// <param name="RetryAfter">What a busy server asked for; null where it did not.</param>
internal sealed record UpstreamFault(StatusCode Status, string Detail, UpstreamFaultKind Kind, TimeSpan? RetryAfter)
{
    private const string PushbackTrailer = "grpc-retry-pushback-ms";
    private const string DetailsTrailer = "grpc-status-details-bin";

    public static UpstreamFault Ejected { get; } =
        new(StatusCode.Unavailable, "failed lately and is left alone", UpstreamFaultKind.Server, null);

    public static UpstreamFault Of(RpcException fault) => fault.StatusCode switch
    {
        StatusCode.InvalidArgument or StatusCode.OutOfRange => Of(fault, UpstreamFaultKind.Request),
        StatusCode.DeadlineExceeded => Of(fault, UpstreamFaultKind.Late),
        StatusCode.ResourceExhausted => Of(fault, UpstreamFaultKind.Busy),
        StatusCode.NotFound or StatusCode.FailedPrecondition or StatusCode.Unimplemented =>
            Of(fault, UpstreamFaultKind.Model),
        // What the server itself answered may be this request's doing; what the connection did is not.
        StatusCode.Unavailable => Of(fault, UpstreamFaultKind.Server),
        _ => Of(fault, fault.Status.DebugException is null ? UpstreamFaultKind.Failed : UpstreamFaultKind.Server),
    };

    private static UpstreamFault Of(RpcException fault, UpstreamFaultKind kind)
    {
        var pushback = fault.Trailers.GetValue(PushbackTrailer);
        if (pushback is null)
            return new(fault.StatusCode, fault.Status.Detail, kind, RetryInfoOf(fault.Trailers));
        // The protocol's way of saying "not again": what is no number of milliseconds.
        return int.TryParse(pushback, out var millis) && millis >= 0
            ? new(fault.StatusCode, fault.Status.Detail, kind, TimeSpan.FromMilliseconds(millis))
            : new(fault.StatusCode, fault.Status.Detail, UpstreamFaultKind.Request, null);
    }

    private static TimeSpan? RetryInfoOf(Metadata trailers)
    {
        if (trailers.GetValueBytes(DetailsTrailer) is not { } bytes)
            return null;
        try
        {
            foreach (var detail in Protocol.Rpc.Status.Parser.ParseFrom(bytes).Details)
            {
                if (detail.TypeUrl.EndsWith("/google.rpc.RetryInfo", StringComparison.Ordinal)
                    && RetryInfo.Parser.ParseFrom(detail.Value).RetryDelay is { } delay)
                    return delay.ToTimeSpan() is var after && after >= TimeSpan.Zero ? after : null;
            }
        }
        catch (Exception fault) when (
            fault is Google.Protobuf.InvalidProtocolBufferException or InvalidOperationException)
        {
            // A hint that cannot be read is no hint.
        }

        return null;
    }
}

/// <summary>Whose fault it was.</summary>
internal enum UpstreamFaultKind
{
    /// <summary>The request's: no server would answer it.</summary>
    Request,

    /// <summary>The server has not got the model; another may.</summary>
    Model,

    /// <summary>The server has too much to do.</summary>
    Busy,

    /// <summary>Its time was up.</summary>
    Late,

    /// <summary>The server answered that it failed: another may not.</summary>
    Failed,

    /// <summary>The server is away.</summary>
    Server,
}
