using LeptonEdge.Hub.Accounts;
using Microsoft.AspNetCore.Http;

namespace LeptonEdge.Hub.Api.Accounts;

/// <summary>Whose sessions and tokens a request is about: one's own, or as an administrator another's.</summary>
internal static class Ownership
{
    private const string Everybody = "*";

    /// <param name="account">As the request names it; null: one's own, and for the operator's token, which has none,
    /// everybody's.</param>
    /// <param name="of">Id of the account; null: of all.</param>
    /// <returns>What is wrong; null when nothing is.</returns>
    public static IResult? Read(HttpContext context, string? account, AccountBook book, out long? of)
    {
        var asks = context.SignedIn();
        of = asks.Account?.Id;
        if (account is null || account == asks.Account?.Name)
            return null;
        if (asks.Caller.Role < Role.Admin)
            return Problems.Result(
                StatusCodes.Status403Forbidden, "not allowed", "account: another's needs the role admin; leave it out");
        if (account == Everybody)
        {
            of = null;
            return null;
        }

        of = book.Find(account)?.Id;
        return of is null ? Problems.NotFound(Unknown(account)) : null;
    }

    public static string Unknown(string account) =>
        $"there is no account '{(account.Length <= AccountRules.NameMax ? account : account[..AccountRules.NameMax])}'; "
        + "GET /api/v1/accounts lists those that there are";
}
