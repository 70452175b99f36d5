using LeptonEdge.Hub.Accounts;
using Microsoft.AspNetCore.Http;

namespace LeptonEdge.Hub.Api.Accounts;

/// <summary>The cookie of a session: no script reads it, no other site makes a browser send it.</summary>
internal static class SessionCookie
{
    public static void Set(HttpContext context, string secret, TimeSpan lasts) => context.Response.Cookies.Append(
        CallerReader.SessionCookie(context.Request), secret, OptionsFor(context.Request, lasts));

    /// <summary>The hub's own token, until the browser is closed.</summary>
    public static void SetOperator(HttpContext context, string token) => context.Response.Cookies.Append(
        CallerReader.OperatorCookie, token, OptionsFor(context.Request, null));

    public static void Clear(HttpContext context)
    {
        foreach (var name in (string[])[CallerReader.SessionCookie(context.Request), CallerReader.OperatorCookie])
        {
            if (context.Request.Cookies.ContainsKey(name))
                context.Response.Cookies.Delete(name, OptionsFor(context.Request, null));
        }
    }

    private static CookieOptions OptionsFor(HttpRequest request, TimeSpan? lasts) => new()
    {
        HttpOnly = true,
        Secure = request.IsHttps,
        SameSite = SameSiteMode.Strict,
        Path = "/",
        MaxAge = lasts,
    };
}
