using LeptonEdge.Core.Records;

namespace LeptonEdge.Storage.Outboxes;

/// <summary>One row of the outbox: a sealed batch, or the gap in the place of some.</summary>
/// <param name="First">Equal to <paramref name="Sequence"/>, but for a gap.</param>
/// <param name="Sequence">Key of the row.</param>
/// <param name="Records">Inside the batch; 0 where damage made it unknown.</param>
/// <param name="Bytes">Sealed bytes.</param>
/// <param name="SealMark">See <see cref="Protocol.Delivery.SealMark"/>.</param>
/// <param name="Change">Number of the transaction that wrote the row: among old copies the newest is known.</param>
/// <param name="Gap">Null for a batch. What a gap stands for: see <see cref="ShedRange"/>.</param>
/// <param name="Checksum">Over all of this and the sealed bytes.</param>
internal readonly record struct OutboxRow(
    ulong Epoch, ulong First, ulong Sequence, RecordClass Class, int Records, int Bytes, ulong SealMark, ulong Change,
    byte[]? Gap, uint Checksum)
{
    public bool IsGap => Gap is not null;

    /// <summary>A row with its checksum.</summary>
    public static OutboxRow Make(
        OutboxState state, ulong first, ulong sequence, RecordClass recordClass, int records, byte[]? gap,
        ReadOnlySpan<byte> sealedBytes)
    {
        var row = new OutboxRow(
            state.Epoch, first, sequence, recordClass, records, sealedBytes.Length,
            Protocol.Delivery.SealMark.Of(sealedBytes), state.Change, gap, 0);
        return row with { Checksum = Crc32C.Of(row, sealedBytes) };
    }
}
