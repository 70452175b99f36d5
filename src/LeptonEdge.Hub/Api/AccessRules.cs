using LeptonEdge.Hub.Accounts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace LeptonEdge.Hub.Api;

/// <summary>Who may call an endpoint; without a word of its own, whoever has the role that it needs.</summary>
public enum Access
{
    /// <summary>A caller whose role suffices.</summary>
    Role,

    /// <summary>Anyone who reaches the port.</summary>
    Open,

    /// <summary>Open on the loopback listener, else for callers.</summary>
    OpenOnLoopback,

    /// <summary>A certificate of the fleet, device or hub, or else a caller.</summary>
    FleetOrOperator,
}

/// <summary>Metadata of an endpoint.</summary>
internal sealed record AccessRule(Access Access);

/// <summary>Metadata of an endpoint: the least role that may call it.</summary>
internal sealed record RoleRule(Role Role);

/// <summary>Metadata of an endpoint that cannot be narrowed to some sites.</summary>
internal sealed record AllSitesRule;

internal static class AccessRules
{
    /// <summary>Only callers who see all sites may call this.</summary>
    public static TBuilder NeedsAllSites<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new AllSitesRule());

    /// <summary>The least role that may call this. Without it GET and HEAD need a viewer, all else an operator.</summary>
    public static TBuilder Needs<TBuilder>(this TBuilder builder, Role role)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new RoleRule(role));

    /// <summary>Anyone who reaches the port may call this.</summary>
    public static TBuilder IsOpen<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new AccessRule(Access.Open));

    public static Access AccessOf(Endpoint? endpoint) =>
        endpoint?.Metadata.GetMetadata<AccessRule>()?.Access ?? Access.Role;

    public static Role RoleFor(Endpoint? endpoint, string method) =>
        endpoint?.Metadata.GetMetadata<RoleRule>()?.Role ?? (Reads(method) ? Role.Viewer : Role.Operator);

    /// <summary>What a token must be good for; any of these.</summary>
    public static Scopes ScopesFor(Access access, string method) => access switch
    {
        Access.FleetOrOperator => Scopes.Infer,
        Access.OpenOnLoopback => Scopes.Metrics | Scopes.Read,
        _ => Reads(method) ? Scopes.Read : Scopes.Change,
    };

    /// <summary>Changes nothing, by HTTP's own rules.</summary>
    public static bool Reads(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method);
}
