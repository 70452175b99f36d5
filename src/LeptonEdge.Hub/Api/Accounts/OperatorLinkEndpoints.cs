using LeptonEdge.Core;
using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Api.OpenApi;
using LeptonEdge.Hub.Audit;
using LeptonEdge.Hub.Trust;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LeptonEdge.Hub.Api.Accounts;

/// <summary>One-time links that sign a browser in with the hub's own token, which stays out of addresses.</summary>
internal static class OperatorLinkEndpoints
{
    private const string Page = "/sign-in/once/";

    public static void MapOperatorLinks(this RouteGroupBuilder api) =>
        api.MapPost("/session/links", Make).Needs(Role.Admin).Audited("session.link", body: false)
            .Gives<SignInLink>(StatusCodes.Status201Created).Fails(StatusCodes.Status409Conflict)
            .Is("makeSignInLink", Tags.Access,
                "Makes a link that signs a browser in, once and within ten minutes, as who holds the hub's own token.");

    /// <summary>Where such a link leads.</summary>
    public static void MapOperatorLinkPage(this IEndpointRouteBuilder routes) =>
        routes.MapGet(Page + "{code}", Open).IsOpen().WithMetadata(new SignInRule())
            .Audited("session.begin", body: false).ExcludeFromDescription();

    private static IResult Make(Caller caller, OperatorLinks links, TimeProvider clock, HttpContext context) =>
        caller.Kind == CallerKind.OperatorToken && CallerReader.Presented(context.Request) is { } token
            ? Results.Json(
                new SignInLink(
                    Page + links.Make(token),
                    clock.GetUnixMicros() + (OperatorLinks.GoodFor.Ticks / TimeSpan.TicksPerMicrosecond)),
                AccountJson.Default.SignInLink, statusCode: StatusCodes.Status201Created)
            : Problems.Conflict(
                "an account signs in with its name and password; such a link is for the hub's own token, in operator.token "
                + "in its data folder");

    private static IResult Open(string code, OperatorLinks links, FleetAuthority authority, HttpContext context)
    {
        var note = context.AuditNote();
        note.Target = "";
        if (links.Take(code) is not { } token)
            return Problems.Result(
                StatusCodes.Status401Unauthorized, "not signed in",
                "code: this link was used, or is older than ten minutes; make another, or sign in at /sign-in");
        note.Actor = Caller.OfOperatorToken(authority.Tenant).Name;
        SessionCookie.SetOperator(context, token);
        return Results.Redirect("/");
    }
}
