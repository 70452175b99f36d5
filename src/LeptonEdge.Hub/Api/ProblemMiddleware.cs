using LeptonEdge.Hub.Api.Common;
using LeptonEdge.Storage.Hubs;
using Microsoft.AspNetCore.Http;

namespace LeptonEdge.Hub.Api;

/// <summary>Turns what goes wrong in a request, and bare status codes, into problem details; the hub stays
/// up.</summary>
internal sealed class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            if (!context.Response.HasStarted && Explain(context) is { } detail)
                await Problems.WriteAsync(
                    context, context.Response.StatusCode, "the request cannot be served", detail, FieldErrors.Of(detail));
        }
        catch (BadHttpRequestException fault) when (!context.Response.HasStarted)
        {
            var errors = BindingFault.Explain(fault);
            await Problems.WriteAsync(context, fault.StatusCode, "the request is not valid", errors.Detail, errors);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller left; nobody reads an answer.
        }
        catch (HubStoreException fault) when (!context.Response.HasStarted)
        {
            ProblemLog.Store(logger, fault, context.Request.Path);
            if (fault.WillHeal)
                Problems.RetryAfter(context, StoreGate.Pause);
            await Problems.WriteAsync(
                context, StatusCodes.Status503ServiceUnavailable, "the store did not answer", fault.Message);
        }
        catch (Exception fault) when (!context.Response.HasStarted)
        {
            ProblemLog.Failed(logger, fault, context.Request.Path);
            const string Detail = "the hub failed at this request; its log has the details";
            await Problems.WriteAsync(context, StatusCodes.Status500InternalServerError, "the hub failed", Detail);
        }
    }

    private static string? Explain(HttpContext context)
    {
        // An answer with a body, or with gRPC's own status, has said what there is to say.
        if (context.Response.ContentType is not null)
            return null;
        return context.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound =>
                $"there is nothing at {context.Request.Path}; GET /api/v1/openapi.json lists what there is",
            StatusCodes.Status405MethodNotAllowed => $"{context.Request.Path} does not take {context.Request.Method}",
            StatusCodes.Status415UnsupportedMediaType =>
                "Content-Type: the body is of a type that is not taken here; /api/v1/openapi.json says which is",
            _ => null,
        };
    }
}

internal static partial class ProblemLog
{
    [LoggerMessage(1, LogLevel.Error, "The store did not answer {Path}")]
    public static partial void Store(ILogger logger, Exception fault, string path);

    [LoggerMessage(2, LogLevel.Error, "Request {Path} failed")]
    public static partial void Failed(ILogger logger, Exception fault, string path);
}
