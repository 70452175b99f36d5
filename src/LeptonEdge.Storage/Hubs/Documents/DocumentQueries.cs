using LeptonEdge.Core.Identity;
using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Hubs.Documents;

/// <summary>Something that people wrote about a part of the fleet: a device's tags, a site's place, a saved view.</summary>
/// <param name="Version">Rises with every change; 1 for a new one.</param>
/// <param name="TimeMicros">Hub time of the last change.</param>
public sealed record Document(string Name, byte[] Content, long Version, long TimeMicros);

/// <summary>Small documents by kind and name.</summary>
public static class DocumentQueries
{
    /// <summary>What layout 8 has more for documents.</summary>
    internal const string Create = """

        CREATE TABLE document (tenant TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, content BLOB NOT NULL,
            version INTEGER NOT NULL, time INTEGER NOT NULL, PRIMARY KEY (tenant, kind, name));
        CREATE TABLE answer (id INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, caller TEXT NOT NULL,
            key TEXT NOT NULL, digest BLOB NOT NULL, status INTEGER NOT NULL, type TEXT NOT NULL, content BLOB NOT NULL,
            time INTEGER NOT NULL, UNIQUE (tenant, caller, key));
        """;

    /// <summary>All of a kind, by name.</summary>
    public static IReadOnlyList<Document> Documents(this HubStore store, TenantId tenant, string kind) =>
        store.Read(database =>
        {
            var rows = database.Cached("""
                SELECT name, content, version, time FROM document WHERE tenant = ?1 AND kind = ?2 ORDER BY name
                """).Bind(1, tenant.Value).Bind(2, kind);
            var found = new List<Document>();
            while (rows.Step())
                found.Add(new Document(rows.Text(0), rows.Blob(1).ToArray(), rows.Int64(2), rows.Int64(3)));
            return found;
        });

    public static bool HasDocument(this HubStore store, TenantId tenant, string kind, string name) =>
        store.Read(database => database.Cached(
            "SELECT 1 FROM document WHERE tenant = ?1 AND kind = ?2 AND name = ?3")
            .Bind(1, tenant.Value).Bind(2, kind).Bind(3, name).Step());

    /// <summary>Null when there is none.</summary>
    public static Document? Document(this HubStore store, TenantId tenant, string kind, string name) =>
        store.Read(database => Find(database, tenant, kind, name));

    /// <summary>Writes one; it is on the disk when this returns.</summary>
    /// <param name="expected">Only if it has this version; 0 for one that must not be there yet, null for any.</param>
    /// <returns>It as it is then; null when it had another version, and nothing changed.</returns>
    public static Document? PutDocument(
        this HubStore store, TenantId tenant, string kind, string name, byte[] content, long? expected)
    {
        var now = store.NowMicros;
        return store.Write(writer =>
        {
            var before = Find(writer.Database, tenant, kind, name)?.Version ?? 0;
            if (expected is { } version && version != before)
                return null;
            writer.Database.Cached("""
                INSERT OR REPLACE INTO document (tenant, kind, name, content, version, time) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                """).Bind(1, tenant.Value).Bind(2, kind).Bind(3, name).Bind(4, content).Bind(5, before + 1).Bind(6, now)
                .Run();
            return new Document(name, content, before + 1, now);
        });
    }

    /// <returns>False when there is none, or it has another version.</returns>
    public static bool DeleteDocument(
        this HubStore store, TenantId tenant, string kind, string name, long? expected = null) => store.Write(writer =>
    {
        if (Find(writer.Database, tenant, kind, name) is not { } found || (expected ?? found.Version) != found.Version)
            return false;
        writer.Database.Cached("DELETE FROM document WHERE tenant = ?1 AND kind = ?2 AND name = ?3")
            .Bind(1, tenant.Value).Bind(2, kind).Bind(3, name).Run();
        return true;
    });

    private static Document? Find(Database database, TenantId tenant, string kind, string name)
    {
        var row = database.Cached("""
            SELECT content, version, time FROM document WHERE tenant = ?1 AND kind = ?2 AND name = ?3
            """).Bind(1, tenant.Value).Bind(2, kind).Bind(3, name);
        var found = row.Step() ? new Document(name, row.Blob(0).ToArray(), row.Int64(1), row.Int64(2)) : null;
        row.Reset();
        return found;
    }
}
