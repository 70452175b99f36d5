using LeptonEdge.Core;
using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Api.Common;
using LeptonEdge.Hub.Api.OpenApi;
using LeptonEdge.Hub.Audit;
using LeptonEdge.Storage.Hubs.Accounts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LeptonEdge.Hub.Api.Accounts;

/// <summary>Personal access tokens.</summary>
internal static class TokenEndpoints
{
    private const int NameMax = 64;
    private const int DaysMax = 366;
    private const int DaysStandard = 90;

    public static void MapTokens(this IEndpointRouteBuilder api)
    {
        api.MapGet("/tokens", List).Gives<Page<TokenView>>()
            .Is("listTokens", Tags.Access,
                "One's own tokens, newest first; of another account, or of all (account=*), for administrators.");
        api.MapPost("/tokens", Make).Creates().Needs(Role.Viewer).Audited("token.create")
            .Gives<TokenView>(StatusCodes.Status201Created)
            .Is("createToken", Tags.Access,
                "Makes a token: its text is in this answer alone.",
                "The same request with the same Idempotency-Key is answered without the text, which is not kept.");
        api.MapDelete("/tokens/{id:long}", Remove).Needs(Role.Viewer).Audited("token.revoke")
            .Produces(StatusCodes.Status204NoContent)
            .Is("revokeToken", Tags.Access,
                "Revokes a token, at once.");
    }

    private static IResult List([AsParameters] PageQuery query, string? account, HttpContext context, TokenDesk desk, AccountBook book)
    {
        if (Ownership.Read(context, account, book, out var of) is { } fault)
            return fault;
        var scope = $"tokens {account}";
        if (StoredPage.Read(query, scope, out var page) is { } wrong)
            return Problems.BadRequest(wrong);
        var found = desk.List(token => token.Id < page.Before && (of is null || token.AccountId == of))
            .Take(page.Limit + 1).ToList();
        return Results.Json(
            StoredPage.Of(found, page.Limit, scope, token => token.Id, token => Shown(token, book)),
            AccountJson.Default.PageTokenView);
    }

    private static IResult Make(TokenRequest wish, HttpContext context, TokenDesk desk, AccountBook book, TimeProvider clock)
    {
        if (Ownership.Read(context, wish.Account, book, out var of) is { } fault)
            return fault;
        if (of is not { } id || book.Find(id) is not { } account)
            return Problems.BadRequest("account: name the account that the token is for; the hub's own token has none");
        var note = context.AuditNote();
        note.Target = $"{account.Name}/{wish.Name}";
        note.Answer = said => said is StoredToken made
            ? KeyClaim.Json(Shown(made, book), AccountJson.Default.TokenView, StatusCodes.Status201Created)
            : null;
        var errors = new FieldErrors();
        var wanted = Check(wish, account, context.SignedIn(), errors);
        if (errors.Any)
            return Problems.BadRequest(errors);
        var expires = clock.GetUnixMicros() + ((wish.Days ?? DaysStandard) * 86_400_000_000L);
        // A token that makes another does not outlive itself by it.
        wanted = wanted with { ExpiresMicros = Math.Min(expires, context.SignedIn().Token?.ExpiresMicros ?? expires) };
        return desk.Make(wanted) is var (token, text)
            ? Results.Json(
                Shown(token, book) with { Token = text }, AccountJson.Default.TokenView,
                statusCode: StatusCodes.Status201Created)
            : Problems.TooMany($"{account.Name} has {AccountLimits.TokensOfAccount} tokens: revoke some first");
    }

    private static IResult Remove(long id, HttpContext context, TokenDesk desk, AccountBook book)
    {
        var asks = context.SignedIn();
        var token = book.Tokens.FirstOrDefault(known => known.Id == id);
        // Another's does not exist for who may not see it.
        if (token is null || (asks.Caller.Role < Role.Admin && token.AccountId != asks.Account?.Id))
            return Problems.NotFound($"there is no token {id}; GET /api/v1/tokens lists those that there are");
        var (note, shown) = (context.AuditNote(), Shown(token, book));
        (note.Target, note.Before) = ($"{shown.Account}/{token.Name}", shown);
        desk.Remove(id);
        return Results.NoContent();
    }

    // Nobody makes a token that may more than the account it is for, or than whoever makes it.
    private static NewToken Check(TokenRequest wish, StoredAccount account, SignedIn asks, FieldErrors errors)
    {
        if (string.IsNullOrWhiteSpace(wish.Name) || wish.Name.Length > NameMax || wish.Name.Any(char.IsControl))
            errors.Add("name", $"say what the token is for, in 1 to {NameMax} characters");
        var (has, may) = (Rights.Of(account), asks.Rights);
        var most = (Role)Math.Min((int)has.Highest, (int)may.Highest);
        var role = wish.Role is null ? most : CallerKinds.RoleOf(wish.Role);
        if (role is null)
            errors.Add("role", "must be 'viewer', 'operator' or 'admin'");
        else if (role > most)
            errors.Add("role", $"can be at most '{CallerKinds.NameOf(most)}' here");
        var scopes = CallerKinds.ScopesOf(wish.Scopes ?? ["read"]);
        if (scopes is null)
            errors.Add("scopes", "takes one or more of 'read', 'change', 'infer' and 'metrics'");
        else if ((scopes & ~asks.Caller.Scopes) != 0)
            errors.Add("scopes", $"can be at most {string.Join(", ", CallerKinds.NamesOf(asks.Caller.Scopes))} here");
        if (wish.Sites is { } sites)
        {
            errors.Add(AccountRules.Sites(sites, Role.Viewer));
            if (sites.FirstOrDefault(site => has.Sites?.Contains(site) == false || !asks.Caller.Sees(site)) is { } far)
                errors.Add("sites", $"'{far}' is none that this account sees");
        }

        if (wish.Days is < 1 or > DaysMax)
            errors.Add("days", $"{wish.Days} is not within 1 to {DaysMax}");
        var limited = wish.Sites ?? asks.Caller.Sites?.Order().ToList();
        return new NewToken(
            account.Id, [], wish.Name ?? "", (int)(role ?? most), (int)(scopes ?? Scopes.None), limited, 0);
    }

    private static TokenView Shown(StoredToken token, AccountBook book) => new(
        token.Id, book.Find(token.AccountId)?.Name ?? "", token.Name, CallerKinds.NameOf((Role)token.Role),
        CallerKinds.NamesOf((Scopes)token.Scopes), token.Sites, token.CreatedMicros, token.ExpiresMicros,
        token.UsedMicros == 0 ? null : token.UsedMicros);
}
