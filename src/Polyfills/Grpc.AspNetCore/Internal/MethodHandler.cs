using Grpc.Core;
using Grpc.Core.Internal;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>
/// Serves the requests of one method: a call context each, the service from DI, the status at the end.
/// </summary>
internal sealed class MethodHandler<TService>(
    IMethod method, CallSettings settings, Func<HttpContextServerCallContext, TService, Task> serve)
    where TService : class
{
    private static readonly Lazy<ObjectFactory<TService>> Create =
        new(static () => ActivatorUtilities.CreateFactory<TService>([]));

    public Task HandleAsync(HttpContext http)
    {
        if (!HttpRules.IsGrpc(http))
            return HttpRules.RefuseAsync(http);
        return ServeAsync(new HttpContextServerCallContext(http, method, settings));
    }

    private async Task ServeAsync(HttpContextServerCallContext call)
    {
        try
        {
            call.Open();
            if (call.HttpContext.RequestServices.GetService<TService>() is { } registered)
            {
                await serve(call, registered).ConfigureAwait(false);
            }
            else
            {
                var own = Create.Value(call.HttpContext.RequestServices, []);
                try
                {
                    await serve(call, own).ConfigureAwait(false);
                }
                finally
                {
                    await ReleaseAsync(own).ConfigureAwait(false);
                }
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

    private static async ValueTask ReleaseAsync(TService own)
    {
        if (own is IAsyncDisposable asynchronous)
            await asynchronous.DisposeAsync().ConfigureAwait(false);
        else
            (own as IDisposable)?.Dispose();
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
