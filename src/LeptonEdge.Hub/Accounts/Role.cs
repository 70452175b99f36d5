namespace LeptonEdge.Hub.Accounts;

/// <summary>What somebody may do; each role may do what those before it may.</summary>
public enum Role
{
    /// <summary>Sees everything but accounts, tokens of others, settings and audit.</summary>
    Viewer,

    /// <summary>Also changes what the fleet does: alarms, pins, drains, models, commands, jobs.</summary>
    Operator,

    /// <summary>Also says who may do what, and reads the audit log.</summary>
    Admin,
}

/// <summary>How somebody proved who they are.</summary>
public enum CallerKind
{
    /// <summary>Signed in on the page.</summary>
    Session,

    /// <summary>A personal access token, for scripts.</summary>
    Token,

    /// <summary>The token in <c>operator.token</c>: whoever reads the hub's data folder is its administrator.</summary>
    OperatorToken,
}

/// <summary>Parts of the API that a token may be limited to; what the role forbids stays forbidden.</summary>
[Flags]
public enum Scopes
{
    None = 0,

    /// <summary>GET and HEAD.</summary>
    Read = 1,

    /// <summary>Everything that is not GET or HEAD.</summary>
    Change = 2,

    /// <summary>The inference protocol, and jobs over gRPC.</summary>
    Infer = 4,

    /// <summary><c>/metrics</c>, for a scraper that needs nothing else.</summary>
    Metrics = 8,

    All = Read | Change | Infer | Metrics,
}
