using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace MQTTnet.Server.Persistence;

/// <summary>A prepared statement that binds and reads in place.</summary>
internal sealed class StoreStatement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    public StoreStatement(sqlite3 database, string sql)
    {
        _database = database;
        Check(raw.sqlite3_prepare_v2(database, sql, out _statement));
    }

    public StoreStatement Bind(int index, long value)
    {
        Check(raw.sqlite3_bind_int64(_statement, index, value));
        return this;
    }

    public StoreStatement Bind(int index, long? value)
    {
        if (value is { } number)
            return Bind(index, number);
        Check(raw.sqlite3_bind_null(_statement, index));
        return this;
    }

    public StoreStatement Bind(int index, string value)
    {
        Check(raw.sqlite3_bind_text(_statement, index, value));
        return this;
    }

    /// <summary>An empty span binds as NULL.</summary>
    public StoreStatement Bind(int index, ReadOnlySpan<byte> value)
    {
        Check(value.IsEmpty
            ? raw.sqlite3_bind_null(_statement, index) : raw.sqlite3_bind_blob(_statement, index, value));
        return this;
    }

    /// <summary>True when there is a row to read.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(_statement);
        if (code == raw.SQLITE_ROW)
            return true;
        if (code != raw.SQLITE_DONE)
        {
            try
            {
                // The message must be read before the reset replaces it.
                SqliteException.ThrowExceptionForRC(raw.sqlite3_extended_errcode(_database), _database);
            }
            finally
            {
                Reset();
            }
        }
        return false;
    }

    public void Run()
    {
        while (Step())
        {
        }
        Reset();
    }

    public void Reset() => raw.sqlite3_reset(_statement);

    public long Int64(int column) => raw.sqlite3_column_int64(_statement, column);

    public long? Int64OrNull(int column) => IsNull(column) ? null : Int64(column);

    public string Text(int column) => raw.sqlite3_column_text(_statement, column).utf8_to_string() ?? string.Empty;

    public bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    /// <summary>A copy, which outlives the row.</summary>
    public byte[] Blob(int column) => raw.sqlite3_column_blob(_statement, column).ToArray();

    public void Dispose() => _statement.Dispose();

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK)
            SqliteException.ThrowExceptionForRC(code, _database);
    }
}
