using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using LeptonEdge.Storage.Outboxes;
using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Devices;

/// <summary>Small durable values by name in the outbox's file, such as the last desired state: an agent starts from
/// them when there is no network. Any thread. Not sealed: no records here.</summary>
public sealed class DeviceState
{
    private const int KeyLengthMax = 128;
    private const int ValueBytesMax = 4 * 1024 * 1024;
    private readonly Outbox _outbox;

    internal DeviceState(Outbox outbox) => _outbox = outbox;

    /// <summary>The value; null when there is none, or the disk changed it.</summary>
    public byte[]? Get(string key) => _outbox.UseDatabase(database =>
    {
        var row = database.Cached("SELECT value, change, checksum FROM state WHERE id = ?1").Bind(1, IdOf(key));
        var value = row.Step() && IsSound(key, row.Blob(0), row.Int64(1), (uint)row.Int64(2))
            ? row.Blob(0).ToArray() : null;
        row.Reset();
        return value;
    });

    /// <summary>Replaces the value; it is on the disk when this returns.</summary>
    /// <param name="key">1 to 128 characters.</param>
    /// <param name="value">At most 4 MiB.</param>
    public void Set(string key, ReadOnlySpan<byte> value)
    {
        Check(key, value);
        var copy = value.ToArray();
        _outbox.UseDatabase(database =>
        {
            database.Run("PRAGMA synchronous = FULL");
            Write(database, key, copy);
            return 0;
        });
    }

    /// <summary>Replaces the value without waiting for the disk: a kill does not cost it, a power cut may.</summary>
    public void Keep(string key, ReadOnlySpan<byte> value)
    {
        Check(key, value);
        var copy = value.ToArray();
        _outbox.UseDatabase(database =>
        {
            database.Run("PRAGMA synchronous = NORMAL");
            try
            {
                Write(database, key, copy);
            }
            finally
            {
                // Whoever comes next takes it for granted.
                database.Run("PRAGMA synchronous = FULL");
            }

            return 0;
        });
    }

    internal static void Write(Database database, string key, ReadOnlySpan<byte> value)
    {
        // Among old copies of a value, the newest is known by this.
        var change = database.Scalar("SELECT max(change) FROM state") + 1;
        database.Cached("INSERT OR REPLACE INTO state (id, key, value, change, checksum) VALUES (?1, ?2, ?3, ?4, ?5)")
            .Bind(1, IdOf(key)).Bind(2, key).Bind(3, value).Bind(4, change)
            .Bind(5, ChecksumOf(key, value, change)).Run();
    }

    internal static bool IsSound(string key, ReadOnlySpan<byte> value, long change, uint checksum) =>
        checksum == ChecksumOf(key, value, change);

    private static void Check(string key, ReadOnlySpan<byte> value)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(key.Length, KeyLengthMax);
        if (value.Length > ValueBytesMax)
            throw new ArgumentException($"state '{key}' has {value.Length} bytes: at most {ValueBytesMax}");
    }

    /// <summary>The row of a key: with a number for key, a page can be read by itself when the tree above it is
    /// lost.</summary>
    internal static long IdOf(string key) =>
        BinaryPrimitives.ReadInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    private static uint ChecksumOf(string key, ReadOnlySpan<byte> value, long change) =>
        Crc32C.Of(value) ^ Crc32C.Of(Encoding.UTF8.GetBytes($"{change} {key}"));
}
