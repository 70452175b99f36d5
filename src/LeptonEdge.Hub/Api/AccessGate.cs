using Grpc.AspNetCore.Server;
using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Api.Common;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Hub.Trust;
using LeptonEdge.Serving.Rest;
using LeptonEdge.Sync;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LeptonEdge.Hub.Api;

/// <summary>Decides each request by its endpoint's rules. Stands after routing, before the endpoint.</summary>
internal sealed class AccessGate(
    RequestDelegate next, CallerReader callers, OpenCalls calls, FleetState fleet, FleetAuthority authority,
    RefusedRequests refusals)
{
    private const string CsrfHeader = "x-lepton-csrf";
    private const string Challenge = "Bearer realm=\"LeptonEdge hub\"";

    public Task InvokeAsync(HttpContext context)
    {
        var access = AccessRules.AccessOf(context.GetEndpoint());
        if (access == Access.FleetOrOperator && Identity(context) is { } identity)
        {
            context.Features.Set(identity);
            return next(context);
        }

        var signedIn = callers.Read(context.Request);
        if (signedIn is not null)
            context.SignIn(signedIn);
        return access switch
        {
            Access.Open => next(context),
            Access.OpenOnLoopback when !context.Request.IsHttps => next(context),
            _ when signedIn is null => UnknownAsync(context, access),
            _ => LetInAsync(context, access, signedIn),
        };
    }

    private Task LetInAsync(HttpContext context, Access access, SignedIn signedIn)
    {
        var (endpoint, method, caller) = (context.GetEndpoint(), context.Request.Method, signedIn.Caller);
        if (signedIn.Csrf is { } csrf && !AccessRules.Reads(method)
            && !SessionDesk.IsCsrf(csrf, context.Request.Headers[CsrfHeader]))
            return ForbidAsync(
                context, access, Refusal.Csrf, $"a change from a browser needs the header {CsrfHeader}: GET /api/v1/session says its value");
        var role = AccessRules.RoleFor(endpoint, method);
        if (signedIn.Rights.For(role) is not { } allowed)
            return ForbidAsync(
                context, access, Refusal.Role, $"'{caller.Name}' is {CallerKinds.NameOf(caller.Role)} here; this needs the role "
                + $"{CallerKinds.NameOf(role)}: ask an administrator");
        // What is where the role does not suffice does not exist for this request.
        if (role != Role.Viewer)
            context.Features.Set(caller with { Role = allowed.Role, Sites = allowed.Sites });
        if (allowed.Sites is not null && OtherSite(context, access, context.Caller()) is { } refused)
            return refused;
        var scopes = AccessRules.ScopesFor(access, method);
        return (caller.Scopes & scopes) != 0
            ? calls.RunAsync(context, signedIn, next)
            : ForbidAsync(
                context, access, Refusal.Scope, $"this token is not for that: make one with scope {string.Join(" or ", CallerKinds.NamesOf(scopes))}");
    }

    private Task UnknownAsync(HttpContext context, Access access)
    {
        refusals.Add(context, Refusal.Unknown);
        return Refusals.UnknownAsync(context, access, Challenge);
    }

    private Task ForbidAsync(HttpContext context, Access access, Refusal why, string detail)
    {
        refusals.Add(context, why);
        return Refusals.ForbidAsync(context, access, detail);
    }

    // What is on another site does not exist, whatever the endpoint would say of it.
    private Task? OtherSite(HttpContext context, Access access, Caller caller)
    {
        if (access == Access.OpenOnLoopback || context.GetEndpoint()?.Metadata.GetMetadata<AllSitesRule>() is not null)
            return ForbidAsync(
                context, access, Refusal.Site, $"this is for callers who see all sites; '{caller.Name}' sees some");
        return access == Access.Role && context.GetRouteValue("device") is string name
            && RequestRange.Device(name, out var device) is null && !fleet.Sees(caller, device)
            ? Problems.WriteAsync(context, StatusCodes.Status404NotFound, "not found", Sight.UnknownText(device))
            : null;
    }

    private FleetIdentity? Identity(HttpContext context)
    {
        // Kestrel proved the chain when the certificate was presented; here it is read, and the tenant compared.
        var identity = FleetIdentity.Read(context.Connection.ClientCertificate);
        return identity?.Tenant == authority.Tenant ? identity : null;
    }
}

/// <summary>Refusals in the form that the caller's protocol has for them.</summary>
internal static class Refusals
{
    private const string GrpcUnauthenticated = "16";
    private const string GrpcDenied = "7";

    public static Task UnknownAsync(HttpContext context, Access access, string challenge)
    {
        if (access != Access.FleetOrOperator)
        {
            context.Response.Headers.WWWAuthenticate = challenge;
            const string Remedy = "sign in on the page, or send a token as 'Authorization: Bearer TOKEN': a personal "
                + "access token, or the hub's own in operator.token in its data folder";
            return Problems.WriteAsync(
                context, StatusCodes.Status401Unauthorized, "the hub does not know who asks", Remedy);
        }

        const string Certificate = "present a device certificate of this fleet, or a token";
        if (IsGrpc(context))
            return SayGrpc(context, GrpcUnauthenticated, Certificate);
        context.Response.Headers.WWWAuthenticate = challenge;
        return RestFaults.WriteAsync(context, StatusCodes.Status401Unauthorized, Certificate);
    }

    public static Task ForbidAsync(HttpContext context, Access access, string detail)
    {
        if (access != Access.FleetOrOperator)
            return Problems.WriteAsync(context, StatusCodes.Status403Forbidden, "not allowed", detail);
        return IsGrpc(context)
            ? SayGrpc(context, GrpcDenied, detail)
            : RestFaults.WriteAsync(context, StatusCodes.Status403Forbidden, detail);
    }

    private static bool IsGrpc(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>() is not null;

    // gRPC speaks of refusals in trailers; with no body they go with the headers.
    private static Task SayGrpc(HttpContext context, string status, string detail)
    {
        context.Response.ContentType = "application/grpc";
        context.Response.Headers["grpc-status"] = status;
        context.Response.Headers["grpc-message"] = detail;
        return Task.CompletedTask;
    }
}
