using LeptonEdge.Core.Identity;
using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Hubs.Accounts;

/// <summary>Who may do what. An account goes with its sessions and tokens, in one transaction.</summary>
public static class AccountQueries
{
    private const int Admin = 2;
    private const char Separator = '\n';

    private const string Columns =
        "id, name, hash, role, sites, created, version, failures, locked_until, last_sign_in, operator_sites";

    /// <summary>By name; at most <see cref="AccountLimits.Accounts"/>.</summary>
    public static IReadOnlyList<StoredAccount> Accounts(this HubStore store, TenantId tenant) => store.Read(database =>
    {
        var rows = database.Cached($"SELECT {Columns} FROM account WHERE tenant = ?1 ORDER BY name LIMIT ?2")
            .Bind(1, tenant.Value).Bind(2, (long)AccountLimits.Accounts);
        var accounts = new List<StoredAccount>();
        while (rows.Step())
            accounts.Add(Row(rows));
        return accounts;
    });

    /// <param name="first">Only when there is no account yet.</param>
    public static AccountChange AddAccount(this HubStore store, NewAccount account, bool first = false) =>
        store.Write(writer =>
        {
            var database = writer.Database;
            var count = database.Cached("SELECT count(*) FROM account WHERE tenant = ?1").Bind(1, account.Tenant.Value)
                .Number();
            if (first && count > 0)
                return AccountChange.Exists;
            if (count >= AccountLimits.Accounts)
                return AccountChange.Full;
            database.Cached("""
                INSERT OR IGNORE INTO account (tenant, name, hash, role, sites, created, version, operator_sites)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7)
                """).Bind(1, account.Tenant.Value).Bind(2, account.Name).Bind(3, account.Hash)
                .Bind(4, (long)account.Role).BindOptional(5, Join(account.Sites)).Bind(6, store.NowMicros)
                .BindOptional(7, Join(account.OperatorSites)).Run();
            return database.Changes == 1 ? AccountChange.Done : AccountChange.Exists;
        });

    /// <param name="version">What the account must still be at; null: whatever it is.</param>
    public static AccountChange SetRights(
        this HubStore store, long id, long? version, int role, IReadOnlyList<string>? sites,
        IReadOnlyList<string>? operatorSites = null) => store.Write(writer =>
        {
            var database = writer.Database;
            var fault = Changeable(database, id, version, leavesAdmins: role < Admin);
            if (fault == AccountChange.Done)
            {
                database.Cached("""
                    UPDATE account SET role = ?2, sites = ?3, operator_sites = ?4, version = version + 1 WHERE id = ?1
                    """).Bind(1, id).Bind(2, (long)role).BindOptional(3, Join(sites))
                    .BindOptional(4, Join(operatorSites)).Run();
            }

            return fault;
        });

    /// <summary>Another password, which also ends a lock; every session ends but one.</summary>
    /// <param name="keptSession">Id of the one that stays; 0 none.</param>
    /// <param name="revokeTokens">Tokens end too.</param>
    public static AccountChange SetPassword(
        this HubStore store, long id, string hash, long keptSession, bool revokeTokens = false) =>
        store.Write(writer =>
        {
            writer.Database.Cached("""
                UPDATE account SET hash = ?2, version = version + 1, failures = 0, locked_until = 0 WHERE id = ?1
                """).Bind(1, id).Bind(2, hash).Run();
            if (writer.Database.Changes == 0)
                return AccountChange.Missing;
            writer.Database.Cached("DELETE FROM session WHERE account_id = ?1 AND id <> ?2")
                .Bind(1, id).Bind(2, keptSession).Run();
            if (revokeTokens)
                writer.Database.Cached("DELETE FROM access_token WHERE account_id = ?1").Bind(1, id).Run();
            return AccountChange.Done;
        });

    /// <summary>What came of trying to sign in: the hub's own note.</summary>
    public static void SetSignInState(this HubStore store, long id, int failures, long lockedUntil, long lastSignIn) =>
        store.Write(
            writer =>
            {
                writer.Database.Cached(
                    "UPDATE account SET failures = ?2, locked_until = ?3, last_sign_in = ?4 WHERE id = ?1")
                    .Bind(1, id).Bind(2, (long)failures).Bind(3, lockedUntil).Bind(4, lastSignIn).Run();
                return true;
            },
            scoped: false);

    /// <summary>Ends a lock.</summary>
    public static void Unlock(this HubStore store, long id) => store.Write(writer =>
    {
        writer.Database.Cached("UPDATE account SET failures = 0, locked_until = 0 WHERE id = ?1").Bind(1, id).Run();
        return true;
    });

    /// <summary>The same password by a newer way of hashing.</summary>
    public static void Rehash(this HubStore store, long id, string hash) => store.Write(
        writer =>
        {
            writer.Database.Cached("UPDATE account SET hash = ?2 WHERE id = ?1").Bind(1, id).Bind(2, hash).Run();
            return true;
        },
        scoped: false);

    /// <param name="version">What the account must still be at; null: whatever it is.</param>
    public static AccountChange RemoveAccount(this HubStore store, long id, long? version) => store.Write(writer =>
    {
        var database = writer.Database;
        var fault = Changeable(database, id, version, leavesAdmins: true);
        if (fault != AccountChange.Done)
            return fault;
        foreach (var sql in (string[])[
            "DELETE FROM session WHERE account_id = ?1", "DELETE FROM access_token WHERE account_id = ?1",
            "DELETE FROM account WHERE id = ?1"])
            database.Cached(sql).Bind(1, id).Run();
        return AccountChange.Done;
    });

    internal static string? Join(IReadOnlyList<string>? sites) => sites is null ? null : string.Join(Separator, sites);

    internal static IReadOnlyList<string>? Split(Statement row, int column) => row.IsNull(column)
        ? null
        : row.Text(column).Split(Separator, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The first column of the first row; 0 when there is none.</summary>
    internal static long Number(this Statement query)
    {
        var number = query.Step() ? query.Int64(0) : 0;
        query.Reset();
        return number;
    }

    private static AccountChange Changeable(Database database, long id, long? version, bool leavesAdmins)
    {
        var row = database.Cached("SELECT version, role, tenant FROM account WHERE id = ?1").Bind(1, id);
        if (!row.Step())
            return AccountChange.Missing;
        var (current, role, tenant) = (row.Int64(0), row.Int32(1), row.Text(2));
        row.Reset();
        if (version is not null && version != current)
            return AccountChange.Stale;
        return leavesAdmins && role == Admin
            && database.Cached("SELECT count(*) FROM account WHERE tenant = ?1 AND role = 2").Bind(1, tenant).Number() == 1
            ? AccountChange.LastAdmin
            : AccountChange.Done;
    }

    private static StoredAccount Row(Statement row) => new(
        row.Int64(0), row.Text(1), row.Text(2), row.Int32(3), Split(row, 4), row.Int64(5), row.Int64(6), row.Int32(7),
        row.Int64(8), row.Int64(9), Split(row, 10));
}
