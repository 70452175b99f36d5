using Grpc.AspNetCore.Server;
using LeptonEdge.Sync;
using LeptonEdge.Hub.Trust;
using LeptonEdge.Serving.Rest;
using Microsoft.AspNetCore.Http;

namespace LeptonEdge.Hub.Api;

/// <summary>Who may call an endpoint; without a word of its own an endpoint is the operator's.</summary>
public enum Access
{
    Operator,

    /// <summary>Anyone who reaches the port.</summary>
    Open,

    /// <summary>Open on the loopback listener, else the operator's.</summary>
    OpenOnLoopback,

    /// <summary>A certificate of the fleet, device or hub, or else the operator's token.</summary>
    FleetOrOperator,
}

/// <summary>Metadata of an endpoint.</summary>
internal sealed record AccessRule(Access Access);

/// <summary>Decides each request by its endpoint's rule. Stands after routing, before the endpoint.</summary>
internal sealed class AccessGate(RequestDelegate next, OperatorToken token, FleetAuthority authority)
{
    public const string CookieName = "lepton_operator";
    private const string Bearer = "Bearer ";
    private const string Challenge = "Bearer realm=\"LeptonEdge hub\"";

    public async Task InvokeAsync(HttpContext context)
    {
        var access = context.GetEndpoint()?.Metadata.GetMetadata<AccessRule>()?.Access ?? Access.Operator;
        switch (access)
        {
            case Access.Open:
            case Access.OpenOnLoopback when !context.Request.IsHttps:
                break;
            case Access.FleetOrOperator:
                if (Identity(context) is { } identity)
                    context.Features.Set(identity);
                else if (!IsOperator(context.Request))
                {
                    await RefuseInferenceAsync(context);
                    return;
                }

                break;
            default:
                if (TakesTokenFromAddress(context))
                    return;
                if (!IsOperator(context.Request))
                {
                    await RefuseAsync(context);
                    return;
                }

                break;
        }

        await next(context);
    }

    private bool IsOperator(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            ? token.Matches(header[Bearer.Length..].Trim())
            : token.Matches(request.Cookies[CookieName]);
    }

    /// <summary>The page's address carries the token once: it becomes a cookie, and leaves the address bar and
    /// history.</summary>
    private bool TakesTokenFromAddress(HttpContext context)
    {
        var request = context.Request;
        if (request.Path != "/" || !HttpMethods.IsGet(request.Method)
            || !request.Query.TryGetValue("token", out var presented)
            || !token.Matches(presented.ToString()))
            return false;
        context.Response.Cookies.Append(CookieName, presented.ToString(), new CookieOptions
        {
            HttpOnly = true,
            Secure = request.IsHttps,
            SameSite = SameSiteMode.Strict,
            Path = "/",
        });
        context.Response.Redirect("/");
        return true;
    }

    private FleetIdentity? Identity(HttpContext context)
    {
        // Kestrel proved the chain when the certificate was presented; here it is read, and the tenant compared.
        var identity = FleetIdentity.Read(context.Connection.ClientCertificate);
        return identity?.Tenant == authority.Tenant ? identity : null;
    }

    private static Task RefuseInferenceAsync(HttpContext context)
    {
        const string Remedy = "present a device certificate of this fleet, or the operator's token";
        if (context.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>() is null)
        {
            context.Response.Headers.WWWAuthenticate = Challenge;
            return RestFaults.WriteAsync(context, StatusCodes.Status401Unauthorized, Remedy);
        }

        // gRPC speaks of refusals in trailers; with no body they go with the headers.
        context.Response.ContentType = "application/grpc";
        context.Response.Headers["grpc-status"] = "16";
        context.Response.Headers["grpc-message"] = Remedy;
        return Task.CompletedTask;
    }

    private static Task RefuseAsync(HttpContext context)
    {
        context.Response.Headers.WWWAuthenticate = Challenge;
        const string Remedy = "send the operator's token (operator.token in the hub's data folder) as "
            + "'Authorization: Bearer TOKEN', or open the page once as /?token=TOKEN";
        return Problems.WriteAsync(
            context, StatusCodes.Status401Unauthorized, "the operator's token is needed", Remedy);
    }
}
