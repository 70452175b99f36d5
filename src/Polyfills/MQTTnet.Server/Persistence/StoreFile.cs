using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace MQTTnet.Server.Persistence;

/// <summary>The file's content cannot be what was written.</summary>
internal sealed class StoreDamagedException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The SQLite file with sessions, their messages, and retained messages; one thread at a time.</summary>
internal sealed class StoreFile : IDisposable
{
    private const int Version = 1;
    private const int PageBytes = 4096;

    /// <summary>The journal is moved into the file when it is longer.</summary>
    private const long JournalBytesMax = 4 * 1024 * 1024;

    /// <summary>Room enough to move a journal, with the largest message that may follow its limit.</summary>
    private const long ReserveBytes = 2 * JournalBytesMax;

    private const string Schema = """
        CREATE TABLE session(id INTEGER PRIMARY KEY, client TEXT NOT NULL UNIQUE, expiry INTEGER NOT NULL,
            gone INTEGER, will BLOB, will_delay INTEGER NOT NULL, will_due INTEGER);
        CREATE TABLE subscription(session INTEGER NOT NULL, filter TEXT NOT NULL, options INTEGER NOT NULL,
            identifier INTEGER NOT NULL, PRIMARY KEY(session, filter)) WITHOUT ROWID;
        CREATE TABLE received(session INTEGER NOT NULL, packet INTEGER NOT NULL,
            PRIMARY KEY(session, packet)) WITHOUT ROWID;
        CREATE TABLE message(id INTEGER PRIMARY KEY, body BLOB NOT NULL, taken INTEGER NOT NULL);
        CREATE TABLE queue(session INTEGER NOT NULL, seq INTEGER NOT NULL, message INTEGER NOT NULL,
            packet INTEGER NOT NULL, flags INTEGER NOT NULL, identifiers BLOB, released INTEGER NOT NULL,
            PRIMARY KEY(session, seq)) WITHOUT ROWID;
        CREATE TABLE retained(topic TEXT NOT NULL UNIQUE, body BLOB NOT NULL, taken INTEGER NOT NULL);
        """;

    private readonly string _path;
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, StoreStatement> _statements = new(StringComparer.Ordinal);

    static StoreFile() => Batteries_V2.Init();

    private StoreFile(string path, SqliteConnection connection) => (_path, _connection) = (path, connection);

    private sqlite3 Handle => _connection.Handle!;

    private string Reserve => _path + "-reserve";

    /// <summary>
    /// True while room is set aside, without which a full disk could not even take what makes it emptier.
    /// </summary>
    public bool HasReserve { get; private set; }

    public bool IsJournalLong =>
        new FileInfo(_path + "-wal") is { Exists: true } journal && journal.Length > JournalBytesMax;

    /// <exception cref="StoreDamagedException">The file is none of ours, or its content is broken.</exception>
    /// <exception cref="IOException">It cannot be opened: no right, no room, or another server has it.</exception>
    public static StoreFile Open(string path, long bytesMax)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
            DefaultTimeout = 1,
        }.ToString());
        var file = new StoreFile(path, connection);
        try
        {
            connection.Open();
            file.Prepare(bytesMax);
            return file;
        }
        catch (SqliteException exception)
        {
            file.Dispose();
            throw IsDamage(exception)
                ? new StoreDamagedException(exception.Message, exception)
                : new IOException($"The broker's file '{path}' cannot be opened: {exception.Message}", exception);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>
    /// True when it is the content that is wrong, and not the disk, the rights or another process. A table or column
    /// that has lost its name is an ordinary error to SQLite.
    /// </summary>
    public static bool IsDamage(SqliteException exception) => exception.SqliteErrorCode is raw.SQLITE_CORRUPT
        or raw.SQLITE_NOTADB or raw.SQLITE_ERROR or raw.SQLITE_MISMATCH or raw.SQLITE_FORMAT or raw.SQLITE_CONSTRAINT;

    /// <summary>Puts a damaged file and its journal under another name, where a person can look at them.</summary>
    /// <returns>The new name.</returns>
    public static string SetAside(string path, DateTimeOffset now)
    {
        var stamp = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss.fff", CultureInfo.InvariantCulture);
        var aside = $"{path}.damaged-{stamp}";
        for (var i = 1; File.Exists(aside); i++)
            aside = $"{path}.damaged-{stamp}-{i}";
        foreach (var end in new[] { "-wal", "-shm", string.Empty })
        {
            if (File.Exists(path + end))
                File.Move(path + end, aside + end);
        }
        return aside;
    }

    /// <summary>The statement of this text, prepared at its first use.</summary>
    public StoreStatement this[string sql]
    {
        get
        {
            if (!_statements.TryGetValue(sql, out var statement))
                _statements.Add(sql, statement = new StoreStatement(Handle, sql));
            return statement;
        }
    }

    /// <summary>Undoes an open transaction; fine when there is none.</summary>
    public void RollBack()
    {
        foreach (var statement in _statements.Values)
            statement.Reset();
        if (raw.sqlite3_get_autocommit(Handle) == 0)
            raw.sqlite3_exec(Handle, "ROLLBACK");
    }

    /// <summary>Moves the journal into the file, and gives back its room.</summary>
    public bool TryCheckpoint() => raw.sqlite3_wal_checkpoint_v2(
        Handle, null, raw.SQLITE_CHECKPOINT_TRUNCATE, out _, out _) == raw.SQLITE_OK;

    /// <returns>False when the disk has not that much room, even with what messages left free in the file.</returns>
    public bool TryReserve() => TryCreateReserve() || (TryGiveBackPages() && TryCreateReserve());

    private bool TryGiveBackPages()
    {
        try
        {
            this["PRAGMA incremental_vacuum(1024)"].Run();
            return TryCheckpoint();
        }
        catch (SqliteException)
        {
            RollBack();
            return false;
        }
    }

    private bool TryCreateReserve()
    {
        try
        {
            using var reserve = new FileStream(Reserve, new FileStreamOptions
            {
                Mode = FileMode.Create,
                Access = FileAccess.Write,
                PreallocationSize = ReserveBytes,
            });
            return HasReserve = true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            ReleaseReserve();
            return false;
        }
    }

    public void ReleaseReserve()
    {
        HasReserve = false;
        try
        {
            File.Delete(Reserve);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A disk that is read-only has no room to give.
        }
    }

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
            statement.Dispose();
        _connection.Dispose();
    }

    private void Prepare(long bytesMax)
    {
        // One server per file; and without shared memory there is one file less to lose.
        Execute("PRAGMA locking_mode=EXCLUSIVE");
        Execute($"PRAGMA page_size={PageBytes}");
        Execute("PRAGMA auto_vacuum=INCREMENTAL");
        Execute("PRAGMA journal_mode=WAL");
        Execute("PRAGMA synchronous=FULL");
        // Done by the writer, who has to know when it fails.
        Execute("PRAGMA wal_autocheckpoint=0");
        Execute($"PRAGMA max_page_count={bytesMax / PageBytes}");
        var version = Scalar("PRAGMA user_version");
        if (version == 0 && Scalar("SELECT count(*) FROM sqlite_master") == 0)
            Execute($"BEGIN IMMEDIATE; {Schema} PRAGMA user_version={Version}; COMMIT");
        else if (version != Version)
            throw new StoreDamagedException($"The file's version is {version}, not {Version}.");
        using var check = new StoreStatement(Handle, "PRAGMA quick_check(1)");
        if (!check.Step() || check.Text(0) != "ok")
            throw new StoreDamagedException(check.Text(0));
    }

    private long Scalar(string sql)
    {
        using var statement = new StoreStatement(Handle, sql);
        return statement.Step() ? statement.Int64(0) : 0;
    }

    private void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
