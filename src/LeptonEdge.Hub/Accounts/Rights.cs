using LeptonEdge.Storage.Hubs.Accounts;

namespace LeptonEdge.Hub.Accounts;

/// <summary>What somebody may do, and where.</summary>
/// <param name="Role">Everywhere that they see.</param>
/// <param name="Sites">That they see; null: all.</param>
/// <param name="OperatorSites">Where a viewer is an operator.</param>
internal sealed record Rights(Role Role, IReadOnlySet<string>? Sites, IReadOnlySet<string> OperatorSites)
{
    public static readonly Rights Everything = new(Role.Admin, null, new HashSet<string>());

    /// <summary>The highest that they have anywhere.</summary>
    public Role Highest => Role == Role.Viewer && OperatorSites.Count > 0 ? Role.Operator : Role;

    public static Rights Of(StoredAccount account) => new(
        (Role)account.Role, account.Sites?.Concat(account.OperatorSites ?? []).ToHashSet(),
        (account.OperatorSites ?? []).ToHashSet());

    /// <summary>At most the role, the sites, or both, of a token.</summary>
    public Rights Within(StoredToken token)
    {
        var sites = token.Sites is null ? Sites : token.Sites.Where(site => Sites?.Contains(site) != false).ToHashSet();
        var operatorSites = (Role)token.Role < Role.Operator
            ? []
            : OperatorSites.Where(site => sites?.Contains(site) != false).ToHashSet();
        return new Rights((Role)Math.Min(token.Role, (int)Role), sites, operatorSites);
    }

    /// <summary>Role and sites of a request that needs a role: only where they have it. Null: nowhere.</summary>
    public (Role Role, IReadOnlySet<string>? Sites)? For(Role needed) => Role >= needed ? (Role, Sites)
        : needed == Role.Operator && OperatorSites.Count > 0 ? (Role.Operator, OperatorSites)
        : null;
}
