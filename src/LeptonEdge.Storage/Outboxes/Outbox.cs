using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Buffers;
using LeptonEdge.Storage.Devices;
using LeptonEdge.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace LeptonEdge.Storage.Outboxes;

/// <summary>Sealed batches on their way to the hub, on disk. Once <see cref="Append"/> returned, a batch stays until
/// the hub's receipt, across kills and power cuts, or is shed and named in a gap. Any thread.</summary>
/// <remarks>SQLite in WAL mode with synchronous=FULL: every append is one transaction and one fsync.</remarks>
public sealed class Outbox : IDisposable
{
    private readonly Database _database;
    private readonly OutboxOptions _options;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly PooledBufferWriter _sealed = new();
    private readonly OutboxShedder _shedder;
    private readonly Statement _insert;
    private readonly Statement _read;
    private readonly Statement _list;
    private readonly Statement _delete;
    private readonly Statement _receipt;
    private OutboxTotals _totals = new();
    private ulong _last;
    private ulong _receipted;
    private bool _disposed;

    private Outbox(Database database, OutboxOptions options, TimeProvider clock, ILogger logger)
    {
        (_database, _options, _logger) = (database, options, logger);
        Epoch = (ulong)database.Scalar("SELECT value FROM meta WHERE key = 'epoch'");
        _receipted = (ulong)database.Scalar("SELECT value FROM meta WHERE key = 'receipted'");
        _last = Math.Max(_receipted, (ulong)database.Scalar("SELECT max(sequence) FROM batch"));
        _insert = database.Prepare(
            "INSERT INTO batch (sequence, first, class, records, bytes, shed, sealed) VALUES (?1, ?1, ?2, ?3, ?4, "
            + "NULL, ?5)");
        _read = database.Prepare(
            "SELECT first, sequence, class, records, bytes, sealed FROM batch WHERE sequence > ?1 ORDER BY sequence "
            + "LIMIT ?2");
        _list = database.Prepare("SELECT class, shed IS NOT NULL, records, bytes FROM batch WHERE sequence <= ?1");
        _delete = database.Prepare("DELETE FROM batch WHERE sequence <= ?1");
        _receipt = database.Prepare("UPDATE meta SET value = ?1 WHERE key = 'receipted'");
        _shedder = new OutboxShedder(database, options, clock, Epoch);
        _totals.ShedRecords = database.Scalar("SELECT value FROM meta WHERE key = 'shed_records'");
        Visit(_last, _totals.Add);
        State = new DeviceState(database, _gate, options.Path);
    }

    /// <summary>Drawn at random when the file was created: a file made anew never reuses a batch's name.</summary>
    public ulong Epoch { get; }

    /// <summary>Sequence of the newest batch; 0 while there was none.</summary>
    public ulong LastSequence => Volatile.Read(ref _last);

    /// <summary>The hub has everything up to and including this.</summary>
    public ulong ReceiptedThrough => Volatile.Read(ref _receipted);

    /// <summary>Set when the file that was there could not be used.</summary>
    public OutboxSetAside? SetAside { get; private init; }

    /// <summary>Small durable values in the same file.</summary>
    public DeviceState State { get; }

    public OutboxBacklog Backlog
    {
        get
        {
            lock (_gate)
                return new OutboxBacklog(_totals.Batches, _totals.Records, _totals.Bytes, _totals.ShedRecords);
        }
    }

    /// <summary>Opens or creates the file. One that is damaged or foreign is renamed, never deleted, and a new outbox
    /// with a new epoch takes its place: an agent must be able to go on recording.</summary>
    /// <exception cref="OutboxException">Held by another process, not writable, or written by a newer
    /// version.</exception>
    public static Outbox Open(OutboxOptions options, TimeProvider clock, ILogger? logger = null)
    {
        options.Validate();
        logger ??= NullLogger.Instance;
        try
        {
            return Create(options, clock, logger, null);
        }
        catch (OutboxDamagedException e)
        {
            var kept = OutboxFile.SetAside(options.Path, clock.GetUtcNow());
            var outbox = Create(options, clock, logger, new OutboxSetAside(kept, e.Reason));
            OutboxLog.SetAside(logger, options.Path, e.Reason, kept, outbox.Epoch.ToString("x16"));
            return outbox;
        }
    }

    /// <summary>Seals one batch under the next sequence and commits it to the disk; returns the sequence.</summary>
    /// <param name="records">How many records are inside.</param>
    /// <exception cref="OutboxException">Nothing was appended: the disk failed or is full.</exception>
    public ulong Append(RecordClass recordClass, int records, SealBatch seal)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var sequence = _last + 1;
            _sealed.Clear();
            seal(sequence, sequence, _sealed);
            if (_sealed.WrittenCount > _options.BatchBytesMax)
                throw new OutboxException(
                    $"outbox {_options.Path}: a batch of {_sealed.WrittenCount} sealed bytes is over the "
                    + $"limit of {_options.BatchBytesMax}; append fewer records at once");
            Guard(() => Insert(sequence, recordClass, records));
            Volatile.Write(ref _last, sequence);
            return sequence;
        }
    }

    /// <summary>Adds the batches that follow <paramref name="after"/>, oldest first, and returns how many there were.
    /// The first one comes even when it alone exceeds <paramref name="bytesMax"/>.</summary>
    public int ReadAfter(ulong after, int batchesMax, long bytesMax, List<OutboxBatch> into)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var before = into.Count;
            Guard(() =>
            {
                _read.Bind(1, after).Bind(2, batchesMax);
                for (long bytes = 0; _read.Step();)
                {
                    bytes += _read.Int64(4);
                    if (bytes > bytesMax && into.Count > before)
                        break;
                    into.Add(new OutboxBatch(
                        _read.UInt64(0), _read.UInt64(1), (RecordClass)_read.Int32(2), _read.Int32(3),
                        _read.Blob(5).ToArray()));
                }

                _read.Reset();
            });
            return into.Count - before;
        }
    }

    /// <summary>Takes the hub's receipt: everything up to and including <paramref name="through"/> may go. An old
    /// receipt changes nothing.</summary>
    /// <returns>False when the receipt speaks of batches that this file never held; it is then ignored.</returns>
    public bool Trim(ulong through)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (through <= _receipted)
                return true;
            if (through > _last)
            {
                OutboxLog.ReceiptAhead(_logger, through, Epoch.ToString("x16"), _last);
                return false;
            }

            Guard(() => Delete(through));
            Volatile.Write(ref _receipted, through);
            return true;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            _disposed = true;
            try
            {
                _database.Execute("UPDATE meta SET value = 1 WHERE key = 'clean'");
            }
            catch (SqliteException)
            {
                // Not marked as clean, the file is examined when it is opened next: nothing else depends on it.
            }

            _database.Dispose();
            _shedder.Dispose();
            _sealed.Dispose();
        }
    }

    private static Outbox Create(OutboxOptions options, TimeProvider clock, ILogger logger, OutboxSetAside? setAside)
    {
        var database = OutboxFile.Open(options);
        try
        {
            return new Outbox(database, options, clock, logger) { SetAside = setAside };
        }
        catch (SqliteException e)
        {
            database.Dispose();
            throw OutboxFile.Explain(options.Path, e);
        }
    }

    private void Insert(ulong sequence, RecordClass recordClass, int records)
    {
        var bytes = _sealed.WrittenCount;
        var full = _totals.Bytes + bytes > _options.BytesMax;
        if (full)
            _database.Cached("BEGIN IMMEDIATE").Run();
        _insert.Bind(1, sequence).Bind(2, (long)recordClass).Bind(3, records).Bind(4, bytes)
            .Bind(5, _sealed.WrittenSpan).Run();
        if (!full)
        {
            _totals.Add(recordClass, gap: false, records, bytes);
            return;
        }

        var totals = _totals.Copy();
        totals.Add(recordClass, gap: false, records, bytes);
        var shed = _shedder.Shed(totals);
        _database.Cached("COMMIT").Run();
        _totals = totals;
        OutboxLog.Shed(_logger, _options.BytesMax, shed.Batches, shed.Records);
    }

    private void Delete(ulong through)
    {
        var totals = _totals.Copy();
        Visit(through, totals.Remove);
        // No fsync: a trim that a power cut undoes makes the agent send again, which the hub takes once.
        _database.Execute("PRAGMA synchronous = NORMAL");
        try
        {
            _database.Cached("BEGIN IMMEDIATE").Run();
            _delete.Bind(1, through).Run();
            _receipt.Bind(1, through).Run();
            _database.Cached("COMMIT").Run();
        }
        finally
        {
            _database.RollBack();
            _database.Execute("PRAGMA synchronous = FULL");
        }

        _totals = totals;
    }

    private void Visit(ulong through, Action<RecordClass, bool, int, int> visit)
    {
        _list.Bind(1, through);
        while (_list.Step())
            visit((RecordClass)Math.Clamp(_list.Int32(0), 0, (int)RecordClass.Bulk), _list.Int32(1) != 0,
                _list.Int32(2), _list.Int32(3));
        _list.Reset();
    }

    private void Guard(Action work)
    {
        try
        {
            work();
        }
        catch (SqliteException e)
        {
            throw OutboxFile.Explain(_options.Path, e);
        }
        finally
        {
            _database.RollBack();
        }
    }
}
