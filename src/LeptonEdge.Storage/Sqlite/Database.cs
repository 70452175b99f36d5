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

    public void Dispose()
    {
        foreach (var statement in _statements)
            statement.Dispose();
        _connection.Dispose();
    }
}
