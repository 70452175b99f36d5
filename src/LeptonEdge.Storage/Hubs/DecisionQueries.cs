using LeptonEdge.Core.Identity;
using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Hubs;

/// <summary>Plans, and the decisions that led to them with all their inputs. Both are kept up to a number and a size; the
/// oldest go first.</summary>
public static class DecisionQueries
{
    /// <summary>Decisions that are kept.</summary>
    public const int DecisionsMax = 2_000;

    private const int PlansMax = 10_000;
    private const long BytesMax = 256L * 1024 * 1024;

    /// <summary>Adds a plan to the history; a version that is there already is replaced.</summary>
    /// <param name="moves">Those that led to it, in the order of their decision.</param>
    public static void AppendPlan(
        this HubStore store, TenantId tenant, ulong version, ReadOnlySpan<byte> content,
        IReadOnlyList<StoredMove>? moves = null) =>
        Append(store, "plan", "content", PlansMax, tenant, version, content.ToArray(), moves ?? []);

    /// <summary>Adds the decision that led to a plan.</summary>
    public static void AppendDecision(
        this HubStore store, TenantId tenant, ulong version, ReadOnlySpan<byte> inputs) =>
        Append(store, "decision", "inputs", DecisionsMax, tenant, version, inputs.ToArray(), []);

    /// <summary>The newest plans, newest first.</summary>
    /// <param name="before">Only those of a lower version.</param>
    public static IReadOnlyList<StoredPlan> Plans(
        this HubStore store, TenantId tenant, int limit = 1, long before = long.MaxValue) =>
        store.Read(database =>
    {
        var rows = database.Cached(
            "SELECT version, content, time FROM plan WHERE tenant = ?1 AND version < ?3 ORDER BY version DESC LIMIT ?2")
            .Bind(1, tenant.Value).Bind(2, limit).Bind(3, before);
        var plans = new List<StoredPlan>();
        while (rows.Step())
            plans.Add(new StoredPlan(rows.UInt64(0), rows.Blob(1).ToArray(), rows.Int64(2)));
        return plans;
    });

    /// <summary>Versions of the plans whose decision is kept, newest first.</summary>
    public static IReadOnlyList<ulong> DecisionVersions(this HubStore store, TenantId tenant, int limit) =>
        store.Read(database =>
    {
        var rows = database.Cached("SELECT version FROM decision WHERE tenant = ?1 ORDER BY version DESC LIMIT ?2")
            .Bind(1, tenant.Value).Bind(2, limit);
        var versions = new List<ulong>();
        while (rows.Step())
            versions.Add(rows.UInt64(0));
        return versions;
    });

    /// <summary>The decision that led to a plan; null when it is not kept.</summary>
    public static byte[]? Decision(this HubStore store, TenantId tenant, ulong version) => store.Read(database =>
    {
        var row = database.Cached("SELECT inputs FROM decision WHERE tenant = ?1 AND version = ?2")
            .Bind(1, tenant.Value).Bind(2, version);
        return row.Step() ? row.Blob(0).ToArray() : null;
    });

    private static void Append(
        HubStore store, string table, string column, int countMax, TenantId tenant, ulong version, byte[] content,
        IReadOnlyList<StoredMove> moves)
    {
        var now = store.NowMicros;
        // As if all were as large as this one: near enough, and it need not read them all.
        var kept = (ulong)Math.Clamp(BytesMax / Math.Max(1, content.Length), 10, countMax);
        store.Write(writer =>
        {
            writer.Database.Cached(
                $"INSERT OR REPLACE INTO {table} (tenant, version, {column}, time) VALUES (?1, ?2, ?3, ?4)")
                .Bind(1, tenant.Value).Bind(2, version).Bind(3, content).Bind(4, now).Run();
            writer.Database.Cached($"DELETE FROM {table} WHERE tenant = ?1 AND version <= ?2")
                .Bind(1, tenant.Value).Bind(2, version > kept ? version - kept : 0ul).Run();
            MoveTable.Add(writer.Database, tenant.Value, version, moves);
            return 0;
        });
    }
}
