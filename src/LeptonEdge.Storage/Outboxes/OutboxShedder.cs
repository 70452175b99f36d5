using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Delivery;

namespace LeptonEdge.Storage.Outboxes;

/// <summary>Keeps the outbox within its byte limit: takes out the oldest batch of the class that must give way and
/// leaves a gap in its place, joined with the gaps beside it. Called within a transaction.</summary>
internal sealed class OutboxShedder(IOutboxTable table, OutboxOptions options, GapBatch gap)
{
    // Gaps that were given out for sending stay as they are, until there are this many rows of them.
    private const int GapsApartMax = 256;
    private readonly string _reason = $"the outbox was full: limit {options.BytesMax} bytes";
    private readonly long[] _reserves = options.ReserveBytes();

    // No batch of a class is older than this: whatever was is shed or received.
    private readonly ulong[] _oldest = new ulong[OutboxState.Classes];
    private ulong _readThrough;

    /// <summary>Everything up to this was given out: its names may be in flight, and the hub may store them.</summary>
    public void ReadOut(ulong through) => _readThrough = Math.Max(_readThrough, through);

    /// <summary>After a failed transaction, or when sequences began anew.</summary>
    public void Forget(bool newEpoch = false)
    {
        Array.Clear(_oldest);
        if (newEpoch)
            _readThrough = 0;
    }

    /// <summary>Sheds until the row fits or nothing but gaps is left.</summary>
    /// <param name="next">Holds the row already.</param>
    /// <param name="row">About to be inserted.</param>
    /// <returns>False when the row itself had to give way: a gap stands in its place.</returns>
    public bool MakeRoom(OutboxState next, in OutboxRow row, ref (long Batches, long Records) shed)
    {
        while (!table.HasRoom(row.Bytes) && ShedRule.Choose(next.BytesOfClass, _reserves) is { } recordClass)
        {
            shed.Batches++;
            if (table.TryOldest(recordClass, _oldest[(int)recordClass], out var oldest))
            {
                _oldest[(int)recordClass] = oldest.Sequence;
                shed.Records += oldest.Records;
                Replace(next, oldest);
            }
            else if (recordClass == row.Class)
            {
                shed.Records += row.Records;
                Replace(next, row);
                return false;
            }
            else
            {
                throw new OutboxDamagedException(options.Path, $"its counters of class {recordClass} are wrong");
            }
        }

        return true;
    }

    private void Replace(OutboxState next, in OutboxRow row)
    {
        var range = new ShedRange();
        var (first, last) = (row.First, row.Sequence);
        range.Add(row.Class, row.First, row.Sequence, row.Records);
        next.Remove(row);
        next.ShedRecords += row.Records;
        var joinsAll = next.Gaps > GapsApartMax;
        if (row.Sequence > 1 && table.TryNext(row.Sequence - 1, out var before) && before.Sequence == row.Sequence - 1
            && MayJoin(before, joinsAll))
        {
            range.Add(before.Gap);
            first = before.First;
            next.Remove(before);
        }

        if (table.TryNext(row.Sequence + 1, out var after) && MayJoin(after, joinsAll))
        {
            range.Add(after.Gap);
            last = after.Sequence;
            next.Remove(after);
        }

        table.Delete(first, last);
        var joined = gap.OfShed(next, first, last, range, _reason);
        table.Insert(joined, gap.Sealed);
        next.Add(joined);
    }

    private bool MayJoin(in OutboxRow row, bool joinsAll) =>
        GapBatch.MayJoin(row) && (joinsAll || row.Sequence > _readThrough);
}
