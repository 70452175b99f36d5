using LeptonEdge.Core.Identity;
using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Hubs.Documents;

/// <summary>An answer that was given to a request with an Idempotency-Key.</summary>
/// <param name="Digest">Of method, address and body.</param>
public sealed record KeptAnswer(byte[] Digest, int Status, string ContentType, byte[] Content);

/// <summary>Answers that are given again.</summary>
public static class AnswerQueries
{
    /// <summary>Answers kept; the oldest go first.</summary>
    public const int AnswersMax = 10_000;

    /// <summary>The answer that was given to this key since then; null when none was.</summary>
    public static KeptAnswer? Answer(this HubStore store, TenantId tenant, string caller, string key, long sinceMicros) =>
        store.Read(database =>
        {
            var row = database.Cached("""
                SELECT digest, status, type, content FROM answer
                WHERE tenant = ?1 AND caller = ?2 AND key = ?3 AND time >= ?4
                """).Bind(1, tenant.Value).Bind(2, caller).Bind(3, key).Bind(4, sinceMicros);
            return row.Step()
                ? new KeptAnswer(row.Blob(0).ToArray(), row.Int32(1), row.Text(2), row.Blob(3).ToArray())
                : null;
        });

    /// <summary>Keeps an answer to what changed nothing that the store holds.</summary>
    public static void PutAnswer(this HubStore store, KeyedAnswer answer) => store.Write(
        writer =>
        {
            Put(writer.Database, answer, store.NowMicros);
            return true;
        },
        scoped: false);

    /// <summary>Keeps an answer, and gives up those from before its time and those beyond the limit.</summary>
    internal static void Put(Database database, KeyedAnswer keyed, long now)
    {
        var answer = keyed.Answer;
        database.Cached("""
            INSERT OR REPLACE INTO answer (tenant, caller, key, digest, status, type, content, time)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            """).Bind(1, keyed.Tenant.Value).Bind(2, keyed.Caller).Bind(3, keyed.Key).Bind(4, answer.Digest)
            .Bind(5, (long)answer.Status).Bind(6, answer.ContentType).Bind(7, answer.Content).Bind(8, now).Run();
        database.Cached("DELETE FROM answer WHERE id <= ?1 OR time < ?2")
            .Bind(1, database.LastInsertId - AnswersMax).Bind(2, keyed.SinceMicros).Run();
    }
}
