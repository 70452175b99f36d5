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

/// <summary>Who may do what: for administrators.</summary>
internal static class AccountEndpoints
{
    private static readonly Listing<StoredAccount> s_listing = new(
        "name", account => account.Name, ("name", account => account.Name), ("role", account => account.Role),
        ("createdMicros", account => account.CreatedMicros), ("lastSignInMicros", account => account.LastSignInMicros));

    public static void MapAccounts(this RouteGroupBuilder group)
    {
        var api = group.MapGroup("/accounts").Needs(Role.Admin);
        api.MapGet("", List).Gives<Page<AccountView>>().Is("listAccounts", Tags.Access,
                "Accounts.");
        api.MapGet("/{name}", Show).Gives<AccountView>()
            .Is("getAccount", Tags.Access,
                "One account; its ETag is what If-Match takes.");
        api.MapPost("", AddAsync).Creates(secret: true).Audited("account.create", body: false)
            .Gives<AccountView>(StatusCodes.Status201Created)
            .Is("createAccount", Tags.Access,
                "Makes an account.").Fails(409);
        api.MapPut("/{name}", SetRights).Audited("account.rights").Gives<AccountView>()
            .Is("setAccountRights", Tags.Access,
                "Sets role and sites, for its sessions and tokens too. The last administrator stays one.").Fails(409, 412);
        api.MapPut("/{name}/password", SetPasswordAsync).Audited("account.password", body: false)
            .Produces(StatusCodes.Status204NoContent)
            .Is("setAccountPassword", Tags.Access,
                "Sets another password; the account's sessions end, its tokens unless they are to stay, and a lock.");
        api.MapPost("/{name}/unlock", Unlock).Audited("account.unlock").Gives<AccountView>()
            .Is("unlockAccount", Tags.Access,
                "Ends a lock that wrong passwords brought about.");
        api.MapDelete("/{name}", Remove).Audited("account.delete").Produces(StatusCodes.Status204NoContent)
            .Is("removeAccount", Tags.Access,
                "Removes an account with its sessions and tokens. The last administrator stays.").Fails(409, 412);
    }

    private static IResult List([AsParameters] ListQuery query, string? role, AccountBook book, SessionDesk sessions, TimeProvider clock)
    {
        if (role is not null && CallerKinds.RoleOf(role) is null)
            return Problems.BadRequest("role: must be 'viewer', 'operator' or 'admin'");
        if (s_listing.Read(query, $"accounts {role}", out var order) is { } fault)
            return Problems.BadRequest(fault);
        var found = book.Accounts.Where(account => role is null || CallerKinds.NameOf((Role)account.Role) == role);
        return Results.Json(
            s_listing.Take(found, order, account => AccountViews.Of(account, book, sessions, clock)),
            AccountJson.Default.PageAccountView);
    }

    private static IResult Show(string name, HttpContext context, AccountBook book, SessionDesk sessions, TimeProvider clock) =>
        book.Find(name) is { } account
            ? Shown(context, account, book, sessions, clock)
            : Problems.NotFound(Ownership.Unknown(name));

    private static async Task<IResult> AddAsync(
        AccountRequest wish, HttpContext context, PasswordDesk passwords, AccountBook book, SessionDesk sessions,
        TimeProvider clock)
    {
        var (note, name, role) = (context.AuditNote(), wish.Name ?? "", CallerKinds.RoleOf(wish.Role));
        note.Target = AccountRules.Name(name) is null ? name : "";
        note.After = new AccountRights(wish.Role, wish.Sites, wish.OperatorSites);
        var errors = new FieldErrors().Add(AccountRules.Name(wish.Name))
            .Add(AccountRules.Password(name, wish.Password));
        CheckRights(errors, role, wish.Sites, wish.OperatorSites);
        if (errors.Any)
            return Problems.BadRequest(errors);
        if (book.Find(name) is not null)
            return Exists(name);
        if (await passwords.HashAsync(wish.Password!, context.RequestAborted).ConfigureAwait(false) is not { } hash)
            return Problems.Unavailable("too many passwords at once: try again in a second");
        var added = book.Change(
            store => store.AddAccount(new NewAccount(
                book.Tenant, name, hash, (int)role!.Value, wish.Sites, wish.OperatorSites)));
        if (added != AccountChange.Done)
            return added == AccountChange.Exists
                ? Exists(name)
                : Problems.TooMany($"there are {AccountLimits.Accounts} accounts: remove some first");
        context.Response.Headers.Location = $"/api/v1/accounts/{Uri.EscapeDataString(name)}";
        return Shown(context, book.Find(name)!, book, sessions, clock, StatusCodes.Status201Created);
    }

    private static IResult SetRights(
        string name, AccountRights wish, HttpContext context, AccountBook book, SessionDesk sessions, TimeProvider clock)
    {
        if (book.Find(name) is not { } account)
            return Problems.NotFound(Ownership.Unknown(name));
        var (role, errors) = (CallerKinds.RoleOf(wish.Role), new FieldErrors());
        CheckRights(errors, role, wish.Sites, wish.OperatorSites);
        if (errors.Any)
            return Problems.BadRequest(errors);
        if (ETags.Read(context, out var version) is { } mistaken)
            return Problems.BadRequest(mistaken);
        context.AuditNote().Before = AccountViews.RightsOf(account);
        var change = book.Change(store => store.SetRights(
            account.Id, version, (int)role!.Value, wish.Sites, wish.OperatorSites));
        return change == AccountChange.Done && book.Find(name) is { } changed
            ? Shown(context, changed, book, sessions, clock)
            : Fault(change, name);
    }

    private static async Task<IResult> SetPasswordAsync(
        string name, PasswordReset wish, HttpContext context, PasswordDesk passwords, AccountBook book)
    {
        if (book.Find(name) is not { } account)
            return Problems.NotFound(Ownership.Unknown(name));
        if (AccountRules.Password(name, wish.Password) is { } fault)
            return Problems.BadRequest(fault);
        if (await passwords.HashAsync(wish.Password!, context.RequestAborted).ConfigureAwait(false) is not { } hash)
            return Problems.Unavailable("too many passwords at once: try again in a second");
        // Whoever changes their own this way stays signed in where they do.
        var kept = context.SignedIn().Session is { } session && session.AccountId == account.Id ? session.Id : 0;
        var revokes = wish.RevokeTokens ?? true;
        context.AuditNote().After = new AuditedPassword(revokes);
        var change = book.Change(store => store.SetPassword(account.Id, hash, kept, revokes));
        return change == AccountChange.Done ? Results.NoContent() : Fault(change, name);
    }

    private static IResult Unlock(string name, HttpContext context, AccountBook book, SessionDesk sessions, TimeProvider clock)
    {
        if (book.Find(name) is not { } account)
            return Problems.NotFound(Ownership.Unknown(name));
        var note = context.AuditNote();
        note.Before = new AuditedLock(account.Failures, account.LockedUntilMicros == 0 ? null : account.LockedUntilMicros);
        note.After = new AuditedLock(0, null);
        book.Change(store =>
        {
            store.Unlock(account.Id);
            return true;
        });
        return Shown(context, book.Find(name) ?? account, book, sessions, clock);
    }

    private static IResult Remove(string name, HttpContext context, AccountBook book)
    {
        if (book.Find(name) is not { } account)
            return Problems.NotFound(Ownership.Unknown(name));
        if (ETags.Read(context, out var version) is { } mistaken)
            return Problems.BadRequest(mistaken);
        context.AuditNote().Before = AccountViews.RightsOf(account);
        var change = book.Change(store => store.RemoveAccount(account.Id, version));
        return change == AccountChange.Done ? Results.NoContent() : Fault(change, name);
    }

    private static void CheckRights(
        FieldErrors errors, Role? role, IReadOnlyList<string>? sites, IReadOnlyList<string>? operatorSites)
    {
        if (role is not { } known)
        {
            errors.Add("role", "must be 'viewer', 'operator' or 'admin'");
            return;
        }

        errors.Add(AccountRules.Sites(sites, known)).Add(AccountRules.OperatorSites(operatorSites, known));
    }

    private static IResult Shown(
        HttpContext context, StoredAccount account, AccountBook book, SessionDesk sessions, TimeProvider clock,
        int status = StatusCodes.Status200OK)
    {
        ETags.Set(context, account.Version);
        return Results.Json(
            AccountViews.Of(account, book, sessions, clock), AccountJson.Default.AccountView, statusCode: status);
    }

    private static IResult Fault(AccountChange change, string name) => change switch
    {
        AccountChange.Missing => Problems.NotFound(Ownership.Unknown(name)),
        AccountChange.Stale => ETags.Differs($"account '{name}'"),
        _ => Problems.Conflict($"'{name}' is the last administrator: make another one first"),
    };

    private static IResult Exists(string name) =>
        Problems.Conflict($"name: there is an account '{name}' already; choose another name");
}
