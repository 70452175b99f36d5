using LeptonEdge.Core.Identity;
using Microsoft.AspNetCore.Http;

namespace LeptonEdge.Hub.Accounts;

/// <summary>Who asks: an account behind a session or a token, or the holder of the operator's token. An endpoint takes
/// one as a parameter.</summary>
/// <param name="Name">Of the account; <c>operator</c> for the operator's token, which no account is called.</param>
/// <param name="Sites">The only sites that exist for this caller; null: all of them.</param>
public sealed record Caller(
    string Name, Role Role, TenantId Tenant, IReadOnlySet<string>? Sites, CallerKind Kind, Scopes Scopes)
{
    public const string OperatorName = "operator";

    /// <summary>The name that calls to models are shared out by; no device can have such a name.</summary>
    public string Share { get; } = $"({Name})";

    /// <summary>Whoever holds the operator's token.</summary>
    public static Caller OfOperatorToken(TenantId tenant) =>
        new(OperatorName, Role.Admin, tenant, null, CallerKind.OperatorToken, Scopes.All);

    /// <summary>False: for this caller the site, and what is on it, does not exist.</summary>
    public bool Sees(string site) => Sites is null || Sites.Contains(site);

    /// <summary>Makes it a parameter of an endpoint.</summary>
    public static ValueTask<Caller> BindAsync(HttpContext context) => ValueTask.FromResult(context.Caller());
}

public static class CallerContext
{
    /// <summary>Who asks, behind the gate.</summary>
    /// <exception cref="InvalidOperationException">The endpoint is open, or was called by a device.</exception>
    public static Caller Caller(this HttpContext context) => context.FindCaller()
        ?? throw new InvalidOperationException($"{context.Request.Path} has no caller: its endpoint lets others in");

    /// <summary>Null where the endpoint is open and nobody signed in, and for a device.</summary>
    public static Caller? FindCaller(this HttpContext context) => context.Features.Get<Caller>();
}
