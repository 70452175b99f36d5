using Grpc.Core;
using Grpc.Core.Internal;
using Microsoft.AspNetCore.Http;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>
/// Serves the requests of one method: a call context each, the service from DI, the status at the end.
/// </summary>
internal abstract class MethodHandler(IMethod method, CallSettings settings)
{
    public Task HandleAsync(HttpContext http)
    {
        if (!HttpRules.IsGrpc(http))
            return HttpRules.RefuseAsync(http);
        return ServeAsync(new HttpContextServerCallContext(http, method, settings));
    }

    protected abstract Task ServeAsync(HttpContextServerCallContext call);
}

/// <summary>A method that takes or gives a stream.</summary>
internal sealed class StreamHandler<TService>(
    IMethod method, CallSettings settings, ServiceSource<TService> services,
    Func<HttpContextServerCallContext, TService, Task> serve) : MethodHandler(method, settings)
    where TService : class
{
    protected override async Task ServeAsync(HttpContextServerCallContext call)
    {
        try
        {
            call.Open();
            var (service, isOwn) = services.Take(call.HttpContext);
            try
            {
                await serve(call, service).ConfigureAwait(false);
            }
            finally
            {
                if (isOwn)
                    await ServiceSource<TService>.ReleaseAsync(service).ConfigureAwait(false);
            }
            await call.EndAsync(null).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            await call.EndAsync(failure).ConfigureAwait(false);
        }
        finally
        {
            call.Release();
        }
    }
}

/// <summary>A method of one request and one response; all of it in one method, which is all that waits.</summary>
internal sealed class UnaryHandler<TService, TRequest, TResponse>(
    Method<TRequest, TResponse> method, CallSettings settings, ServiceSource<TService> services,
    Func<TService, TRequest, ServerCallContext, Task<TResponse>> invoke) : MethodHandler(method, settings)
    where TService : class
    where TRequest : class
    where TResponse : class
{
    protected override async Task ServeAsync(HttpContextServerCallContext call)
    {
        try
        {
            call.Open();
            var (service, isOwn) = services.Take(call.HttpContext);
            try
            {
                var request = call.TryReadOnlyRequest(method.RequestMarshaller)
                    ?? await call.ReadOnlyRequestAsync(method.RequestMarshaller).ConfigureAwait(false);
                var response = await invoke(service, request, call).ConfigureAwait(false);
                if (!call.TryWriteLastResponse(method.ResponseMarshaller, response))
                {
                    await call.WriteResponseAsync(method.ResponseMarshaller, response, last: true)
                        .ConfigureAwait(false);
                }
            }
            finally
            {
                if (isOwn)
                    await ServiceSource<TService>.ReleaseAsync(service).ConfigureAwait(false);
            }
            if (!call.TryEnd())
                await call.EndAsync(null).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            await call.EndAsync(failure).ConfigureAwait(false);
        }
        finally
        {
            call.Release();
        }
    }
}

/// <summary>What a request must be, to be a gRPC call at all.</summary>
internal static class HttpRules
{
    public static bool IsGrpc(HttpContext http) =>
        !HttpProtocol.IsHttp11(http.Request.Protocol)
        && !HttpProtocol.IsHttp10(http.Request.Protocol)
        && GrpcProtocol.IsGrpcContentType(http.Request.ContentType);

    public static Task RefuseAsync(HttpContext http)
    {
        var detail = GrpcProtocol.IsGrpcContentType(http.Request.ContentType)
            ? $"Request protocol '{http.Request.Protocol}' is not supported: gRPC needs HTTP/2."
            : $"Content-Type '{http.Request.ContentType}' is not supported: gRPC needs application/grpc.";
        http.Response.StatusCode = GrpcProtocol.IsGrpcContentType(http.Request.ContentType)
            ? StatusCodes.Status426UpgradeRequired
            : StatusCodes.Status415UnsupportedMediaType;
        WriteStatus(http.Response.Headers, new Status(Grpc.Core.StatusCode.Internal, detail));
        return Task.CompletedTask;
    }

    public static void WriteStatus(IHeaderDictionary headers, Status status)
    {
        headers[GrpcProtocol.StatusTrailer] = StatusText(status.StatusCode);
        if (!string.IsNullOrEmpty(status.Detail))
            headers[GrpcProtocol.MessageTrailer] = GrpcProtocol.EncodeMessage(status.Detail);
    }

    // The common ends without an allocation each.
    private static string StatusText(StatusCode code) => code switch
    {
        Grpc.Core.StatusCode.OK => "0",
        Grpc.Core.StatusCode.DeadlineExceeded => "4",
        _ => ((int)code).ToString(System.Globalization.CultureInfo.InvariantCulture),
    };
}
