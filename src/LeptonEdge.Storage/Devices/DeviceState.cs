using LeptonEdge.Storage.Outboxes;
using LeptonEdge.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace LeptonEdge.Storage.Devices;

/// <summary>Small durable values by name in the outbox's file, such as the last desired state: an agent starts from
/// them when there is no network. Any thread. Not sealed: no records here.</summary>
public sealed class DeviceState
{
    private const int KeyLengthMax = 128;
    private const int ValueBytesMax = 4 * 1024 * 1024;
    private readonly Database _database;
    private readonly Lock _gate;
    private readonly string _path;

    internal DeviceState(Database database, Lock gate, string path) =>
        (_database, _gate, _path) = (database, gate, path);

    /// <summary>The value; null when there is none.</summary>
    public byte[]? Get(string key) => Use("SELECT value FROM state WHERE key = ?1", statement =>
    {
        statement.Bind(1, key);
        var value = statement.Step() ? statement.Blob(0).ToArray() : null;
        statement.Reset();
        return value;
    });

    /// <summary>Replaces the value; it is on the disk when this returns.</summary>
    /// <param name="key">1 to 128 characters.</param>
    /// <param name="value">At most 4 MiB.</param>
    public void Set(string key, ReadOnlySpan<byte> value)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(key.Length, KeyLengthMax);
        if (value.Length > ValueBytesMax)
            throw new ArgumentException($"state '{key}' has {value.Length} bytes: at most {ValueBytesMax}");
        var copy = value.ToArray();
        Use("INSERT INTO state (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            statement =>
        {
            statement.Bind(1, key).Bind(2, copy).Run();
            return 0;
        });
    }

    private T Use<T>(string sql, Func<Statement, T> use)
    {
        lock (_gate)
        {
            try
            {
                return use(_database.Cached(sql));
            }
            catch (SqliteException e)
            {
                throw OutboxFile.Explain(_path, e);
            }
        }
    }
}
