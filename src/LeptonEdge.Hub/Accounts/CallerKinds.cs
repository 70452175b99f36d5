namespace LeptonEdge.Hub.Accounts;

/// <summary>Roles, kinds and scopes as the API writes them.</summary>
internal static class CallerKinds
{
    private static readonly Scopes[] s_scopes = [Scopes.Read, Scopes.Change, Scopes.Infer, Scopes.Metrics];

    public static string NameOf(CallerKind kind) => kind switch
    {
        CallerKind.Session => "session",
        CallerKind.Token => "token",
        _ => "operatorToken",
    };

    public static string NameOf(Role role) => role.ToString().ToLowerInvariant();

    public static Role? RoleOf(string? name) => name switch
    {
        "viewer" => Role.Viewer, "operator" => Role.Operator, "admin" => Role.Admin,
        _ => null,
    };

    public static IReadOnlyList<string> NamesOf(Scopes scopes) =>
        [.. s_scopes.Where(scope => scopes.HasFlag(scope)).Select(scope => scope.ToString().ToLowerInvariant())];

    /// <summary>Null: one of them is none, or there are none.</summary>
    public static Scopes? ScopesOf(IReadOnlyList<string> names)
    {
        var scopes = Scopes.None;
        foreach (var name in names)
        {
            var scope = Array.Find(s_scopes, known => known.ToString().ToLowerInvariant() == name);
            if (scope == Scopes.None)
                return null;
            scopes |= scope;
        }

        return scopes == Scopes.None ? null : scopes;
    }
}
