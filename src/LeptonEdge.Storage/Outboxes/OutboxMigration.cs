using LeptonEdge.Core.Records;
using LeptonEdge.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace LeptonEdge.Storage.Outboxes;

/// <summary>Brings an outbox of layout 1 to the present one: all rows go into a new file, which takes its
/// place.</summary>
internal static class OutboxMigration
{
    /// <exception cref="OutboxDamagedException">The old file cannot be read.</exception>
    public static void Run(OutboxOptions options, TimeProvider clock)
    {
        try
        {
            using (var old = Database.Open(options.Path, SqliteOpenMode.ReadWrite, TimeSpan.FromSeconds(2)))
            {
                // Folds the log in, so that the file alone is the whole.
                old.Execute("PRAGMA locking_mode = EXCLUSIVE; PRAGMA wal_checkpoint(TRUNCATE)");
                Copy(old, options, clock);
            }

            foreach (var suffix in (ReadOnlySpan<string>)["-wal", "-shm"])
                File.Delete(options.Path + suffix);
            // The new file holds all of the old one: here, and only here, one replaces the other.
            File.Move(OutboxFile.Successor(options.Path), options.Path, overwrite: true);
            Database.SyncFolder(options.Path);
        }
        catch (SqliteException e)
        {
            throw OutboxFile.ExplainOpening(options.Path, e);
        }
    }

    private static void Copy(Database old, OutboxOptions options, TimeProvider clock)
    {
        var state = new OutboxState
        {
            Epoch = (ulong)old.Scalar("SELECT value FROM meta WHERE key = 'epoch'"),
            Receipted = (ulong)old.Scalar("SELECT value FROM meta WHERE key = 'receipted'"),
            ShedRecords = old.Scalar("SELECT value FROM meta WHERE key = 'shed_records'"),
            Change = 1,
        };
        if (state.Epoch == 0)
            throw new OutboxDamagedException(options.Path, "its epoch is missing");
        state.Last = state.Receipted;
        using var successor = new OutboxSuccessor(options, clock, state);
        using (var rows = new Statement(
            old, "SELECT first, sequence, class, records, shed, sealed FROM batch ORDER BY sequence"))
        {
            while (rows.Step())
            {
                var sealedBytes = rows.Blob(5);
                successor.Add(
                    OutboxRow.Make(
                        state, rows.UInt64(0), rows.UInt64(1),
                        (RecordClass)Math.Clamp(rows.Int32(2), 0, (int)RecordClass.Bulk), rows.Int32(3),
                        rows.IsNull(4) ? null : rows.Blob(4).ToArray(), sealedBytes), sealedBytes);
            }
        }

        using (var values = new Statement(old, "SELECT key, value FROM state"))
        {
            while (values.Step())
                successor.AddValue(values.Text(0), values.Blob(1));
        }

        successor.Finish();
    }
}
