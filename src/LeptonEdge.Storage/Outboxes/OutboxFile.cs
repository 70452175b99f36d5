using System.Globalization;
using LeptonEdge.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace LeptonEdge.Storage.Outboxes;

/// <summary>Opens, creates and, when it must, puts aside the outbox file.</summary>
internal static class OutboxFile
{
    public const int PageBytes = 4096;
    public const long ApplicationId = 0x4C454F58;
    public const long Layout = 2;
    private static readonly TimeSpan BusyTimeout = TimeSpan.FromSeconds(2);
    private static readonly string[] Companions = ["-wal", "-shm", "-journal"];

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
            database?.KeepLog();
            database?.Dispose();
            if (e is SqliteException sqlite)
                throw ExplainOpening(options.Path, sqlite);
            throw;
        }
    }

    /// <summary>Where the file that shall take the outbox's place is built.</summary>
    public static string Successor(string path) => path + ".new";

    /// <summary>Moves the file and its log to another name and its successor to the file's name. Cut off half-way, the
    /// next start ends it: <see cref="FinishReplace"/>.</summary>
    public static void Replace(string path, string kept)
    {
        MoveAway(path, kept);
        File.Move(Successor(path), path);
        Database.SyncFolder(path);
    }

    /// <summary>Ends a replacement that was cut off, or drops a successor that was never finished.</summary>
    public static void FinishReplace(string path, DateTimeOffset now)
    {
        var successor = Successor(path);
        if (!File.Exists(successor))
            return;
        if (File.Exists(path))
        {
            File.Delete(successor);
            return;
        }

        Replace(path, FreeName($"{path}.damaged", now));
    }

    /// <summary>Moves the file and its log away; either may be missing.</summary>
    public static void MoveAway(string path, string kept)
    {
        if (File.Exists(path))
            File.Move(path, kept);
        foreach (var suffix in Companions)
        {
            // SQLite would replay a log that stayed behind into the new file.
            if (File.Exists(path + suffix))
                File.Move(path + suffix, kept + suffix);
        }
    }

    /// <summary>A name that nothing has yet.</summary>
    public static string FreeName(string stem, DateTimeOffset now)
    {
        var stamp = now.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var name = $"{stem}-{stamp}";
        for (var i = 2; File.Exists(name) || Companions.Any(suffix => File.Exists(name + suffix)); i++)
            name = $"{stem}-{stamp}-{i}";
        return name;
    }

    /// <summary>A failure to open as a sentence: its own statements fail only where the tables are not as they
    /// were made.</summary>
    public static IOException ExplainOpening(string path, SqliteException e) =>
        e.SqliteErrorCode is raw.SQLITE_ERROR or raw.SQLITE_SCHEMA
            ? new OutboxDamagedException(path, e.Message, e) : Explain(path, e);

    /// <summary>A failure as a sentence that names the file and the remedy.</summary>
    public static IOException Explain(string path, SqliteException e) => e.SqliteErrorCode switch
    {
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB or raw.SQLITE_TOOBIG or raw.SQLITE_MISMATCH =>
            new OutboxDamagedException(path, e.Message, e),
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED =>
            new OutboxException($"outbox {path}: another process holds it; one agent alone may use an outbox", e),
        raw.SQLITE_CANTOPEN or raw.SQLITE_READONLY or raw.SQLITE_PERM =>
            new OutboxException($"outbox {path}: cannot be opened for writing; check its folder and their owner", e),
        raw.SQLITE_FULL => new OutboxException(
            $"outbox {path}: the disk is full; free space or lower the outbox's limit", e),
        _ => new OutboxException($"outbox {path}: {e.Message}", e),
    };

    /// <summary>Makes the tables of an empty file.</summary>
    public static void Create(Database database) => database.Execute($"""
        BEGIN IMMEDIATE;
        CREATE TABLE line (id INTEGER PRIMARY KEY, content BLOB NOT NULL);
        CREATE TABLE batch (sequence INTEGER PRIMARY KEY, first INTEGER NOT NULL, class INTEGER NOT NULL,
            records INTEGER NOT NULL, bytes INTEGER NOT NULL, mark INTEGER NOT NULL, epoch INTEGER NOT NULL,
            change INTEGER NOT NULL, checksum INTEGER NOT NULL, gap BLOB, sealed BLOB NOT NULL);
        CREATE TABLE state (id INTEGER PRIMARY KEY, key TEXT NOT NULL, value BLOB NOT NULL,
            change INTEGER NOT NULL, checksum INTEGER NOT NULL);
        PRAGMA application_id = {ApplicationId};
        PRAGMA user_version = {Layout};
        COMMIT;
        """);

    /// <summary>The state names the layout too: where it disagrees with the header, the header is what is
    /// damaged.</summary>
    private static bool IsPresentLayout(Database database)
    {
        if (database.Scalar("SELECT count(*) FROM sqlite_master WHERE name = 'line'") == 0)
            return false;
        using var read = new Statement(database, "SELECT content FROM line WHERE id = 1");
        return read.Step() && OutboxState.Read(read.Blob(0)) is not null;
    }

    private static void Prepare(Database database, OutboxOptions options)
    {
        // Exclusive before the first read: the log's index then lives in memory, and a second agent is kept out.
        database.Execute("PRAGMA locking_mode = EXCLUSIVE");
        var applicationId = database.Scalar("PRAGMA application_id");
        var version = database.Scalar("PRAGMA user_version");
        var isNew = applicationId == 0 && version == 0 && database.Scalar("SELECT count(*) FROM sqlite_master") == 0;
        if (!isNew && applicationId != ApplicationId)
            throw new OutboxDamagedException(options.Path, "it is a database of another program");
        if (version > Layout && !IsPresentLayout(database))
            throw new OutboxException(
                $"outbox {options.Path}: a newer version of the agent wrote it (layout {version}, this "
                + $"one knows {Layout}); start that version, or move the file away");
        if (!isNew && version < Layout && !IsPresentLayout(database))
            throw new OutboxLayoutException(version);
        if (isNew)
            database.Execute($"PRAGMA page_size = {PageBytes}; PRAGMA auto_vacuum = INCREMENTAL");
        database.Execute("PRAGMA journal_mode = WAL");
        var checkpoint = OutboxSpace.CheckpointPages(options.BytesMax);
        database.Execute($"""
            PRAGMA synchronous = FULL;
            PRAGMA cache_size = -{options.CacheKiB};
            PRAGMA temp_store = MEMORY;
            PRAGMA wal_autocheckpoint = {checkpoint};
            PRAGMA journal_size_limit = {(checkpoint + 1) * (PageBytes + 24)};
            """);
        if (isNew)
            Create(database);
    }
}

/// <summary>The file is an outbox of an older layout.</summary>
internal sealed class OutboxLayoutException(long layout) : Exception($"layout {layout}")
{
    public long Layout => layout;
}
