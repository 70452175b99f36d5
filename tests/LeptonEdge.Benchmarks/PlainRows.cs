using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace LeptonEdge.Benchmarks;

/// <summary>What a programmer would write first: one SQLite table, one row for each reading, nothing sealed. The same
/// library and durability as the outbox (WAL, synchronous=FULL), and as lean as it gets: the statement stays prepared
/// and a channel is a small number.</summary>
internal sealed class PlainRows : IDisposable
{
    private readonly string _path;
    private readonly SqliteConnection _connection;
    private readonly sqlite3 _handle;
    private readonly sqlite3_stmt _insert;

    public PlainRows(string path)
    {
        Batteries_V2.Init();
        _path = path;
        _connection = new SqliteConnection($"Data Source={path};Pooling=False");
        _connection.Open();
        _handle = _connection.Handle!;
        Execute("PRAGMA journal_mode = WAL");
        Execute("PRAGMA synchronous = FULL");
        Execute("CREATE TABLE reading (channel INTEGER NOT NULL, time INTEGER NOT NULL, value REAL)");
        Check(raw.sqlite3_prepare_v2(
            _handle, "INSERT INTO reading (channel, time, value) VALUES (?1, ?2, ?3)", out _insert));
    }

    /// <summary>Outside of <see cref="Execute"/>d transactions each insert is a transaction of its own.</summary>
    public void Insert(int channel, long time, double value)
    {
        Check(raw.sqlite3_bind_int64(_insert, 1, channel));
        Check(raw.sqlite3_bind_int64(_insert, 2, time));
        Check(raw.sqlite3_bind_double(_insert, 3, value));
        if (raw.sqlite3_step(_insert) != raw.SQLITE_DONE)
            throw new BenchmarkException($"{_path}: {raw.sqlite3_errmsg(_handle).utf8_to_string()}");
        Check(raw.sqlite3_reset(_insert));
    }

    public void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public long Count()
    {
        using var command = _connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM reading";
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>Size of the table's file once the log is folded into it.</summary>
    public long FileBytes()
    {
        Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        return new FileInfo(_path).Length;
    }

    public void Dispose()
    {
        _insert.Dispose();
        _connection.Dispose();
    }

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK)
            throw new BenchmarkException($"{_path}: {raw.sqlite3_errmsg(_handle).utf8_to_string()}");
    }
}
