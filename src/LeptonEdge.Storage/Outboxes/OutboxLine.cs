using LeptonEdge.Core.Records;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Storage.Outboxes;

/// <summary>The outbox without its disk: names, appends, sheds, reads and trims over any <see cref="IOutboxTable"/>.
/// One thread at a time. After an exception of the table everything is as before the call.</summary>
internal sealed class OutboxLine : IOutbox, IDisposable
{
    private readonly IOutboxTable _table;
    private readonly OutboxOptions _options;
    private readonly ILogger _logger;
    private readonly Func<ulong> _drawEpoch;
    private readonly GapBatch _gap;
    private readonly OutboxShedder _shedder;
    private readonly StagedBatches _staged;
    private OutboxState _state;

    /// <param name="drawEpoch">Makes the name of a new line; never 0.</param>
    /// <exception cref="OutboxDamagedException">Rows and state do not belong together.</exception>
    public OutboxLine(
        IOutboxTable table, OutboxOptions options, TimeProvider clock, ILogger logger, Func<ulong>? drawEpoch = null)
    {
        (_table, _options, _logger, _drawEpoch) = (table, options, logger, drawEpoch ?? OutboxState.DrawEpoch);
        _staged = new StagedBatches(options);
        _gap = new GapBatch(options.SealGap, clock);
        _shedder = new OutboxShedder(table, options, _gap);
        _state = table.ReadState() ?? Begin();
        CheckEnds();
    }

    public OutboxPosition Position => new(_state.Epoch, _state.Receipted, _state.Last);

    public OutboxBacklog Backlog => _state.Backlog;

    /// <summary>Transactions so far.</summary>
    public ulong ChangeCount => _state.Change;

    /// <summary>Seals and commits one or several batches in one transaction.</summary>
    public AppendedBatches Append(params ReadOnlySpan<PendingBatch> batches)
    {
        var names = Stage(batches);
        Flush();
        return names;
    }

    /// <summary>Seals batches under the next sequences, to be committed by <see cref="Flush"/>. When one of them fails
    /// none of this call is staged.</summary>
    public AppendedBatches Stage(ReadOnlySpan<PendingBatch> batches)
    {
        var (first, last) = _staged.Add(batches, _state.Last);
        return new AppendedBatches(_state.Epoch, first, last);
    }

    /// <summary>Sealed bytes that wait for <see cref="Flush"/>.</summary>
    public int StagedBytes => _staged.BufferedBytes;

    /// <summary>Commits what is staged, durably; when it fails, nothing is staged any more and nothing was
    /// appended.</summary>
    public void Flush()
    {
        try
        {
            if (_staged.All.IsEmpty)
                return;
            MakeRoom();
            Change(durable: true, Insert);
        }
        catch
        {
            _shedder.Forget();
            throw;
        }
        finally
        {
            DropStaged();
        }
    }

    public void DropStaged() => _staged.Clear();

    /// <summary>Adds the rows that follow <paramref name="after"/>, oldest first, and returns how many there were. The
    /// first one comes even when it alone exceeds <paramref name="bytesMax"/>. A row that the disk changed is not
    /// given out: a gap takes its place.</summary>
    /// <exception cref="OutboxDamagedException">Rows are missing.</exception>
    public int ReadAfter(ulong after, int batchesMax, long bytesMax, List<OutboxBatch> into)
    {
        var count = 0;
        var through = Math.Max(after, _state.Receipted);
        var previous = MarkAt(through);
        for (var bytes = 0L; count < batchesMax && through < _state.Last;)
        {
            if (!_table.TryNext(through + 1, out var row) || !Follows(row, through, count == 0))
                throw new OutboxDamagedException(_options.Path, $"batch {through + 1} is missing");
            if (bytes + row.Bytes > bytesMax && count > 0)
                break;
            var sealedBytes = _table.ReadSealed(row.Sequence);
            if (!IsSound(row, sealedBytes))
            {
                ReplaceDamaged(row, sealedBytes);
                continue;
            }

            into.Add(new OutboxBatch(
                row.First, row.Sequence, row.Class, row.Records, sealedBytes, row.Epoch,
                row.IsGap ? 0 : row.SealMark, row.IsGap ? 0 : previous));
            (through, previous) = (row.Sequence, row.IsGap ? 0 : row.SealMark);
            bytes += row.Bytes;
            count++;
        }

        _shedder.ReadOut(through, _state.Change);
        return count;
    }

    /// <summary>Takes the hub's receipt: everything up to and including <paramref name="through"/> may go.</summary>
    /// <param name="sealMark">Of the batch that the hub stored at <paramref name="through"/>; 0 while unknown.</param>
    public TrimResult Trim(ulong epoch, ulong through, ulong sealMark)
    {
        if (epoch != _state.Epoch || through <= _state.Receipted)
            return TrimResult.Stale;
        if (through > _state.Last)
            return TrimResult.Forked;
        if (sealMark != 0 && _table.TryNext(through, out var row) && row.Sequence == through && !row.IsGap
            && row.SealMark != sealMark && IsSound(row, _table.ReadSealed(through)))
            return TrimResult.Forked;

        Change(durable: false, next =>
        {
            for (ulong from = 0; _table.TryNext(from, out var old) && old.Sequence <= through; from = old.Sequence + 1)
                next.Remove(old);
            _table.Delete(0, through);
            // The hub's word for what it has there: the next batch names it as its predecessor.
            (next.Receipted, next.ReceiptedMark) = (through, sealMark);
            if (through == next.Last)
                next.Clear();
        });
        return TrimResult.Trimmed;
    }

    public void Dispose()
    {
        _staged.Dispose();
        _gap.Dispose();
    }

    /// <summary>One batch cannot be sent: its bytes are put aside and a gap takes its place.</summary>
    /// <returns>False when there is no such batch.</returns>
    public bool PutAside(ulong epoch, ulong sequence, string reason)
    {
        if (epoch != _state.Epoch || !_table.TryNext(sequence, out var row) || row.Sequence != sequence || row.IsGap)
            return false;
        var sealedBytes = _table.ReadSealed(sequence);
        if (!IsSound(row, sealedBytes))
        {
            ReplaceDamaged(row, sealedBytes);
            return true;
        }

        var why = $"{reason}; {Keep(row, sealedBytes)}";
        var range = new ShedRange();
        range.Add(row.Class, sequence, sequence, row.Records);
        Change(durable: true, next => Replace(next, row, _gap.Of(next, sequence, sequence, range, why)));
        OutboxLog.PutAside(_logger, sequence, why);
        return true;
    }

    /// <summary>The hub lost what it had receipted: everything after <paramref name="through"/> up to the oldest row is
    /// named as a gap, to be sent again from there.</summary>
    /// <returns>False when the receipts here do not go further than that.</returns>
    public bool Rewind(ulong epoch, ulong through)
    {
        if (epoch != _state.Epoch || through >= _state.Receipted)
            return false;
        var last = _table.TryNext(0, out var row) ? row.First - 1 : _state.Last;
        var receipted = _state.Receipted;
        Change(durable: true, next =>
        {
            (next.Receipted, next.ReceiptedMark) = (through, 0);
            if (last > through)
                Put(next, _gap.OfUnknown(next, through + 1, last,
                    $"the hub had received through {receipted} and now has only {through}: it lost these, "
                    + "and they are no longer here"));
        });
        OutboxLog.Rewound(_logger, through, receipted);
        return true;
    }

    /// <summary>Begins a new epoch: a copy of the whole is put aside first, and the first row names what was left
    /// behind.</summary>
    public void Fork(string reason)
    {
        var left = new ShedRange();
        for (ulong from = 0; _table.TryNext(from, out var row); from = row.Sequence + 1)
        {
            if (GapBatch.MayJoin(row))
                left.AddRecords(row.Gap);
            else if (!row.IsGap)
                left.Add(row.Class, 1, 1, row.Records);
        }

        var kept = _table.KeepCopy();
        var (epoch, why) = (_state.Epoch, $"{reason}; what the hub had not received is kept in {kept}");
        Change(durable: true, next =>
        {
            next.Epoch = _drawEpoch();
            (next.Last, next.Receipted, next.ReceiptedMark) = (1, 0, 0);
            next.Clear();
            _table.Delete(0, long.MaxValue);
            Put(next, left.IsEmpty ? _gap.OfUnknown(next, 1, 1, why) : _gap.Of(next, 1, 1, left, why));
        });
        _shedder.Forget(newEpoch: true);
        OutboxLog.Forked(_logger, epoch.ToString("x16"), _state.Epoch.ToString("x16"), why);
    }

    // What is damaged, or stands for something else, names no predecessor.
    private ulong MarkAt(ulong sequence)
    {
        if (sequence == _state.Receipted)
            return _state.ReceiptedMark;
        return _table.TryNext(sequence, out var row) && row.Sequence == sequence && !row.IsGap ? row.SealMark : 0;
    }

    private void ReplaceDamaged(OutboxRow row, byte[] sealedBytes)
    {
        var why = $"damaged on the disk; {Keep(row, sealedBytes)}";
        Change(durable: true, next =>
        {
            Replace(next, row, _gap.OfUnknown(next, row.First, row.Sequence, why));
            // What the row says of itself may be what is wrong with it, and then the totals were not changed rightly.
            next.Clear();
            for (ulong from = 0; _table.TryNext(from, out var each); from = each.Sequence + 1)
                next.Add(each);
        });
        _shedder.Forget();
        OutboxLog.PutAside(_logger, row.Sequence, why);
    }

    private string Keep(in OutboxRow row, byte[] sealedBytes) =>
        _table.KeepAside(_state.Epoch, row.Sequence, sealedBytes) is { } file
            ? $"kept as {file}"
            : "not kept: no more may be put aside";

    private void Replace(OutboxState next, in OutboxRow row, in OutboxRow gap)
    {
        next.Remove(row);
        _table.Delete(row.Sequence, row.Sequence);
        Put(next, gap);
    }

    private void Put(OutboxState next, in OutboxRow gap)
    {
        _table.Insert(gap, _gap.Sealed);
        next.Add(gap);
    }

    private OutboxState Begin()
    {
        _state = new OutboxState();
        Change(durable: true, next => next.Epoch = _drawEpoch());
        return _state;
    }

    // All of the rows are looked at when they are read; here it is enough that the ends are where the state has them.
    private void CheckEnds()
    {
        var any = _table.TryNext(0, out var row);
        var sound = _state.Receipted == _state.Last
            ? !any
            : any && Follows(row, _state.Receipted, mayOverlap: true) && _table.TryNext(_state.Last, out row)
                && row.Sequence == _state.Last;
        if (!sound || _table.TryNext(_state.Last + 1, out _))
            throw new OutboxDamagedException(_options.Path, "batches are missing, or its counters are wrong");
    }

    private bool Follows(in OutboxRow row, ulong through, bool mayOverlap) =>
        row.Epoch == _state.Epoch && row.Sequence > through && row.Sequence <= _state.Last
        && (row.First == through + 1 || (mayOverlap && row.IsGap && row.First <= through + 1));

    private bool IsSound(in OutboxRow row, byte[] sealedBytes) =>
        row.Epoch == _state.Epoch && row.Checksum == Crc32C.Of(row, sealedBytes);

    // In small transactions of their own: shedding touches pages all over the file, and each goes through the log. A
    // power cut that undoes one only brings back what was about to be given up.
    private void MakeRoom()
    {
        var shed = (Batches: 0L, Records: 0L);
        for (var any = true; any && !_table.HasRoom(_staged.Count, _staged.Bytes);)
        {
            any = false;
            Change(durable: false, next =>
            {
                for (var i = 0; i < _options.ShedStep && !_table.HasRoom(_staged.Count, _staged.Bytes); i++)
                {
                    if (_shedder.Choose(next, _staged.BytesOfClass, out var oldest) is not { } recordClass)
                        return;
                    any = true;
                    shed.Batches++;
                    if (oldest.Sequence == 0)
                    {
                        shed.Records += _staged.Shed(recordClass);
                        continue;
                    }

                    shed.Records += oldest.Records;
                    _shedder.Replace(next, oldest, isThere: true);
                }
            });
        }

        if (shed.Batches > 0)
            OutboxLog.Shed(_logger, _options.BytesMax, shed.Batches, shed.Records);
        _table.MakeLogRoom(_staged.Bytes);
    }

    private void Insert(OutboxState next)
    {
        foreach (var staged in _staged.All)
        {
            var sealedBytes = _staged.Sealed(staged);
            var row = OutboxRow.Make(
                next, staged.Sequence, staged.Sequence, staged.Class, staged.Records, null, sealedBytes);
            next.Last = staged.Sequence;
            if (staged.Shed)
            {
                _shedder.Replace(next, row, isThere: false);
                continue;
            }

            _table.Insert(row, sealedBytes);
            next.Add(row);
        }
    }

    private void Change(bool durable, Action<OutboxState> change)
    {
        var next = _state.Next();
        try
        {
            _table.Begin(durable);
            change(next);
            _table.WriteState(next);
            _table.Commit();
        }
        finally
        {
            _table.RollBack();
        }

        _state = next;
    }
}
