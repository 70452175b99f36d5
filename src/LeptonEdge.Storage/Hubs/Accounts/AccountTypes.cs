using LeptonEdge.Core.Identity;

namespace LeptonEdge.Storage.Hubs.Accounts;

/// <summary>How many of each there may be.</summary>
public static class AccountLimits
{
    public const int Accounts = 1_000;
    public const int SessionsOfAccount = 50;
    public const int TokensOfAccount = 100;
    public const int Sites = 256;
}

/// <param name="Hash">As the password's hasher made it.</param>
/// <param name="Role">0 viewer, 1 operator, 2 admin.</param>
/// <param name="Sites">Null: all.</param>
/// <param name="OperatorSites">Where a viewer is an operator; null: nowhere.</param>
/// <param name="Version">Grows with each change of role, sites or password.</param>
/// <param name="Failures">Wrong passwords since the last right one.</param>
public sealed record StoredAccount(
    long Id, string Name, string Hash, int Role, IReadOnlyList<string>? Sites, long CreatedMicros, long Version,
    int Failures, long LockedUntilMicros, long LastSignInMicros, IReadOnlyList<string>? OperatorSites = null);

/// <param name="Role">0 viewer, 1 operator, 2 admin.</param>
/// <param name="OperatorSites">Where a viewer is an operator; null: nowhere.</param>
public sealed record NewAccount(
    TenantId Tenant, string Name, string Hash, int Role, IReadOnlyList<string>? Sites,
    IReadOnlyList<string>? OperatorSites = null);

public enum AccountChange
{
    Done,
    Missing,

    /// <summary>An account of that name is there.</summary>
    Exists,

    /// <summary>Somebody else changed it meanwhile.</summary>
    Stale,

    /// <summary>Nobody would be left who may say who may do what.</summary>
    LastAdmin,
    Full,
}

/// <param name="SeenMicros">When it was used last, to a minute or so.</param>
/// <param name="Agent">What the browser calls itself.</param>
public sealed record StoredSession(
    long Id, long AccountId, byte[] Digest, long CreatedMicros, long SeenMicros, string Address, string Agent);

public sealed record NewSession(long AccountId, byte[] Digest, string Address, string Agent);

/// <param name="Role">Whoever uses it has this role, or the account's if that is less.</param>
/// <param name="Scopes">Bits; what they mean is the API's matter.</param>
/// <param name="Sites">Null: those of the account.</param>
/// <param name="UsedMicros">When it was used last, to a minute or so; 0 never.</param>
public sealed record StoredToken(
    long Id, long AccountId, byte[] Digest, string Name, int Role, int Scopes, IReadOnlyList<string>? Sites,
    long CreatedMicros, long ExpiresMicros, long UsedMicros);

public sealed record NewToken(
    long AccountId, byte[] Digest, string Name, int Role, int Scopes, IReadOnlyList<string>? Sites, long ExpiresMicros);
