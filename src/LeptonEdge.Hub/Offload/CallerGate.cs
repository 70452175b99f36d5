using System.Globalization;
using LeptonEdge.Hub.Api;
using LeptonEdge.Hub.Gateway;
using LeptonEdge.Serving;
using LeptonEdge.Serving.Rest;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace LeptonEdge.Hub.Offload;

/// <summary>Lets each caller have so many calls under way, and refuses more before their bodies are read: requests
/// that never end and answers that nobody reads hold memory, and a flood is work even where it is refused. Stands after
/// <see cref="AccessGate"/>.</summary>
internal sealed class CallerGate(RequestDelegate next, ServingOptions options)
{
    private const int CallsMax = 128;
    private const string RetryMillis = "100";

    private readonly Shares _calls = new(CallsMax);

    public Task InvokeAsync(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<AccessRule>()?.Access == Access.FleetOrOperator
            ? LetInAsync(context, options.CallerOf(context))
            : next(context);

    private async Task LetInAsync(HttpContext context, string caller)
    {
        if (!_calls.TryTake(caller))
        {
            await RefuseAsync(context, caller);
            return;
        }

        try
        {
            await next(context);
        }
        finally
        {
            _calls.Return(caller);
        }
    }

    private static Task RefuseAsync(HttpContext context, string caller)
    {
        var reason = $"'{caller}' has {CallsMax} calls under way: no more until one ends";
        if (context.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>() is null)
        {
            context.Response.Headers.RetryAfter = "1";
            return RestFaults.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, reason);
        }

        context.Response.ContentType = "application/grpc";
        context.Response.Headers["grpc-status"] =
            ((int)StatusCode.ResourceExhausted).ToString(CultureInfo.InvariantCulture);
        context.Response.Headers["grpc-message"] = reason;
        context.Response.Headers["grpc-retry-pushback-ms"] = RetryMillis;
        return Task.CompletedTask;
    }
}
