using System.Text.RegularExpressions;
using LeptonEdge.Storage.Hubs.Accounts;

namespace LeptonEdge.Hub.Accounts;

/// <summary>What names, sites and passwords may be. Every fault is a sentence that begins with the field.</summary>
internal static partial class AccountRules
{
    public const int NameMax = 64;
    public const int PasswordMin = 12;
    public const int PasswordMax = 256;
    private const int LettersMin = 5;
    private const int NameCheckedMin = 4;
    private const int SiteMax = 128;

    // What the hub calls itself, its token, and whoever it does not know.
    private static readonly string[] s_taken = [Caller.OperatorName, "hub", "nobody"];

    // Of the lists of what people take, those that are long enough to pass otherwise.
    private static readonly string[] s_common =
    [
        "password", "passwort", "qwertyuiop", "1234567890", "0987654321", "abcdefghij", "letmein", "iloveyou", "welcome",
        "administrator", "changeme", "leptonedge", "trustno1", "sunshine", "superman", "football", "monkey", "dragon",
    ];

    public static string? Name(string? name) => name is null || !NameForm().IsMatch(name)
        ? $"name: takes 1 to {NameMax} of a to z, 0 to 9 and . _ @ -, and begins with a letter or digit"
        : s_taken.Contains(name) ? $"name: '{name}' is the hub's own: choose another" : null;

    /// <param name="field">What the request calls it.</param>
    public static string? Password(string name, string? password, string field = "password")
    {
        if (password is null || password.Length < PasswordMin)
            return $"{field}: must have {PasswordMin} characters or more; some words in a row will do";
        if (password.Length > PasswordMax)
            return $"{field}: must have at most {PasswordMax} characters";
        // Shorter ones are parts of words.
        if (name.Length >= NameCheckedMin && password.Contains(name, StringComparison.OrdinalIgnoreCase))
            return $"{field}: must not have the account's name in it";
        if (password.Distinct().Count() < LettersMin)
            return $"{field}: must have {LettersMin} different characters or more";
        // A common one with some digits around it is a common one.
        var rest = s_common.Aggregate(password.ToLowerInvariant(), (text, common) => text.Replace(common, ""));
        return rest.Length < password.Length && rest.Count(char.IsLetter) < LettersMin
            ? $"{field}: is one that everybody tries; choose some words that do not belong together"
            : null;
    }

    /// <param name="sites">Null: all of them.</param>
    public static string? Sites(IReadOnlyList<string>? sites, Role role)
    {
        if (sites is null)
            return null;
        if (role == Role.Admin)
            return "sites: an administrator has all sites; leave it out, or choose another role";
        if (sites.Count is 0 or > AccountLimits.Sites)
            return $"sites: name 1 to {AccountLimits.Sites} sites, or leave it out for all of them";
        if (sites.Any(site => string.IsNullOrWhiteSpace(site) || site.Length > SiteMax || site.Any(char.IsControl)))
            return $"sites: each is a name of 1 to {SiteMax} characters";
        return sites.Distinct().Count() < sites.Count ? "sites: one is named twice" : null;
    }

    /// <param name="operators">Null: nowhere.</param>
    public static string? OperatorSites(IReadOnlyList<string>? operators, Role role)
    {
        if (operators is null or [])
            return null;
        return role != Role.Viewer
            ? "operatorSites: an operator or administrator is one everywhere; leave it out, or take the role viewer"
            : Sites(operators, role) is { } fault ? $"operatorSites{fault[fault.IndexOf(':')..]}" : null;
    }

    [GeneratedRegex(@"^[a-z0-9][a-z0-9._@-]{0,63}\z")]
    private static partial Regex NameForm();
}

/// <summary>How long an account is locked after wrong passwords: the fifth in a row locks it for a minute, each further one
/// for twice as long, up to an hour. While it is locked, tries count for nothing.</summary>
internal static class LockRule
{
    public const int FreeTries = 5;
    private static readonly TimeSpan s_first = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_longest = TimeSpan.FromHours(1);

    public static TimeSpan LockOf(int failures)
    {
        if (failures < FreeTries)
            return TimeSpan.Zero;
        // Beyond ten doublings it is the longest anyway.
        var doubled = s_first * Math.Pow(2, Math.Min(failures - FreeTries, 10));
        return doubled < s_longest ? doubled : s_longest;
    }
}
