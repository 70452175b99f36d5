using LeptonEdge.Core;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Storage.Hubs.Charts;
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
    private readonly FileStream? _lock;
    private readonly DiskWitness? _witness;
    private HubWriter? _writer;
    private bool _together;
    private bool _disposed;

    private HubStore(
        HubStoreOptions options, TimeProvider clock, HubWriter? writer, FileStream? fileLock, OpenCharts charts)
    {
        Charts = charts;
        (_options, _clock, _writer, _lock) = (options, clock, writer, fileLock);
        _witness = fileLock is null ? null : new DiskWitness(options.Path + ".witness");
        _readers = new ReaderPool(options);
    }

    /// <summary>Opens or creates the store for writing; one process at a time may.</summary>
    /// <exception cref="HubStoreException">Held by another hub, not writable, damaged, or not a hub's
    /// store.</exception>
    public static HubStore Open(HubStoreOptions options, TimeProvider clock)
    {
        options.Validate();
        var fileLock = Lock(options.Path);
        try
        {
            var charts = new OpenCharts();
            return new HubStore(options, clock, OpenWriter(options, charts), fileLock, charts);
        }
        catch
        {
            fileLock.Dispose();
            throw;
        }
    }

    /// <summary>Opens a store for queries alone, also beside a hub that writes to it.</summary>
    /// <exception cref="HubStoreException">There is no such file, or it is not a hub's store.</exception>
    public static HubStore OpenReadOnly(string path)
    {
        if (!File.Exists(path))
            throw new HubStoreException($"hub store {path}: there is no such file", HubStoreFault.Foreign);
        var options = new HubStoreOptions { Path = path, ReadersMax = 2 };
        var store = new HubStore(options, TimeProvider.System, null, null, new OpenCharts());
        try
        {
            store._readers.Read(database => HubSchema.Check(database, path, toWrite: false));
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

    /// <summary>Stores several batches, and puts into quarantine those that cannot be read, in one transaction with one
    /// fsync: all of them or, when this throws, none.</summary>
    /// <returns>One outcome for each batch, in order.</returns>
    /// <exception cref="HubStoreException">The disk failed or is full.</exception>
    public IngestOutcome[] Ingest(IReadOnlyList<Received> batches) => Write(writer =>
    {
        var now = NowMicros;
        var outcomes = new IngestOutcome[batches.Count];
        for (var i = 0; i < outcomes.Length; i++)
            outcomes[i] = writer.Ingest(batches[i], now);
        return outcomes;
    });

    /// <summary>Moves a batch that can be read now from quarantine into the store, in one transaction.</summary>
    /// <param name="id">Its number there; <see cref="QuarantinedBatch.Id"/>.</param>
    /// <returns>False when it is not in quarantine under that number and name.</returns>
    /// <exception cref="HubStoreException">The disk failed or is full.</exception>
    public bool Release(long id, ReceivedBatch batch) => Write(writer => writer.Release(id, batch, NowMicros));

    /// <summary>Writes something durably, to find out whether the store works.</summary>
    /// <exception cref="HubStoreException">It does not.</exception>
    public void Probe() => Write(
        writer =>
        {
            writer.Database.Cached("INSERT OR REPLACE INTO setting (key, value) VALUES ('probe', ?1)")
                .Bind(1, NowMicros).Run();
            return true;
        },
        scoped: false);

    /// <summary>Has everything that <paramref name="work"/> writes here written in one transaction: all of it or none. What
    /// it reads is what was there before, and nobody else changes it meanwhile.</summary>
    /// <remarks>It may call the store alone: others may hold what it would wait for, and wait for the store.</remarks>
    /// <exception cref="HubStoreException">The disk failed or is full.</exception>
    public T Together<T>(Func<T> work) => Write(_ => work());

    /// <summary>Every batch of the epoch up to this is in the store; 0 when there is none.</summary>
    public ulong Cursor(TenantId tenant, DeviceId device, ulong epoch) => CursorAndMark(tenant, device, epoch).Through;

    /// <summary>The same, with the seal mark of the batch there; 0 unknown.</summary>
    public (ulong Through, ulong SealMark) CursorAndMark(TenantId tenant, DeviceId device, ulong epoch) =>
        _readers.Read(database =>
        {
            var find = database.Cached("""
                SELECT through, mark FROM cursor JOIN device ON device.id = device_id
                WHERE tenant = ?1 AND device = ?2 AND epoch = ?3
                """).Bind(1, tenant.Value).Bind(2, device.Value).Bind(3, epoch);
            return find.Step() ? (find.UInt64(0), find.UInt64(1)) : default;
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
            _witness?.Dispose();
            _lock?.Dispose();
        }
    }

    /// <summary>Runs a query on a connection of its own; see the query classes beside this one.</summary>
    internal T Read<T>(Func<Database, T> query) => _readers.Read(query);

    /// <summary>How much of the audit log the store holds, and how much of it a file takes.</summary>
    internal (long EntriesMax, int InArchive) AuditLimits => (_options.AuditEntriesMax, _options.AuditArchiveEntries);

    /// <summary>The SQLite file.</summary>
    internal string Path => _options.Path;

    /// <summary>Readings that are in no sum yet.</summary>
    internal OpenCharts Charts { get; }

    /// <summary>Now by the hub's clock, microseconds since 1970-01-01 UTC.</summary>
    internal long NowMicros => _clock.GetUnixMicros();

    /// <summary>Runs work in one transaction.</summary>
    /// <param name="durable">False where losing the newest value in a power cut does no harm: no fsync.</param>
    /// <param name="scoped">False for what the hub notes for itself: no <see cref="StoreScope"/> has a part in
    /// it.</param>
    internal T Write<T>(Func<HubWriter, T> work, bool durable = true, bool scoped = true)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_lock is null)
                throw new InvalidOperationException($"hub store {_options.Path}: was opened for reading only");
            var writer = _writer ??= OpenWriter(_options, Charts);
            // Part of what is done together: its end is everybody's.
            if (_together)
                return work(writer);
            try
            {
                return Write(writer, work, durable, durable && scoped ? StoreScope.Current : null);
            }
            catch (SqliteException e)
            {
                // After a failed write or fsync nobody knows what of the log is on the disk: the next write opens anew,
                // which reads the log and folds it into the file.
                if (e.SqliteErrorCode is raw.SQLITE_IOERR or raw.SQLITE_CANTOPEN or raw.SQLITE_PROTOCOL)
                {
                    writer.Dispose();
                    _writer = null;
                }

                throw Explain(_options.Path, e);
            }
        }
    }

    private T Write<T>(HubWriter writer, Func<HubWriter, T> work, bool durable, StoreScope? scope)
    {
        var database = writer.Database;
        try
        {
            if (!durable)
                database.Run("PRAGMA synchronous = NORMAL");
            database.Cached("BEGIN IMMEDIATE").Run();
            _together = true;
            var (changes, result) = (database.TotalChanges, work(writer));
            var along = database.TotalChanges == changes ? null : scope?.Along(result);
            if (along is not null)
                writer.Write(along, NowMicros);
            writer.Meters.Flush();
            database.Cached("COMMIT").Run();
            if (durable && !_witness!.Write())
                throw new HubStoreException(
                    $"hub store {_options.Path}: the disk has turned read-only; mount it anew, and check it, to go on",
                    HubStoreFault.Unavailable);
            writer.Audit.Committed(_options.Path);
            if (along is not null)
                scope!.Committed(along);
            return result;
        }
        catch
        {
            database.ResetAll();
            database.RollBack();
            writer.Forget();
            throw;
        }
        finally
        {
            _together = false;
            if (!durable)
                database.Run("PRAGMA synchronous = FULL");
        }
    }

    private static HubWriter OpenWriter(HubStoreOptions options, OpenCharts charts)
    {
        Database? database = null;
        try
        {
            database = Database.Open(options.Path, SqliteOpenMode.ReadWriteCreate, BusyTimeout);
            HubSchema.Prepare(database, options);
            charts.Forget();
            return new HubWriter(database, options, charts);
        }
        catch (Exception e)
        {
            database?.Dispose();
            if (e is SqliteException sqlite)
                throw Explain(options.Path, sqlite);
            throw;
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
                + $"write in its folder? ({e.Message})", HubStoreFault.Unavailable, e);
        }
    }

    internal static HubStoreException Explain(string path, SqliteException e) => e.SqliteErrorCode switch
    {
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => new HubStoreException(
            $"hub store {path}: is damaged or no database ({e.Message}); restore it from a backup",
            HubStoreFault.Damaged, e),
        raw.SQLITE_FULL => new HubStoreException(
            $"hub store {path}: the disk is full; devices keep what is not stored", HubStoreFault.Full, e),
        raw.SQLITE_CANTOPEN or raw.SQLITE_READONLY => new HubStoreException(
            $"hub store {path}: cannot be opened for writing; check its folder and their owner",
            HubStoreFault.Unavailable, e),
        raw.SQLITE_CONSTRAINT or raw.SQLITE_MISMATCH or raw.SQLITE_TOOBIG or raw.SQLITE_RANGE =>
            new HubStoreException($"hub store {path}: {e.Message}", HubStoreFault.Refused, e),
        _ => new HubStoreException($"hub store {path}: {e.Message}", HubStoreFault.Unavailable, e),
    };
}
