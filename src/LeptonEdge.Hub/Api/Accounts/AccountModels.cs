using System.Text.Json.Serialization;

namespace LeptonEdge.Hub.Api.Accounts;

/// <summary>Signs in.</summary>
/// <param name="Name">Of the account.</param>
/// <param name="Password">In clear; it is never kept.</param>
public sealed record SignInRequest(string Name, string Password);

/// <summary>Makes the first administrator's account.</summary>
/// <param name="Code">From the link in the hub's log.</param>
/// <param name="Name">1 to 64 of a to z, 0 to 9 and . _ @ -.</param>
/// <param name="Password">12 characters or more.</param>
public sealed record WelcomeRequest(string Code, string Name, string Password);

/// <summary>A link that signs a browser in, once.</summary>
/// <param name="Path">Where it leads on this hub.</param>
/// <param name="ExpiresMicros">Until when it is good, microseconds since 1970-01-01 UTC.</param>
public sealed record SignInLink(string Path, long ExpiresMicros);

/// <summary>Who asks, and what they may do.</summary>
/// <param name="Name">Of the account; <c>operator</c> for the hub's own token.</param>
/// <param name="Role"><c>viewer</c>, <c>operator</c> or <c>admin</c>.</param>
/// <param name="Tenant">The fleet that this hub serves.</param>
/// <param name="Sites">The only sites that exist for this caller; null: all of them.</param>
/// <param name="Kind"><c>session</c>, <c>token</c> or <c>operatorToken</c>.</param>
/// <param name="Scopes">What a token is for: <c>read</c>, <c>change</c>, <c>infer</c>, <c>metrics</c>.</param>
/// <param name="Csrf">What each change must carry in the header <c>x-lepton-csrf</c>; null where none is needed.</param>
/// <param name="ExpiresMicros">When session or token ends, unless it is used before; microseconds since 1970; null:
/// never.</param>
/// <param name="OperatorSites">Where a viewer is an operator; empty: nowhere.</param>
public sealed record SessionView(
    string Name, string Role, string Tenant, IReadOnlyList<string>? Sites, string Kind, IReadOnlyList<string> Scopes,
    string? Csrf, long? ExpiresMicros, IReadOnlyList<string> OperatorSites);

/// <summary>Changes one's own password; every other session of the account ends.</summary>
/// <param name="Current">The one until now.</param>
/// <param name="Password">12 characters or more.</param>
/// <param name="RevokeTokens">Whether its tokens end too, as they should when somebody else may know the password; false
/// where it is left out.</param>
public sealed record PasswordChange(string Current, string Password, bool? RevokeTokens = null);

/// <summary>A session of the page.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Account">Whose it is.</param>
/// <param name="CreatedMicros">When it began, microseconds since 1970.</param>
/// <param name="SeenMicros">When it was used last, to a minute or so.</param>
/// <param name="ExpiresMicros">When it ends, unless it is used before.</param>
/// <param name="Address">Where it was begun from.</param>
/// <param name="Agent">What the browser called itself.</param>
/// <param name="Current">It is the one that asks.</param>
public sealed record SessionItem(
    long Id, string Account, long CreatedMicros, long SeenMicros, long ExpiresMicros, string Address, string Agent,
    bool Current);

/// <summary>A new account.</summary>
/// <param name="Name">1 to 64 of a to z, 0 to 9 and . _ @ -.</param>
/// <param name="Password">12 characters or more.</param>
/// <param name="Role"><c>viewer</c>, <c>operator</c> or <c>admin</c>.</param>
/// <param name="Sites">The only sites that it sees; leave it out for all of them. An administrator has all.</param>
/// <param name="OperatorSites">Where a viewer is an operator, beside what it sees; leave it out for nowhere.</param>
public sealed record AccountRequest(
    string Name, string Password, string Role, IReadOnlyList<string>? Sites = null,
    IReadOnlyList<string>? OperatorSites = null);

/// <summary>What an account may do from now on.</summary>
/// <param name="Role"><c>viewer</c>, <c>operator</c> or <c>admin</c>.</param>
/// <param name="Sites">The only sites that it sees; leave it out for all of them. An administrator has all.</param>
/// <param name="OperatorSites">Where a viewer is an operator, beside what it sees; leave it out for nowhere.</param>
public sealed record AccountRights(
    string Role, IReadOnlyList<string>? Sites = null, IReadOnlyList<string>? OperatorSites = null);

/// <summary>Another password for an account; all its sessions end, and a lock.</summary>
/// <param name="Password">12 characters or more.</param>
/// <param name="RevokeTokens">Whether its tokens end too; true where it is left out.</param>
public sealed record PasswordReset(string Password, bool? RevokeTokens = null);

/// <summary>An account.</summary>
/// <param name="Name">Of the account.</param>
/// <param name="Role"><c>viewer</c>, <c>operator</c> or <c>admin</c>.</param>
/// <param name="Sites">The only sites that it sees; null: all of them.</param>
/// <param name="CreatedMicros">When it was made, microseconds since 1970.</param>
/// <param name="LastSignInMicros">Null: never.</param>
/// <param name="LockedUntilMicros">Null: it is not locked.</param>
/// <param name="Sessions">Where it is signed in now.</param>
/// <param name="Tokens">That it has, expired ones too.</param>
/// <param name="OperatorSites">Where a viewer is an operator; empty: nowhere.</param>
public sealed record AccountView(
    string Name, string Role, IReadOnlyList<string>? Sites, long CreatedMicros, long? LastSignInMicros,
    long? LockedUntilMicros, int Sessions, int Tokens, IReadOnlyList<string> OperatorSites);

/// <summary>A new personal access token.</summary>
/// <param name="Name">What it is for, 1 to 64 characters.</param>
/// <param name="Account">Whose; leave it out for one's own. For another's it takes an administrator.</param>
/// <param name="Role">At most the account's, which it is where this is left out.</param>
/// <param name="Scopes">Of <c>read</c>, <c>change</c>, <c>infer</c>, <c>metrics</c>; <c>read</c> where it is left
/// out.</param>
/// <param name="Sites">At most those of the account; leave it out for the same.</param>
/// <param name="Days">How long it is good for, 1 to 366; 90 where it is left out.</param>
public sealed record TokenRequest(
    string Name, string? Account = null, string? Role = null, IReadOnlyList<string>? Scopes = null,
    IReadOnlyList<string>? Sites = null, int? Days = null);

/// <summary>A personal access token.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Account">Whose it is.</param>
/// <param name="Name">What it is for.</param>
/// <param name="Role">At most this; less where the account has less by now.</param>
/// <param name="Scopes">What it is for: <c>read</c>, <c>change</c>, <c>infer</c>, <c>metrics</c>.</param>
/// <param name="Sites">The only sites that it sees; null: those of the account.</param>
/// <param name="CreatedMicros">When it was made, microseconds since 1970.</param>
/// <param name="ExpiresMicros">From when on it is good for nothing.</param>
/// <param name="UsedMicros">When it was used last, to a minute or so; null: never.</param>
/// <param name="Token">Its text, in the answer to making it alone: nobody can be shown it again.</param>
public sealed record TokenView(
    long Id, string Account, string Name, string Role, IReadOnlyList<string> Scopes, IReadOnlyList<string>? Sites,
    long CreatedMicros, long ExpiresMicros, long? UsedMicros,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Token = null);
