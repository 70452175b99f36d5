using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Api.Common;
using LeptonEdge.Hub.Api.OpenApi;
using LeptonEdge.Hub.Audit;
using LeptonEdge.Hub.Configuration;
using LeptonEdge.Storage.Hubs.Accounts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LeptonEdge.Hub.Api.Accounts;

/// <summary>Signing in and out, and who is signed in where.</summary>
internal static class SessionEndpoints
{
    // The same for a wrong name, a wrong password and a locked account: the answer tells no names.
    private static readonly string s_refused =
        "name or password is wrong; after " + LockRule.FreeTries + " wrong passwords an account is locked for a while";

    public static void MapSessions(this IEndpointRouteBuilder api)
    {
        api.MapGet("/session", (HttpContext context, SessionDesk desk) => Shown(context.SignedIn(), desk))
            .Gives<SessionView>().Is("getSession", Tags.Access,
                "Who asks, what they may do, and what a change must carry along.");
        api.MapPost("/session", SignInAsync).IsOpen().WithMetadata(new SignInRule())
            .Audited("session.begin", body: false).Gives<SessionView>()
            .Is("signIn", Tags.Access,
                "Signs in: the answer sets a cookie, which a browser sends from then on.").Fails(401, 403, 429, 500, 503);
        api.MapDelete("/session", SignOut).Needs(Role.Viewer).Audited("session.end")
            .Produces(StatusCodes.Status204NoContent).Is("signOut", Tags.Access,
                "Signs out.");
        api.MapPut("/session/password", ChangePasswordAsync).Needs(Role.Viewer).WithMetadata(new SignInRule())
            .Audited("account.password", body: false).Produces(StatusCodes.Status204NoContent)
            .Is("changeOwnPassword", Tags.Access,
                "Changes one's own password; every other session of the account ends, and its tokens if that is asked.").Fails(409);
        api.MapPost("/welcome", WelcomeAsync).IsOpen().WithMetadata(new SignInRule())
            .Audited("account.welcome", body: false).Gives<SessionView>(StatusCodes.Status201Created)
            .Is("welcome", Tags.Access,
                "Makes the first administrator, with the code of the link in the hub's log, and signs in.")
            .Fails(401, 403, 409, 429, 500, 503);
        api.MapGet("/sessions", List).Gives<Page<SessionItem>>()
            .Is("listSessions", Tags.Access,
                "Where one is signed in, newest first; of another account, or of all (account=*), for administrators.");
        api.MapDelete("/sessions/{id:long}", End).Needs(Role.Viewer).Audited("session.revoke")
            .Produces(StatusCodes.Status204NoContent)
            .Is("endSession", Tags.Access,
                "Ends a session, at once.");
    }

    private static async Task<IResult> SignInAsync(
        SignInRequest wish, HttpContext context, SignInDesk signIn, SessionDesk desk, CallerReader callers,
        ApiOptions options)
    {
        // What is no name is not written down: people type passwords into the wrong field.
        context.AuditNote().Target = AccountRules.Name(wish.Name) is null ? wish.Name : "";
        if (IsFromElsewhere(context))
            return Elsewhere();
        var errors = new FieldErrors();
        if (string.IsNullOrEmpty(wish.Name))
            errors.Add("name", "it is missing; give the account's name");
        if (string.IsNullOrEmpty(wish.Password) || wish.Password.Length > AccountRules.PasswordMax)
            errors.Add("password", $"give 1 to {AccountRules.PasswordMax} characters");
        if (errors.Any)
            return Problems.BadRequest(errors);
        return await signIn.CheckAsync(wish.Name!, wish.Password!, context.RequestAborted).ConfigureAwait(false) switch
        {
            SignIn.Done done => Begin(context, done.Account, desk, callers, options, StatusCodes.Status200OK),
            SignIn.Busy => Busy(context),
            SignIn.Refused refused => Refuse(context, refused),
            _ => throw new InvalidOperationException("signing in ends in one of three ways"),
        };
    }

    // The answer says nothing of why; administrators read it in the log.
    private static IResult Refuse(HttpContext context, SignIn.Refused refused)
    {
        context.AuditNote().After = new AuditedSignIn(refused.IsLocked);
        return Problems.Result(StatusCodes.Status401Unauthorized, "not signed in", s_refused);
    }

    private static IResult SignOut(HttpContext context, SessionDesk desk)
    {
        var signedIn = context.SignedIn();
        context.AuditNote().Target = signedIn.Session?.Id.ToString() ?? "";
        if (signedIn.Session is { } session)
            desk.End(session.Id);
        SessionCookie.Clear(context);
        return Results.NoContent();
    }

    private static async Task<IResult> ChangePasswordAsync(
        PasswordChange wish, HttpContext context, SignInDesk signIn, PasswordDesk passwords, AccountBook book)
    {
        if (context.SignedIn() is not { Session: { } session, Account: { } account })
            return Problems.Conflict("a token has no password: sign in with name and password");
        context.AuditNote().Target = account.Name;
        var errors = new FieldErrors().Add(AccountRules.Password(account.Name, wish.Password));
        if (string.IsNullOrEmpty(wish.Current) || wish.Current.Length > AccountRules.PasswordMax)
            errors.Add("current", "give the password until now");
        if (errors.Any)
            return Problems.BadRequest(errors);
        switch (await signIn.CheckAsync(account.Name, wish.Current!, context.RequestAborted).ConfigureAwait(false))
        {
            case SignIn.Busy:
                return Busy(context);
            case SignIn.Refused:
                return Problems.BadRequest("current: is not the password of this account, or the account is locked");
        }

        if (await passwords.HashAsync(wish.Password!, context.RequestAborted).ConfigureAwait(false) is not { } hash)
            return Busy(context);
        var revokes = wish.RevokeTokens ?? false;
        context.AuditNote().After = new AuditedPassword(revokes);
        book.Change(store => store.SetPassword(account.Id, hash, session.Id, revokes));
        return Results.NoContent();
    }

    private static async Task<IResult> WelcomeAsync(
        WelcomeRequest wish, HttpContext context, FirstLink link, PasswordDesk passwords, AccountBook book,
        SessionDesk desk, CallerReader callers, ApiOptions options)
    {
        var name = wish.Name ?? "";
        context.AuditNote().Target = AccountRules.Name(name) is null ? name : "";
        if (IsFromElsewhere(context))
            return Elsewhere();
        if (!book.IsEmpty)
            return Problems.Conflict("the first administrator is there already: sign in, or ask for an account");
        if (!link.Matches(wish.Code))
            return Problems.Result(
                StatusCodes.Status401Unauthorized, "not signed in",
                "code: is not that of the newest link in the hub's log; each start makes a new one",
                new FieldErrors().Add("code", "is not that of the newest link in the hub's log"));
        var errors = new FieldErrors().Add(AccountRules.Name(wish.Name))
            .Add(AccountRules.Password(name, wish.Password));
        if (errors.Any)
            return Problems.BadRequest(errors);
        if (await passwords.HashAsync(wish.Password!, context.RequestAborted).ConfigureAwait(false) is not { } hash)
            return Busy(context);
        context.AuditNote().Actor = name;
        var first = new NewAccount(book.Tenant, name, hash, (int)Role.Admin, null);
        return book.Change(store => store.AddAccount(first, first: true)) == AccountChange.Done
            ? Begin(context, book.Find(name)!, desk, callers, options, StatusCodes.Status201Created)
            : Problems.Conflict("the first administrator is there already: sign in, or ask for an account");
    }

    private static IResult Begin(
        HttpContext context, StoredAccount account, SessionDesk desk, CallerReader callers, ApiOptions options, int status)
    {
        // The first administrator's account is made before, and written down by itself.
        (context.AuditNote().Action, context.AuditNote().Actor) = ("session.begin", account.Name);
        // Who signs in anew leaves nothing open behind.
        var (session, secret) = desk.Begin(
            account, Who.Address(context), context.Request.Headers.UserAgent.ToString(),
            context.Features.Get<SignedIn>()?.Session);
        SessionCookie.Set(context, secret, options.SessionMax);
        var signedIn = callers.OfSession(account, session, secret);
        context.SignIn(signedIn);
        return Shown(signedIn, desk, status);
    }

    private static IResult List([AsParameters] PageQuery query, string? account, HttpContext context, SessionDesk desk, AccountBook book)
    {
        if (Ownership.Read(context, account, book, out var of) is { } fault)
            return fault;
        var scope = $"sessions {account}";
        if (StoredPage.Read(query, scope, out var page) is { } wrong)
            return Problems.BadRequest(wrong);
        var current = context.SignedIn().Session?.Id;
        var found = desk.List(session => session.Id < page.Before && (of is null || session.AccountId == of))
            .Take(page.Limit + 1).ToList();
        return Results.Json(
            StoredPage.Of(found, page.Limit, scope, session => session.Id, session => Item(
                session, book.Find(session.AccountId)?.Name ?? "", desk, session.Id == current)),
            AccountJson.Default.PageSessionItem);
    }

    private static SessionItem Item(StoredSession session, string owner, SessionDesk desk, bool isCurrent) => new(
        session.Id, owner, session.CreatedMicros, session.SeenMicros, desk.EndsMicros(session), session.Address,
        session.Agent, isCurrent);

    private static IResult End(long id, HttpContext context, SessionDesk desk, AccountBook book)
    {
        var asks = context.SignedIn();
        var session = book.Sessions.FirstOrDefault(known => known.Id == id);
        // Another's does not exist for who may not see it.
        if (session is null || (asks.Caller.Role < Role.Admin && session.AccountId != asks.Account?.Id))
            return Problems.NotFound($"there is no session {id}; GET /api/v1/sessions lists those that there are");
        var (note, owner) = (context.AuditNote(), book.Find(session.AccountId)?.Name ?? "");
        note.Target = $"{owner}/{id}";
        note.Before = Item(session, owner, desk, id == asks.Session?.Id);
        desk.End(id);
        return Results.NoContent();
    }

    private static IResult Shown(SignedIn signedIn, SessionDesk desk, int status = StatusCodes.Status200OK)
    {
        var caller = signedIn.Caller;
        return Results.Json(
            new SessionView(
                caller.Name, CallerKinds.NameOf(caller.Role), caller.Tenant.Value, caller.Sites?.Order().ToList(),
                CallerKinds.NameOf(caller.Kind), CallerKinds.NamesOf(caller.Scopes), signedIn.Csrf,
                signedIn.Session is { } session ? desk.EndsMicros(session) : signedIn.Token?.ExpiresMicros,
                [.. signedIn.Rights.OperatorSites.Order()]),
            AccountJson.Default.SessionView, statusCode: status);
    }

    // Signed in by another site, somebody would work under a name that is not theirs.
    private static bool IsFromElsewhere(HttpContext context) =>
        context.Request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site";

    private static IResult Elsewhere() => Problems.Result(
        StatusCodes.Status403Forbidden, "not allowed", "the browser says that another site asks: open the hub's own page");

    private static IResult Busy(HttpContext context)
    {
        Problems.RetryAfter(context, TimeSpan.FromSeconds(1));
        return Problems.Unavailable("too many sign in at once: try again in a second");
    }
}
