using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Delivery;

namespace LeptonEdge.Storage.Outboxes;

/// <summary>Decides what a full outbox gives up, and leaves a gap in its place, joined with the gaps beside it. Called
/// within a transaction.</summary>
internal sealed class OutboxShedder(IOutboxTable table, OutboxOptions options, GapBatch gap)
{
    // Gaps that were given out for sending stay as they are, until there are this many rows of them.
    private const int GapsApartMax = 256;
    private readonly string _reason = $"the outbox was full: limit {options.BytesMax} bytes";
    private readonly long[] _reserves = options.ReserveBytes();
    private readonly long[] _bytesOfClass = new long[OutboxState.Classes];

    // No batch of a class is older than this: whatever was is shed or received.
    private readonly ulong[] _oldest = new ulong[OutboxState.Classes];
    private (ulong Through, ulong Change) _readOut;

    /// <summary>Everything up to this was given out as it stood: its names may be in flight, and the hub may store
    /// them.</summary>
    public void ReadOut(ulong through, ulong change) => _readOut = (Math.Max(_readOut.Through, through), change);

    /// <summary>After a failed transaction, or when sequences began anew.</summary>
    public void Forget(bool newEpoch = false)
    {
        Array.Clear(_oldest);
        if (newEpoch)
            _readOut = default;
    }

    /// <summary>The class that must give way.</summary>
    /// <param name="stagedOfClass">Bytes about to be inserted, shape (4,).</param>
    /// <param name="oldest">Its oldest row; sequence 0 when only what is about to be inserted is of that class.</param>
    /// <returns>Null when nothing but gaps is left.</returns>
    public RecordClass? Choose(OutboxState next, ReadOnlySpan<long> stagedOfClass, out OutboxRow oldest)
    {
        for (var i = 0; i < _bytesOfClass.Length; i++)
            _bytesOfClass[i] = next.BytesOfClass[i] + stagedOfClass[i];
        oldest = default;
        if (ShedRule.Choose(_bytesOfClass, _reserves) is not { } recordClass)
            return null;
        if (table.TryOldest(recordClass, _oldest[(int)recordClass], out oldest))
            _oldest[(int)recordClass] = oldest.Sequence;
        else if (stagedOfClass[(int)recordClass] == 0)
            throw new OutboxDamagedException(options.Path, $"its counters of class {recordClass} are wrong");
        return recordClass;
    }

    /// <summary>Puts a gap in the place of a row that is there, or of one that is not inserted for want of
    /// room.</summary>
    public void Replace(OutboxState next, in OutboxRow row, bool isThere)
    {
        var range = new ShedRange();
        var (first, last) = (row.First, row.Sequence);
        range.Add(row.Class, row.First, row.Sequence, row.Records);
        if (isThere)
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

        if (isThere && table.TryNext(row.Sequence + 1, out var after) && MayJoin(after, joinsAll))
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
        GapBatch.MayJoin(row) && (joinsAll || row.Sequence > _readOut.Through || row.Change > _readOut.Change);
}
