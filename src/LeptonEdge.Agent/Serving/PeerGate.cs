using LeptonEdge.Sync;
using Microsoft.AspNetCore.Http;

namespace LeptonEdge.Agent.Serving;

/// <summary>Lets in whom the plan sends, on the port for other devices. What comes over loopback passes.</summary>
internal sealed class PeerGate(RequestDelegate next, GuestBook guests)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (!context.Request.IsHttps)
            return next(context);
        // The chain and the tenant were proven when the certificate was presented.
        if (FleetIdentity.Read(context.Connection.ClientCertificate) is { } caller && guests.Admits(caller.Name))
        {
            context.Features.Set(caller);
            return next(context);
        }

        // gRPC speaks of refusals in trailers; with no body they go with the headers.
        context.Response.ContentType = "application/grpc";
        context.Response.Headers["grpc-status"] = "7";
        context.Response.Headers["grpc-message"] = "the plan that this device follows sends it no work of the caller's";
        return Task.CompletedTask;
    }
}
