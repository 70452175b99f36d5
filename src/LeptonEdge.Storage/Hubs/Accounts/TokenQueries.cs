using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Hubs.Accounts;

/// <summary>Personal access tokens. One is known by the SHA-256 of its text, which is kept nowhere.</summary>
public static class TokenQueries
{
    private const string Columns = "id, account_id, digest, name, role, scopes, sites, created, expires, used";

    /// <summary>Of all accounts, oldest first.</summary>
    public static IReadOnlyList<StoredToken> Tokens(this HubStore store) => store.Read(database =>
    {
        var rows = database.Cached($"SELECT {Columns} FROM access_token ORDER BY id LIMIT ?1")
            .Bind(1, (long)AccountLimits.Accounts * AccountLimits.TokensOfAccount);
        var tokens = new List<StoredToken>();
        while (rows.Step())
            tokens.Add(Row(rows));
        return tokens;
    });

    /// <returns>Null when the account has as many as it may.</returns>
    public static StoredToken? AddToken(this HubStore store, NewToken token) => store.Write<StoredToken?>(writer =>
    {
        var (database, now) = (writer.Database, store.NowMicros);
        if (database.Cached("SELECT count(*) FROM access_token WHERE account_id = ?1").Bind(1, token.AccountId).Number()
            >= AccountLimits.TokensOfAccount)
            return null;
        database.Cached("""
            INSERT INTO access_token (account_id, digest, name, role, scopes, sites, created, expires)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            """).Bind(1, token.AccountId).Bind(2, token.Digest).Bind(3, token.Name).Bind(4, (long)token.Role)
            .Bind(5, (long)token.Scopes).BindOptional(6, AccountQueries.Join(token.Sites)).Bind(7, now)
            .Bind(8, token.ExpiresMicros).Run();
        return new StoredToken(
            database.LastInsertId, token.AccountId, token.Digest, token.Name, token.Role, token.Scopes, token.Sites, now,
            token.ExpiresMicros, 0);
    });

    /// <summary>Notes that it is in use. A power cut may take the newest note back.</summary>
    public static void UseToken(this HubStore store, long id, long used) => store.Write(
        writer =>
        {
            writer.Database.Cached("UPDATE access_token SET used = ?2 WHERE id = ?1").Bind(1, id).Bind(2, used).Run();
            return true;
        },
        durable: false);

    /// <returns>False when there was none.</returns>
    public static bool RemoveToken(this HubStore store, long id) => store.Write(writer =>
    {
        writer.Database.Cached("DELETE FROM access_token WHERE id = ?1").Bind(1, id).Run();
        return writer.Database.Changes == 1;
    });

    private static StoredToken Row(Statement row) => new(
        row.Int64(0), row.Int64(1), row.Blob(2).ToArray(), row.Text(3), row.Int32(4), row.Int32(5),
        AccountQueries.Split(row, 6), row.Int64(7), row.Int64(8), row.Int64(9));
}
