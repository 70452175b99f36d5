using System.Globalization;
using System.Security.Cryptography;
using LeptonEdge.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace LeptonEdge.Storage.Outboxes;

/// <summary>Opens, creates and, when it must, puts aside the outbox file.</summary>
internal static class OutboxFile
{
    private const long ApplicationId = 0x4C454F58;
    private const long SchemaVersion = 1;
    private static readonly TimeSpan BusyTimeout = TimeSpan.FromSeconds(2);

    /// <exception cref="OutboxDamagedException">The file is no outbox, or a damaged one.</exception>
    /// <exception cref="OutboxException">The file cannot be used for a reason that a new file would not
    /// mend.</exception>
    public static Database Open(OutboxOptions options)
    {
        Database? database = null;
        try
        {
            database = Database.Open(options.Path, SqliteOpenMode.ReadWriteCreate, BusyTimeout);
            Prepare(database, options);
            return database;
        }
        catch (Exception e)
        {
            database?.Dispose();
            if (e is SqliteException sqlite)
                throw Explain(options.Path, sqlite);
            throw;
        }
    }

    /// <summary>Moves the file and its log away, and returns the new name of the file.</summary>
    public static string SetAside(string path, DateTimeOffset now)
    {
        var stamp = now.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var kept = $"{path}.damaged-{stamp}";
        for (var i = 2; File.Exists(kept); i++)
            kept = $"{path}.damaged-{stamp}-{i}";
        File.Move(path, kept);
        foreach (var suffix in (ReadOnlySpan<string>)["-wal", "-shm", "-journal"])
        {
            // SQLite would replay a log that stayed behind into the new file.
            if (File.Exists(path + suffix))
                File.Move(path + suffix, kept + suffix);
        }

        return kept;
    }

    /// <summary>The same failure as a sentence that names the file and the remedy.</summary>
    public static IOException Explain(string path, SqliteException e) => e.SqliteErrorCode switch
    {
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => new OutboxDamagedException(path, e.Message, e),
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED =>
            new OutboxException($"outbox {path}: another process holds it; one agent alone may use an outbox", e),
        raw.SQLITE_CANTOPEN or raw.SQLITE_READONLY or raw.SQLITE_PERM =>
            new OutboxException($"outbox {path}: cannot be opened for writing; check its folder and their owner", e),
        raw.SQLITE_FULL => new OutboxException(
            $"outbox {path}: the disk is full; free space or lower the outbox's limit", e),
        _ => new OutboxException($"outbox {path}: {e.Message}", e),
    };

    private static void Prepare(Database database, OutboxOptions options)
    {
        // Exclusive before the first read: the log's index then lives in memory, and a second agent is kept out.
        database.Execute("PRAGMA locking_mode = EXCLUSIVE");
        var applicationId = database.Scalar("PRAGMA application_id");
        var version = database.Scalar("PRAGMA user_version");
        var isNew = applicationId == 0 && version == 0 && database.Scalar("SELECT count(*) FROM sqlite_master") == 0;
        if (!isNew && applicationId != ApplicationId)
            throw new OutboxDamagedException(options.Path, "it is a database of another program");
        if (version > SchemaVersion)
            throw new OutboxException(
                $"outbox {options.Path}: a newer version of the agent wrote it (layout {version}, this "
                + $"one knows {SchemaVersion}); start that version, or move the file away");
        if (isNew)
            database.Execute("PRAGMA page_size = 4096");
        database.Execute("PRAGMA journal_mode = WAL");
        database.Execute($"""
            PRAGMA synchronous = FULL;
            PRAGMA cache_size = -{options.CacheKiB};
            PRAGMA temp_store = MEMORY;
            PRAGMA wal_autocheckpoint = 1000;
            PRAGMA journal_size_limit = 8388608;
            """);
        if (isNew)
            Create(database);
        else
            Check(database, options);
        database.Execute("UPDATE meta SET value = 0 WHERE key = 'clean'");
    }

    private static void Create(Database database)
    {
        Span<byte> random = stackalloc byte[sizeof(ulong)];
        ulong epoch;
        do
        {
            RandomNumberGenerator.Fill(random);
            epoch = BitConverter.ToUInt64(random);
        }
        while (epoch == 0);

        database.Execute($"""
            BEGIN IMMEDIATE;
            CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
            CREATE TABLE batch (sequence INTEGER PRIMARY KEY, first INTEGER NOT NULL, class INTEGER NOT NULL,
                records INTEGER NOT NULL, bytes INTEGER NOT NULL, shed BLOB, sealed BLOB NOT NULL);
            CREATE TABLE state (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
            INSERT INTO meta VALUES ('epoch', {(long)epoch}), ('receipted', 0), ('shed_records', 0), ('clean', 0);
            PRAGMA application_id = {ApplicationId};
            PRAGMA user_version = {SchemaVersion};
            COMMIT;
            """);
    }

    private static void Check(Database database, OutboxOptions options)
    {
        if (database.Scalar(
            "SELECT count(*) FROM meta WHERE key IN ('epoch', 'receipted', 'shed_records', 'clean')") != 4)
            throw new OutboxDamagedException(options.Path, "its epoch is missing");
        // Reading a whole outbox takes time: only after a run that did not end well.
        if (database.Scalar("SELECT value FROM meta WHERE key = 'clean'") == 1)
            return;
        using var check = new Statement(database, "PRAGMA quick_check(1)");
        if (check.Step() && check.Text(0) != "ok")
            throw new OutboxDamagedException(options.Path, check.Text(0));
    }
}

/// <summary>The file is no outbox, or a damaged one: it can only be put aside.</summary>
internal sealed class OutboxDamagedException(string path, string reason, Exception? inner = null)
    : IOException(
        $"outbox {path}: is damaged ({reason}); restart the agent, which puts it aside and begins a new one", inner)
{
    public string Reason => reason;
}
