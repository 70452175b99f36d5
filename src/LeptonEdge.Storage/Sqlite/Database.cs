using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace LeptonEdge.Storage.Sqlite;

/// <summary>One SQLite connection with its prepared statements; one thread at a time.</summary>
internal sealed class Database : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly List<Statement> _statements = [];
    private readonly Dictionary<string, Statement> _bySql = new(StringComparer.Ordinal);

    static Database() => Batteries_V2.Init();

    private Database(SqliteConnection connection)
    {
        _connection = connection;
        Handle = connection.Handle!;
    }

    internal sqlite3 Handle { get; }

    public static Database Open(string path, SqliteOpenMode mode, TimeSpan busyTimeout)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = mode,
            Pooling = false,
        }.ToString());
        try
        {
            connection.Open();
            raw.sqlite3_busy_timeout(connection.Handle, (int)busyTimeout.TotalMilliseconds);
            return new Database(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Runs statements that return nothing worth keeping. Pragmas belong here: many act when they are
    /// prepared, so that a prepared one acts once.</summary>
    public void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>The same without an object for each call.</summary>
    public void Run(string sql)
    {
        var code = raw.sqlite3_exec(Handle, sql);
        if (code != raw.SQLITE_OK)
            SqliteException.ThrowExceptionForRC(code, Handle);
    }

    /// <summary>Copies the whole database to a new file, which is on the disk when this returns.</summary>
    public void CopyTo(string path)
    {
        using (var target = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Pooling = false,
        }.ToString()))
        {
            target.Open();
            _connection.BackupDatabase(target);
        }

        SyncFolder(path);
    }

    /// <summary>Makes the names in the folder of a file survive a power cut.</summary>
    public static void SyncFolder(string path)
    {
        // Linux opens a folder like a file; .NET's own streams refuse to.
        var descriptor = NativeFolder.Open(Path.GetDirectoryName(Path.GetFullPath(path))!, 0);
        if (descriptor < 0)
            return;
        _ = NativeFolder.Sync(descriptor);
        _ = NativeFolder.Close(descriptor);
    }

    /// <summary>The first column of the first row; 0 when there is none.</summary>
    public long Scalar(string sql)
    {
        using var statement = new Statement(this, sql);
        return statement.Step() ? statement.Int64(0) : 0;
    }

    /// <summary>A statement that stays prepared until the database is closed.</summary>
    public Statement Prepare(string sql)
    {
        var statement = new Statement(this, sql);
        _statements.Add(statement);
        return statement;
    }

    /// <summary>The statement of this text, prepared at its first use.</summary>
    public Statement Cached(string sql)
    {
        if (!_bySql.TryGetValue(sql, out var statement))
            _bySql.Add(sql, statement = Prepare(sql));
        return statement;
    }

    /// <summary>Rows that the last statement changed.</summary>
    public int Changes => raw.sqlite3_changes(Handle);

    /// <summary>Rows that were changed since the database was opened.</summary>
    public int TotalChanges => raw.sqlite3_total_changes(Handle);

    /// <summary>Key of the row that was inserted last.</summary>
    public long LastInsertId => raw.sqlite3_last_insert_rowid(Handle);

    /// <summary>Ends every query that was left half-way.</summary>
    public void ResetAll()
    {
        foreach (var statement in _statements)
            statement.Reset();
    }

    /// <summary>Undoes an open transaction; fine when there is none.</summary>
    public void RollBack()
    {
        if (raw.sqlite3_get_autocommit(Handle) == 0)
            raw.sqlite3_exec(Handle, "ROLLBACK");
    }

    /// <summary>Closing shall leave the log as it is, not fold it into the file: for a damaged one, which is kept as it
    /// was found.</summary>
    public void KeepLog() =>
        raw.sqlite3_db_config(Handle, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, out _);

    public void Dispose()
    {
        foreach (var statement in _statements)
            statement.Dispose();
        _connection.Dispose();
    }
}

internal static partial class NativeFolder
{
    [System.Runtime.InteropServices.LibraryImport("libc", EntryPoint = "open",
        StringMarshalling = System.Runtime.InteropServices.StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    [System.Runtime.InteropServices.LibraryImport("libc", EntryPoint = "fsync")]
    public static partial int Sync(int descriptor);

    [System.Runtime.InteropServices.LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);
}
