using System.Text.Json.Serialization;
using LeptonEdge.Core;
using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Api.Audit;
using LeptonEdge.Storage.Hubs.Accounts;

namespace LeptonEdge.Hub.Api.Accounts;

/// <summary>From what the store keeps of accounts to what the API says.</summary>
internal static class AccountViews
{
    public static AccountView Of(StoredAccount account, AccountBook book, SessionDesk sessions, TimeProvider clock) => new(
        account.Name, CallerKinds.NameOf((Role)account.Role), account.Sites, account.CreatedMicros,
        account.LastSignInMicros == 0 ? null : account.LastSignInMicros,
        account.LockedUntilMicros > clock.GetUnixMicros() ? account.LockedUntilMicros : null,
        sessions.List(session => session.AccountId == account.Id).Count,
        book.Tokens.Count(token => token.AccountId == account.Id), account.OperatorSites ?? []);

    public static AccountRights RightsOf(StoredAccount account) =>
        new(CallerKinds.NameOf((Role)account.Role), account.Sites, account.OperatorSites);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SignInLink))]
[JsonSerializable(typeof(SignInRequest))]
[JsonSerializable(typeof(WelcomeRequest))]
[JsonSerializable(typeof(SessionView))]
[JsonSerializable(typeof(PasswordChange))]
[JsonSerializable(typeof(PasswordReset))]
[JsonSerializable(typeof(AccountRequest))]
[JsonSerializable(typeof(AccountRights))]
[JsonSerializable(typeof(AccountView))]
[JsonSerializable(typeof(TokenRequest))]
[JsonSerializable(typeof(TokenView))]
[JsonSerializable(typeof(Page<SessionItem>))]
[JsonSerializable(typeof(Page<AccountView>))]
[JsonSerializable(typeof(Page<TokenView>))]
[JsonSerializable(typeof(Page<AuditItem>))]
[JsonSerializable(typeof(AuditVerdictView))]
[JsonSerializable(typeof(string))]
internal sealed partial class AccountJson : JsonSerializerContext;
