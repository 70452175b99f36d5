using LeptonEdge.Core;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace LeptonEdge.Storage.Hubs;

/// <summary>Everything that the hub keeps. One writer behind a lock, any number of readers beside it; any
/// thread.</summary>
/// <remarks>SQLite in WAL mode with synchronous=FULL: when <see cref="Ingest"/> returned Stored, batch and cursor are
/// on the disk together, and the receipt may be sent.</remarks>
public sealed class HubStore : IDisposable
{
    private static readonly TimeSpan BusyTimeout = TimeSpan.FromSeconds(5);
    private readonly HubStoreOptions _options;
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();
    private readonly ReaderPool _readers;
    private readonly Database? _database;
    private readonly HubWriter? _writer;
    private readonly FileStream? _lock;
    private bool _disposed;

    private HubStore(HubStoreOptions options, TimeProvider clock, Database? database, FileStream? fileLock)
    {
        (_options, _clock, _database, _lock) = (options, clock, database, fileLock);
        _readers = new ReaderPool(options);
        _writer = database is null ? null : new HubWriter(database);
    }

    /// <summary>Opens or creates the store for writing; one process at a time may.</summary>
    /// <exception cref="HubStoreException">Held by another hub, not writable, damaged, or not a hub's
    /// store.</exception>
    public static HubStore Open(HubStoreOptions options, TimeProvider clock)
    {
        options.Validate();
        var fileLock = Lock(options.Path);
        Database? database = null;
        try
        {
            database = Database.Open(options.Path, SqliteOpenMode.ReadWriteCreate, BusyTimeout);
            HubSchema.Prepare(database, options);
            return new HubStore(options, clock, database, fileLock);
        }
        catch (Exception e)
        {
            database?.Dispose();
            fileLock.Dispose();
            if (e is SqliteException sqlite)
                throw Explain(options.Path, sqlite);
            throw;
        }
    }

    /// <summary>Opens a store for queries alone, also beside a hub that writes to it.</summary>
    /// <exception cref="HubStoreException">There is no such file, or it is not a hub's store.</exception>
    public static HubStore OpenReadOnly(string path)
    {
        if (!File.Exists(path))
            throw new HubStoreException($"hub store {path}: there is no such file");
        var store = new HubStore(new HubStoreOptions { Path = path, ReadersMax = 2 }, TimeProvider.System, null, null);
        try
        {
            store._readers.Read(database => HubSchema.Check(database, path, emptyAllowed: false));
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>Stores one batch and moves the cursor, in one transaction; a batch received twice is stored
    /// once.</summary>
    /// <param name="sealedBytes">Size on the wire.</param>
    public IngestOutcome Ingest(TenantId tenant, BatchHeader header, RecordBatch batch, int sealedBytes) =>
        Ingest([new ReceivedBatch(tenant, header, batch, sealedBytes)])[0];

    /// <summary>Stores several batches in one transaction with one fsync: all of them or, when this throws,
    /// none.</summary>
    /// <returns>One outcome for each batch, in order.</returns>
    /// <exception cref="HubStoreException">The disk failed or is full.</exception>
    public IngestOutcome[] Ingest(IReadOnlyList<ReceivedBatch> batches) => Write(writer =>
    {
        var now = NowMicros;
        var outcomes = new IngestOutcome[batches.Count];
        for (var i = 0; i < outcomes.Length; i++)
            outcomes[i] = writer.Ingest(batches[i], now);
        return outcomes;
    });

    /// <summary>Every batch of the epoch up to this is in the store; 0 when there is none.</summary>
    public ulong Cursor(TenantId tenant, DeviceId device, ulong epoch) => _readers.Read(database =>
    {
        var find = database.Cached("""
            SELECT through FROM cursor JOIN device ON device.id = device_id WHERE tenant = ?1 AND device = ?2 AND epoch = ?3
            """).Bind(1, tenant.Value).Bind(2, device.Value).Bind(3, epoch);
        return find.Step() ? find.UInt64(0) : 0;
    });

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            _disposed = true;
            _readers.Dispose();
            _writer?.Dispose();
            _database?.Dispose();
            _lock?.Dispose();
        }
    }

    /// <summary>Runs a query on a connection of its own; see the query classes beside this one.</summary>
    internal T Read<T>(Func<Database, T> query) => _readers.Read(query);

    /// <summary>Now by the hub's clock, microseconds since 1970-01-01 UTC.</summary>
    internal long NowMicros => _clock.GetUnixMicros();

    /// <summary>Runs work in one transaction.</summary>
    /// <param name="durable">False where losing the newest value in a power cut does no harm: no fsync.</param>
    internal T Write<T>(Func<HubWriter, T> work, bool durable = true)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_database is null || _writer is null)
                throw new InvalidOperationException($"hub store {_options.Path}: was opened for reading only");
            try
            {
                if (!durable)
                    _database.Execute("PRAGMA synchronous = NORMAL");
                _database.Cached("BEGIN IMMEDIATE").Run();
                var result = work(_writer);
                _database.Cached("COMMIT").Run();
                return result;
            }
            catch (Exception e)
            {
                _database.ResetAll();
                _database.RollBack();
                _writer.Forget();
                if (e is SqliteException sqlite)
                    throw Explain(_options.Path, sqlite);
                throw;
            }
            finally
            {
                if (!durable)
                    _database.Execute("PRAGMA synchronous = FULL");
            }
        }
    }

    private static FileStream Lock(string path)
    {
        try
        {
            return new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HubStoreException(
                $"hub store {path}: cannot be locked; does another hub use it, and may this user "
                + $"write in its folder? ({e.Message})", e);
        }
    }

    private static HubStoreException Explain(string path, SqliteException e) => e.SqliteErrorCode switch
    {
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB =>
            new HubStoreException(
                $"hub store {path}: is damaged or no database ({e.Message}); restore it from a backup", e),
        raw.SQLITE_FULL => new HubStoreException(
            $"hub store {path}: the disk is full; devices keep what is not stored", e),
        raw.SQLITE_CANTOPEN or raw.SQLITE_READONLY =>
            new HubStoreException(
                $"hub store {path}: cannot be opened for writing; check its folder and their owner", e),
        _ => new HubStoreException($"hub store {path}: {e.Message}", e),
    };
}
