using LeptonEdge.Core.Identity;
using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Hubs;

/// <summary>Rows that were sent for jobs, block by block.</summary>
public static class JobInputQueries
{
    /// <summary>Blocks of one input.</summary>
    public const int BlocksMax = 1 << HubSchema.PartBits;

    /// <summary>Begins an input without blocks.</summary>
    public static StoredJobInput AddJobInput(this HubStore store, TenantId tenant)
    {
        var now = store.NowMicros;
        return store.Write(writer =>
        {
            writer.Database.Cached("INSERT INTO job_input (tenant, created) VALUES (?1, ?2)")
                .Bind(1, tenant.Value).Bind(2, now).Run();
            return Find(writer.Database, tenant, writer.Database.LastInsertId)!;
        });
    }

    /// <summary>Adds a block behind the others.</summary>
    /// <param name="block">Its number: what is there already is taken for sent twice, and left as it is.</param>
    /// <returns>The input as it is then; null when there is none, a job reads it already, blocks before this are
    /// missing, or no more bytes or blocks are kept.</returns>
    public static StoredJobInput? AddJobBlock(
        this HubStore store, TenantId tenant, long input, int block, int rows, byte[] data, JobLimits limits) =>
        store.Write(writer =>
        {
            var database = writer.Database;
            if (Find(database, tenant, input) is not { } there || block > there.Blocks || block >= BlocksMax)
                return null;
            if (block < there.Blocks)
                return there;
            if (IsRead(database, input) || JobQueries.Bytes(database) + data.Length > limits.BytesMax)
                return null;
            database.Cached("INSERT INTO job_block (id, data) VALUES (?1, ?2)")
                .Bind(1, (input << HubSchema.PartBits) + block).Bind(2, data).Run();
            database.Cached(
                "UPDATE job_input SET blocks = blocks + 1, rows = rows + ?2, bytes = bytes + ?3 WHERE id = ?1")
                .Bind(1, input).Bind(2, (long)rows).Bind(3, (long)data.Length).Run();
            return Find(database, tenant, input);
        });

    /// <summary>Null when there is no such input.</summary>
    public static StoredJobInput? JobInput(this HubStore store, TenantId tenant, long id) =>
        store.Read(database => Find(database, tenant, id));

    /// <summary>Null when there is no such block.</summary>
    public static byte[]? JobBlock(this HubStore store, long input, int block) => store.Read(database =>
    {
        var row = database.Cached("SELECT data FROM job_block WHERE id = ?1")
            .Bind(1, (input << HubSchema.PartBits) + block);
        return row.Step() ? row.Blob(0).ToArray() : null;
    });

    internal static StoredJobInput? Find(Database database, TenantId tenant, long id)
    {
        var row = database.Cached("SELECT id, blocks, rows, bytes FROM job_input WHERE tenant = ?1 AND id = ?2")
            .Bind(1, tenant.Value).Bind(2, id);
        var input = row.Step()
            ? new StoredJobInput(row.Int64(0), row.Int32(1), row.Int64(2), row.Int64(3))
            : null;
        row.Reset();
        return input;
    }

    private static bool IsRead(Database database, long input)
    {
        var row = database.Cached("SELECT 1 FROM job WHERE input = ?1").Bind(1, input);
        var read = row.Step();
        row.Reset();
        return read;
    }
}
