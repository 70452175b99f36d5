using LeptonEdge.Core;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Buffers;

namespace LeptonEdge.Storage.Outboxes;

/// <summary>Makes the rows that stand in the place of batches which will never be sent.</summary>
internal sealed class GapBatch(SealGap seal, TimeProvider clock) : IDisposable
{
    // A gap of another cause than shedding keeps its reason, so it is never joined with its neighbours.
    private static readonly byte[] Alone = [1];
    private readonly PooledBufferWriter _sealed = new();

    /// <summary>Sealed bytes of the row made last.</summary>
    public ReadOnlySpan<byte> Sealed => _sealed.WrittenSpan;

    public static bool MayJoin(in OutboxRow row) => row.Gap?.Length == ShedRange.Bytes;

    /// <summary>A gap of shed batches.</summary>
    public OutboxRow OfShed(OutboxState state, ulong first, ulong last, ShedRange range, string reason)
    {
        var twin = new byte[ShedRange.Bytes];
        range.Write(twin);
        return Make(state, first, last, range.ToBatch(Micros, reason), twin);
    }

    /// <summary>A gap of what is known by class.</summary>
    public OutboxRow Of(OutboxState state, ulong first, ulong last, ShedRange range, string reason) =>
        Make(state, first, last, range.ToBatch(Micros, reason), Alone);

    /// <summary>A gap of what nobody knows any more: no count, and of the highest class, for an alarm may have been
    /// among it.</summary>
    public OutboxRow OfUnknown(OutboxState state, ulong first, ulong last, string reason)
    {
        var gaps = new RecordBatch(RecordClass.Event);
        gaps.Gaps.Add(new Gap(RecordClass.Alarm, first, last, 0, Micros, reason));
        return Make(state, first, last, gaps, Alone);
    }

    public void Dispose() => _sealed.Dispose();

    private long Micros => clock.GetUnixMicros();

    private OutboxRow Make(OutboxState state, ulong first, ulong last, RecordBatch gaps, byte[] twin)
    {
        _sealed.Clear();
        seal(state.Epoch, first, last, gaps, _sealed);
        return OutboxRow.Make(state, first, last, gaps.Class, gaps.Count, twin, _sealed.WrittenSpan);
    }
}
