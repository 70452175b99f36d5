using LeptonEdge.Hub.Trust;
using LeptonEdge.Storage.Hubs.Accounts;
using Microsoft.AspNetCore.Http;

namespace LeptonEdge.Hub.Accounts;

/// <summary>Finds out from a request who asks: by a token in a header, or else by a cookie.</summary>
internal sealed class CallerReader(OperatorToken operatorToken, AccountBook book, SessionDesk sessions, TokenDesk tokens)
{
    /// <summary>The page's way in with the operator's token.</summary>
    public const string OperatorCookie = "lepton_operator";
    private const string Bearer = "Bearer ";

    private readonly SignedIn _operator = new(Caller.OfOperatorToken(book.Tenant), Rights.Everything, null);

    /// <summary>A browser takes the first from this host alone, and never without TLS.</summary>
    public static string SessionCookie(HttpRequest request) => request.IsHttps ? "__Host-lepton" : "lepton";

    /// <summary>The hub's own token as a request carries it; null where it carries none, or something else.</summary>
    public static string? Presented(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            ? header[Bearer.Length..].Trim()
            : request.Cookies[OperatorCookie];
    }

    /// <summary>Null: nobody that this hub knows. A header counts alone: a wrong one is not made good by a
    /// cookie.</summary>
    public SignedIn? Read(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        if (header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
            return OfToken(header[Bearer.Length..].Trim());
        return request.Cookies[SessionCookie(request)] is { } secret && OfSession(secret) is { } signedIn
            ? signedIn
            : OfOperatorCookie(request.Cookies[OperatorCookie]);
    }

    /// <summary>False: the session or token has ended, or its account may do less or other than then.</summary>
    public bool StillHolds(SignedIn signedIn)
    {
        if (signedIn.Account is not { } then)
            return true;
        return book.Find(then.Id) is { } now && now.Role == then.Role && SameSites(now.Sites, then.Sites)
            && SameSites(now.OperatorSites, then.OperatorSites)
            && (signedIn.Session is not { } session || sessions.IsAlive(session))
            && (signedIn.Token is not { } token || tokens.IsAlive(token));
    }

    public SignedIn OfSession(StoredAccount account, StoredSession session, string secret)
    {
        var rights = Rights.Of(account);
        return new SignedIn(
            new Caller(account.Name, rights.Role, book.Tenant, rights.Sites, CallerKind.Session, Scopes.All), rights, account,
            session, Csrf: SessionDesk.CsrfOf(secret));
    }

    private SignedIn? OfOperatorCookie(string? presented) => presented is not null && operatorToken.Matches(presented)
        ? _operator with { Csrf = SessionDesk.CsrfOf(presented) }
        : null;

    private SignedIn? OfSession(string secret) =>
        sessions.Find(secret) is { } session && book.Find(session.AccountId) is { } account
            ? OfSession(account, session, secret)
            : null;

    private SignedIn? OfToken(string text)
    {
        if (!text.StartsWith(TokenText.Prefix, StringComparison.Ordinal))
            return operatorToken.Matches(text) ? _operator : null;
        if (tokens.Find(text) is not { } token || book.Find(token.AccountId) is not { } account)
            return null;
        // What the account has lost since, its tokens have lost too.
        var rights = Rights.Of(account).Within(token);
        var caller = new Caller(
            account.Name, rights.Role, book.Tenant, rights.Sites, CallerKind.Token, (Scopes)token.Scopes);
        return new SignedIn(caller, rights, account, Token: token);
    }

    private static bool SameSites(IReadOnlyList<string>? a, IReadOnlyList<string>? b) =>
        a is null || b is null ? a is null && b is null : a.SequenceEqual(b);
}
