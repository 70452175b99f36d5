using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Hubs.Accounts;

/// <summary>A file beside the store with older entries of the audit log.</summary>
/// <param name="Hash">Of its last entry: what the chain goes on from.</param>
internal sealed record AuditArchive(long First, long Last, byte[] Hash)
{
    public string PathFor(string store) => $"{store}.audit-{First:d12}-{Last:d12}.jsonl.gz";
}

/// <summary>Puts older entries of the audit log aside: into files, in order, whose names and last hashes the store keeps for
/// good. SQLite's triggers let an entry go only once it is in a file.</summary>
public static class AuditArchives
{
    // So many rows go at once: batches are stored in between.
    private const int Slice = 1_000;

    internal const string Create = """

        CREATE TABLE audit_archive (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, hash BLOB NOT NULL,
            bytes INTEGER NOT NULL, time INTEGER NOT NULL);
        CREATE TRIGGER audit_archive_in_order BEFORE INSERT ON audit_archive
            WHEN NEW.first <> (SELECT coalesce(max(last), 0) + 1 FROM audit_archive) OR NEW.last < NEW.first
                OR NEW.hash IS NOT (SELECT hash FROM audit WHERE sequence = NEW.last)
            BEGIN SELECT raise(ABORT, 'audit entries are put aside in order'); END;
        CREATE TRIGGER audit_archive_unchanged BEFORE UPDATE ON audit_archive
            BEGIN SELECT raise(ABORT, 'audit entries do not change'); END;
        CREATE TRIGGER audit_archive_kept BEFORE DELETE ON audit_archive
            BEGIN SELECT raise(ABORT, 'audit entries are not removed'); END;
        DROP TRIGGER audit_kept;
        CREATE TRIGGER audit_kept BEFORE DELETE ON audit
            WHEN OLD.sequence > (SELECT coalesce(max(last), 0) FROM audit_archive)
            BEGIN SELECT raise(ABORT, 'audit entries are not removed'); END;
        """;

    /// <summary>Takes one step, while the store holds more entries than it should.</summary>
    /// <returns>True when there is another one to take.</returns>
    /// <exception cref="HubStoreException">The disk failed or is full, or the entries are not as they were
    /// written: then they stay.</exception>
    public static bool PutAuditAside(this HubStore store)
    {
        var (max, count) = store.AuditLimits;
        var (through, oldest, newest) = store.Read(database => (
            Through(database), Number(database, "SELECT min(sequence) FROM audit"),
            Number(database, "SELECT max(sequence) FROM audit")));
        if (oldest > 0 && oldest <= through)
        {
            Drop(store, Math.Min(through, oldest + Slice - 1));
            return true;
        }

        if (newest - through < max + count)
            return false;
        var archive = AuditArchiveFile.Write(store, through + 1, count);
        var bytes = new FileInfo(archive.PathFor(store.Path)).Length;
        store.Write(
            writer =>
            {
                writer.Database.Cached(
                    "INSERT INTO audit_archive (first, last, hash, bytes, time) VALUES (?1, ?2, ?3, ?4, ?5)")
                    .Bind(1, archive.First).Bind(2, archive.Last).Bind(3, archive.Hash).Bind(4, bytes)
                    .Bind(5, store.NowMicros).Run();
                return true;
            },
            scoped: false);
        return true;
    }

    /// <summary>The last entry that is in a file; 0 when none is.</summary>
    internal static long Through(Database database) => Number(database, "SELECT coalesce(max(last), 0) FROM audit_archive");

    /// <summary>The file whose first entry this is; null when the store holds that itself.</summary>
    internal static AuditArchive? Beginning(Database database, long first)
    {
        var row = database.Cached("SELECT first, last, hash FROM audit_archive WHERE first = ?1").Bind(1, first);
        var found = row.Step() ? new AuditArchive(row.Int64(0), row.Int64(1), row.Blob(2).ToArray()) : null;
        row.Reset();
        return found;
    }

    /// <summary>The hash that the entry behind the files goes on from.</summary>
    internal static byte[] LastHash(Database database)
    {
        var row = database.Cached("SELECT hash FROM audit_archive ORDER BY first DESC LIMIT 1");
        var hash = row.Step() ? row.Blob(0).ToArray() : new byte[AuditHash.Bytes];
        row.Reset();
        return hash;
    }

    private static void Drop(HubStore store, long through) => store.Write(
        writer =>
        {
            writer.Database.Cached("DELETE FROM audit WHERE sequence <= ?1").Bind(1, through).Run();
            return true;
        },
        scoped: false);

    private static long Number(Database database, string sql) => database.Cached(sql).Number();
}
