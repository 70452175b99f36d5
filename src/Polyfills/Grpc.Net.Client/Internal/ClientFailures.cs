using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Core.Internal;

namespace Grpc.Net.Client.Internal;

/// <summary>Which gRPC status a failed request or an unfit HTTP response stands for.</summary>
internal static class ClientFailures
{
    /// <summary>
    /// The status of a response without a body to read: trailers only, an HTTP error, or not gRPC. Null: read on.
    /// </summary>
    public static Status? Refusal(HttpResponseMessage response)
    {
        var stated = GrpcProtocol.ParseStatus(
            GrpcCall.First(response.Headers, GrpcProtocol.StatusTrailer),
            GrpcCall.First(response.Headers, GrpcProtocol.MessageTrailer));
        if (response.StatusCode != HttpStatusCode.OK)
            return stated ?? new Status(CodeOf(response.StatusCode), HttpDetail(response.StatusCode));
        if (response.Version.Major < 2)
        {
            return new Status(
                StatusCode.Internal, $"Bad gRPC response. Response protocol downgraded to HTTP/{response.Version}.");
        }
        // Read unparsed: a content type that is none must not throw.
        response.Content.Headers.NonValidated.TryGetValues("content-type", out var types);
        var type = types.FirstOrDefault();
        if (!GrpcProtocol.IsGrpcContentType(type))
        {
            return new Status(StatusCode.Cancelled, type is null
                ? "Bad gRPC response. Response did not have a content-type header."
                : $"Bad gRPC response. Invalid content-type value: {type}");
        }
        return stated;
    }

    public static Status StatusOf(Exception failure) => failure switch
    {
        RpcException rpc => rpc.Status,
        OperationCanceledException => new Status(StatusCode.Cancelled, "Call canceled by the client.", failure),
        HttpRequestException or IOException => new Status(
            CodeOf(failure), $"Error in gRPC call. {Sentence(failure)}", failure),
        _ => new Status(StatusCode.Internal, $"Error in gRPC call. {Sentence(failure)}", failure),
    };

    private static StatusCode CodeOf(HttpStatusCode http) => http switch
    {
        HttpStatusCode.BadRequest => StatusCode.Internal,
        HttpStatusCode.Unauthorized => StatusCode.Unauthenticated,
        HttpStatusCode.Forbidden => StatusCode.PermissionDenied,
        HttpStatusCode.NotFound => StatusCode.Unimplemented,
        HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway
            or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout => StatusCode.Unavailable,
        _ => StatusCode.Unknown,
    };

    private static string HttpDetail(HttpStatusCode http) =>
        string.Create(CultureInfo.InvariantCulture, $"Bad gRPC response. HTTP status code: {(int)http}");

    private static StatusCode CodeOf(Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is HttpProtocolException protocol)
                return CodeOf(protocol.ErrorCode);
            if (cause is SocketException or System.Security.Authentication.AuthenticationException)
                return StatusCode.Unavailable;
            if (cause is HttpRequestException
                {
                    HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
                        or HttpRequestError.SecureConnectionError or HttpRequestError.ResponseEnded,
                })
            {
                return StatusCode.Unavailable;
            }
        }
        return failure is IOException ? StatusCode.Unavailable : StatusCode.Internal;
    }

    // HTTP/2 error codes of RST_STREAM and GOAWAY, as the gRPC protocol maps them.
    private static StatusCode CodeOf(long http2Error) => http2Error switch
    {
        0x7 => StatusCode.Unavailable,
        0x8 => StatusCode.Cancelled,
        0xb => StatusCode.ResourceExhausted,
        0xc => StatusCode.PermissionDenied,
        _ => StatusCode.Internal,
    };

    private static string Sentence(Exception failure) => failure.InnerException is { } inner
        ? $"{failure.GetType().Name}: {failure.Message} {inner.GetType().Name}: {inner.Message}"
        : $"{failure.GetType().Name}: {failure.Message}";
}
