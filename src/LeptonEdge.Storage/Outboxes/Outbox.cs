using System.Runtime.ExceptionServices;
using LeptonEdge.Core.Records;
using LeptonEdge.Storage.Devices;
using LeptonEdge.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SQLitePCL;

namespace LeptonEdge.Storage.Outboxes;

/// <summary>Sealed batches on their way to the hub, on disk. Once <see cref="Append(RecordClass, int, SealBatch)"/>
/// returned, a batch stays until the hub's receipt, across kills and power cuts, or is named in a gap. Any
/// thread.</summary>
/// <remarks>SQLite in WAL mode with synchronous=FULL. Appends that come together share one transaction and one fsync.
/// A full or failing disk throws and heals by itself; damage moves the file aside and goes on with what is
/// readable.</remarks>
public sealed class Outbox : IOutbox, IDisposable
{
    private readonly OutboxOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly OutboxMark _mark;
    private readonly Lock _gate = new();
    private readonly AppendQueue _queue = new();
    private readonly List<AppendRequest> _group = [];
    private volatile Seen _seen = new(new OutboxPosition(0, 0, 0), default);
    private SqliteOutboxTable? _table;
    private OutboxLine? _line;
    private bool _suspect;
    private bool _fresh;
    private bool _disposed;

    private Outbox(OutboxOptions options, TimeProvider clock, ILogger logger)
    {
        (_options, _clock, _logger) = (options, clock, logger);
        _mark = new OutboxMark(options.Path);
        State = new DeviceState(this);
    }

    /// <summary>Drawn at random when the file was created or left its old epoch: no two ever give one name
    /// twice.</summary>
    public ulong Epoch => Position.Epoch;

    /// <summary>Sequence of the newest batch; 0 while there was none.</summary>
    public ulong LastSequence => Position.LastSequence;

    /// <summary>The hub has everything up to and including this.</summary>
    public ulong ReceiptedThrough => Position.ReceiptedThrough;

    /// <summary>Epoch and sequences as they belong together; the epoch may change.</summary>
    public OutboxPosition Position => _seen.Position;

    /// <summary>Set when the file, at opening or since, turned out to be damaged.</summary>
    public OutboxSetAside? SetAside { get; private set; }

    /// <summary>Small durable values in the same file.</summary>
    public DeviceState State { get; }

    /// <summary>What waits; as of the last change, also while the disk fails.</summary>
    public OutboxBacklog Backlog => _seen.Backlog;

    /// <summary>Opens or creates the file. One that is damaged is renamed, never deleted, and what is readable in it
    /// goes into a new one: an agent must be able to go on recording.</summary>
    /// <exception cref="OutboxException">Held by another process, not writable, or written by a newer
    /// version.</exception>
    public static Outbox Open(OutboxOptions options, TimeProvider clock, ILogger? logger = null)
    {
        options.Validate();
        var outbox = new Outbox(options, clock, logger ?? NullLogger.Instance);
        lock (outbox._gate)
            outbox.Ready();
        return outbox;
    }

    /// <summary>Seals one batch under the next sequence and commits it to the disk; returns the sequence.</summary>
    /// <param name="records">How many records are inside.</param>
    /// <exception cref="OutboxException">Nothing was appended: the disk failed or is full.</exception>
    public ulong Append(RecordClass recordClass, int records, SealBatch seal) =>
        Append(new PendingBatch(recordClass, records, seal)).LastSequence;

    /// <summary>Seals several batches under the next sequences and commits them, all or none, with one fsync. Whoever
    /// appends at the same time shares it; the seal may be called by another thread.</summary>
    /// <exception cref="OutboxException">Nothing was appended: the disk failed or is full.</exception>
    public AppendedBatches Append(params ReadOnlySpan<PendingBatch> batches)
    {
        var request = AppendRequest.OfThread(batches);
        if (_queue.AddAndWait(request))
        {
            try
            {
                lock (_gate)
                    AppendTogether();
            }
            finally
            {
                _queue.Resign();
            }
        }

        return request.Take();
    }

    /// <summary>Adds the batches that follow <paramref name="after"/>, oldest first, and returns how many there were.
    /// The first one comes even when it alone exceeds <paramref name="bytesMax"/>. What the disk changed is not given
    /// out: a gap takes its place.</summary>
    public int ReadAfter(ulong after, int batchesMax, long bytesMax, List<OutboxBatch> into)
    {
        var before = into.Count;
        return Use(line =>
        {
            into.RemoveRange(before, into.Count - before);
            return line.ReadAfter(after, batchesMax, bytesMax, into);
        });
    }

    /// <summary>Takes the hub's receipt: everything up to and including <paramref name="through"/> may go.</summary>
    /// <param name="sealMark">Of the batch that the hub stored at <paramref name="through"/>; 0 while unknown.</param>
    public TrimResult Trim(ulong epoch, ulong through, ulong sealMark)
    {
        var result = Use(line => TrimOn(line, epoch, through, sealMark));
        if (result == TrimResult.Forked)
            OutboxLog.ReceiptForked(_logger, through, epoch.ToString("x16"), LastSequence);
        return result;
    }

    /// <summary>The hub lost what it had receipted (it is at <paramref name="through"/>): names it as a gap and sends
    /// again from there.</summary>
    /// <returns>False when there is nothing to do, or the epoch is another.</returns>
    public bool Rewind(ulong epoch, ulong through) => Use(line => line.Rewind(epoch, through));

    /// <summary>One batch cannot be sent: its bytes go to the folder PATH.aside, and a gap takes its place.</summary>
    /// <returns>False when there is no such batch.</returns>
    public bool PutAside(ulong epoch, ulong sequence, string reason) =>
        Use(line => line.PutAside(epoch, sequence, reason));

    /// <summary>Begins a new epoch, for the present one belongs to another history. A copy of the file is put aside;
    /// the first batch of the new epoch is a gap that names it.</summary>
    public void Fork(string reason) => Use(line =>
    {
        line.Fork(reason);
        return 0;
    });

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            Close();
            _mark.Dispose();
        }
    }

    internal int AppendsWaiting => _queue.Count;

    /// <summary>Since the file was made.</summary>
    internal ulong Transactions => Use(line => line.ChangeCount);

    /// <summary>Runs a query or change on the database itself, with the same care.</summary>
    internal T UseDatabase<T>(Func<Database, T> use) => Use(_ => use(_table!.Database));

    private T Use<T>(Func<OutboxLine, T> use)
    {
        lock (_gate)
        {
            try
            {
                return Guard(() => use(Ready()));
            }
            catch (OutboxDamagedException e)
            {
                Salvage(e.Reason);
                return Guard(() => use(Ready()));
            }
            finally
            {
                Note();
            }
        }
    }

    private void AppendTogether()
    {
        _group.Clear();
        Exception? fault = null;
        try
        {
            Guard(FlushGroup);
        }
        catch (OutboxDamagedException e)
        {
            fault = Again(e);
        }
        catch (Exception e)
        {
            // Whatever it is: every caller of the group waits for an answer, and gets this one.
            _line?.DropStaged();
            fault = e;
        }

        if (fault is null && _line is { } line && !_mark.Write(line.Position.Epoch, line.Position.LastSequence))
        {
            _suspect = true;
            fault = new OutboxException(
                $"outbox {_options.Path}: the disk has turned read-only; mount it anew, and check it, to go on");
        }

        Note();
        // Whoever leads is the first of the group; when there was no line to stage on, nobody is in it yet.
        if (_group.Count == 0 && _queue.TryTake(out var first))
            _group.Add(first);
        foreach (var request in _group)
            request.End(fault);
    }

    private Exception? Again(OutboxDamagedException damage)
    {
        try
        {
            Salvage(damage.Reason);
            // Under the names of the file that took its place.
            Guard(FlushGroup);
            return null;
        }
        catch (Exception e)
        {
            _line?.DropStaged();
            return e;
        }
    }

    private bool FlushGroup()
    {
        var line = Ready();
        foreach (var request in _group)
            request.Stage(line);
        while (line.StagedBytes < _options.GroupBytesMax && _queue.TryTake(out var request))
        {
            _group.Add(request);
            request.Stage(line);
        }

        line.Flush();
        return true;
    }

    private TrimResult TrimOn(OutboxLine line, ulong epoch, ulong through, ulong sealMark)
    {
        TrimResult result;
        try
        {
            result = line.Trim(epoch, through, sealMark);
        }
        catch (SqliteException e) when (e.SqliteErrorCode == raw.SQLITE_FULL)
        {
            // On a full disk the log cannot grow.
            _table!.GiveUpSpare();
            result = line.Trim(epoch, through, sealMark);
        }

        if (result == TrimResult.Trimmed)
            _table!.GiveBack();
        return result;
    }

    // The line, opened (again) when it must be.
    private OutboxLine Ready()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_suspect)
            Close();
        if (_line is not null)
            return _line;
        try
        {
            return OpenLine();
        }
        catch (OutboxDamagedException e)
        {
            return Salvage(e.Reason);
        }
    }

    private OutboxLine OpenLine(bool mended = false)
    {
        OutboxFile.FinishReplace(_options.Path, _clock.GetUtcNow());
        var check = OutboxCheck.Before(_options);
        Database database;
        try
        {
            database = OutboxFile.Open(_options);
        }
        catch (OutboxLayoutException e)
        {
            OutboxMigration.Run(_options, _clock);
            OutboxLog.Migrated(_logger, _options.Path, e.Layout, OutboxFile.Layout);
            database = OutboxFile.Open(_options);
        }

        try
        {
            _table = new SqliteOutboxTable(database, _options, _clock);
            _line = new OutboxLine(_table, _options, _clock, _logger);
            check.After(_line.ChangeCount);
            if (!mended)
                CheckEnd(_line.Position);
        }
        catch (Exception e)
        {
            database.KeepLog();
            database.Dispose();
            (_line, _table) = (null, null);
            if (e is SqliteException sqlite)
                throw OutboxFile.ExplainOpening(_options.Path, sqlite);
            throw;
        }

        _table.GiveBack();
        (_suspect, _fresh) = (false, true);
        Note();
        return _line;
    }

    private void CheckEnd(OutboxPosition position)
    {
        var (epoch, last) = _mark.Read();
        if (epoch == position.Epoch && last > position.LastSequence)
            throw new OutboxDamagedException(
                _options.Path, $"it ends at batch {position.LastSequence}, but batches through {last} were appended");
    }

    private OutboxLine Salvage(string reason)
    {
        _table?.Database.KeepLog();
        Close();
        SetAside = OutboxSalvage.Run(_options, _clock, reason);
        var line = OpenLine(mended: true);
        OutboxLog.SetAside(
            _logger, _options.Path, reason, SetAside.KeptAs, SetAside.Batches, Epoch.ToString("x16"));
        return line;
    }

    private T Guard<T>(Func<T> work)
    {
        try
        {
            var result = work();
            _fresh = false;
            return result;
        }
        catch (SqliteException e)
        {
            var code = e.SqliteErrorCode;
            if (_fresh && code is (raw.SQLITE_ERROR or raw.SQLITE_SCHEMA or raw.SQLITE_CONSTRAINT))
                throw new OutboxDamagedException(_options.Path, e.Message, e);
            // After a failed fsync nobody knows what of the log is on the disk: open anew, which reads and folds it.
            // Where its own statements are refused, opening anew tells damage from a passing state.
            _suspect = code is raw.SQLITE_IOERR or raw.SQLITE_CANTOPEN or raw.SQLITE_PROTOCOL or raw.SQLITE_ERROR
                or raw.SQLITE_SCHEMA or raw.SQLITE_CONSTRAINT;
            throw OutboxFile.Explain(_options.Path, e);
        }
    }

    // Replaced whole, so that whoever asks waits for no disk.
    private void Note()
    {
        if (_line is { } line && (line.Position != _seen.Position || line.Backlog != _seen.Backlog))
            _seen = new Seen(line.Position, line.Backlog);
    }

    private void Close()
    {
        _line?.Dispose();
        _table?.Dispose();
        (_line, _table, _suspect) = (null, null, false);
    }

    private sealed record Seen(OutboxPosition Position, OutboxBacklog Backlog);
}
