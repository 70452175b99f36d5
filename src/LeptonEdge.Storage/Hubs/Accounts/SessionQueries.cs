using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Hubs.Accounts;

/// <summary>Who is signed in where. A session is known by the SHA-256 of its secret.</summary>
public static class SessionQueries
{
    private const string Columns = "id, account_id, digest, created, seen, address, agent";

    /// <summary>Of all accounts, oldest first.</summary>
    public static IReadOnlyList<StoredSession> Sessions(this HubStore store) => store.Read(database =>
    {
        var rows = database.Cached($"SELECT {Columns} FROM session ORDER BY id LIMIT ?1")
            .Bind(1, (long)AccountLimits.Accounts * AccountLimits.SessionsOfAccount);
        var sessions = new List<StoredSession>();
        while (rows.Step())
            sessions.Add(Row(rows));
        return sessions;
    });

    /// <summary>Adds one; an account that has as many as it may loses its oldest.</summary>
    /// <param name="replaced">Id of one that ends with that; 0 none.</param>
    public static StoredSession AddSession(this HubStore store, NewSession session, long replaced = 0) => store.Write(writer =>
    {
        var (database, now) = (writer.Database, store.NowMicros);
        database.Cached("DELETE FROM session WHERE id = ?1").Bind(1, replaced).Run();
        database.Cached("""
            DELETE FROM session WHERE account_id = ?1 AND id NOT IN
                (SELECT id FROM session WHERE account_id = ?1 ORDER BY seen DESC LIMIT ?2)
            """).Bind(1, session.AccountId).Bind(2, (long)AccountLimits.SessionsOfAccount - 1).Run();
        database.Cached("""
            INSERT INTO session (account_id, digest, created, seen, address, agent) VALUES (?1, ?2, ?3, ?3, ?4, ?5)
            """).Bind(1, session.AccountId).Bind(2, session.Digest).Bind(3, now).Bind(4, session.Address)
            .Bind(5, session.Agent).Run();
        return new StoredSession(
            database.LastInsertId, session.AccountId, session.Digest, now, now, session.Address, session.Agent);
    });

    /// <summary>Notes that it is in use. A power cut may take the newest note back.</summary>
    public static void SeeSession(this HubStore store, long id, long seen) => store.Write(
        writer =>
        {
            writer.Database.Cached("UPDATE session SET seen = ?2 WHERE id = ?1").Bind(1, id).Bind(2, seen).Run();
            return true;
        },
        durable: false);

    /// <returns>False when there was none.</returns>
    public static bool RemoveSession(this HubStore store, long id) => store.Write(writer =>
    {
        writer.Database.Cached("DELETE FROM session WHERE id = ?1").Bind(1, id).Run();
        return writer.Database.Changes == 1;
    });

    /// <summary>Forgets those begun before one time, or not used since another.</summary>
    public static void RemoveSessions(this HubStore store, long begunBefore, long unusedSince) => store.Write(
        writer =>
        {
            writer.Database.Cached("DELETE FROM session WHERE created < ?1 OR seen < ?2")
                .Bind(1, begunBefore).Bind(2, unusedSince).Run();
            return true;
        },
        scoped: false);

    private static StoredSession Row(Statement row) => new(
        row.Int64(0), row.Int64(1), row.Blob(2).ToArray(), row.Int64(3), row.Int64(4), row.Text(5), row.Text(6));
}
