using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace LeptonEdge.Storage.Sqlite;

/// <summary>A prepared statement that binds spans and reads columns in place: no object per row.</summary>
/// <remarks>Use: <c>Bind…; while (Step()) … ; Reset()</c>, or <c>Bind…; Run()</c>.</remarks>
internal sealed class Statement : IDisposable
{
    private readonly Database _database;
    private readonly sqlite3_stmt _statement;

    public Statement(Database database, string sql)
    {
        _database = database;
        Check(raw.sqlite3_prepare_v2(database.Handle, sql, out _statement));
    }

    public Statement Bind(int index, long value)
    {
        Check(raw.sqlite3_bind_int64(_statement, index, value));
        return this;
    }

    /// <summary>Unsigned numbers keep their bits.</summary>
    public Statement Bind(int index, ulong value) => Bind(index, (long)value);

    public Statement Bind(int index, double value)
    {
        Check(raw.sqlite3_bind_double(_statement, index, value));
        return this;
    }

    public Statement Bind(int index, string value)
    {
        Check(raw.sqlite3_bind_text(_statement, index, value));
        return this;
    }

    public Statement Bind(int index, ReadOnlySpan<byte> value)
    {
        Check(value.IsEmpty
            ? raw.sqlite3_bind_zeroblob(_statement, index, 0)
            : raw.sqlite3_bind_blob(_statement, index, value));
        return this;
    }

    /// <summary>Null binds as NULL.</summary>
    public Statement BindOptional(int index, string? value) => value is null ? BindNull(index) : Bind(index, value);

    public Statement BindNull(int index)
    {
        Check(raw.sqlite3_bind_null(_statement, index));
        return this;
    }

    /// <summary>True when there is a row to read; at the end the statement is ready for its next use.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(_statement);
        if (code == raw.SQLITE_ROW)
            return true;
        if (code == raw.SQLITE_DONE)
        {
            // A statement at its end takes no new values until it is reset.
            Reset();
            return false;
        }

        // The message must be read before the reset replaces it.
        try
        {
            SqliteException.ThrowExceptionForRC(code, _database.Handle);
        }
        finally
        {
            Reset();
        }

        return false;
    }

    /// <summary>Runs to the end and makes ready for the next use.</summary>
    public void Run()
    {
        while (Step())
        {
        }
    }

    public void Reset() => raw.sqlite3_reset(_statement);

    public long Int64(int column) => raw.sqlite3_column_int64(_statement, column);

    public ulong UInt64(int column) => (ulong)raw.sqlite3_column_int64(_statement, column);

    public int Int32(int column) => raw.sqlite3_column_int(_statement, column);

    public double Double(int column) => raw.sqlite3_column_double(_statement, column);

    public string Text(int column) => raw.sqlite3_column_text(_statement, column).utf8_to_string() ?? "";

    public bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    public bool IsInteger(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_INTEGER;

    /// <summary>Valid until the next step or reset.</summary>
    public ReadOnlySpan<byte> Blob(int column) => raw.sqlite3_column_blob(_statement, column);

    public void Dispose() => _statement.Dispose();

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK)
            SqliteException.ThrowExceptionForRC(code, _database.Handle);
    }
}
