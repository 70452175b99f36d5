using System.Buffers.Binary;

namespace LeptonEdge.Protocol.Delivery;

/// <summary>What travels in the clear beside a batch, as MQTT correlation data: its name, so that the hub can put a batch
/// that it cannot read into quarantine and go on, and the round of sending, which the receipt repeats.</summary>
/// <param name="Round">Drawn anew each time the device starts sending from its last receipt: a receipt that repeats the
/// present round answers something sent since then.</param>
/// <param name="Epoch">Of the outbox file.</param>
/// <param name="FirstSequence">Equal to <paramref name="Sequence"/>, but for a gap batch.</param>
/// <param name="Mark">Seal mark (see <see cref="SealMark"/>) of this batch: the hub knows it even of one that came
/// damaged. 0 unknown.</param>
/// <param name="PreviousMark">Seal mark of the batch before it; 0 unknown. It chains the batches
/// of an epoch, so that a hub tells the batches of an outbox from those of an older copy of it.</param>
public readonly record struct DeliveryTag(
    ulong Round, ulong Epoch, ulong FirstSequence, ulong Sequence, ulong Mark, ulong PreviousMark)
{
    public const int Bytes = 1 + 6 * sizeof(ulong);
    private const byte Version = 1;

    public byte[] ToArray()
    {
        var bytes = new byte[Bytes];
        bytes[0] = Version;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(1), Round);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(9), Epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(17), FirstSequence);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(25), Sequence);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(33), Mark);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(41), PreviousMark);
        return bytes;
    }

    /// <returns>False when the bytes are none of ours, or name a range that cannot be.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out DeliveryTag tag)
    {
        tag = default;
        if (bytes.Length != Bytes || bytes[0] != Version)
            return false;
        tag = new DeliveryTag(
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[1..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[9..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[17..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[25..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[33..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[41..]));
        return tag.FirstSequence > 0 && tag.FirstSequence <= tag.Sequence && tag.Sequence <= long.MaxValue;
    }
}

/// <summary>Tells two sealed batches of one name apart.</summary>
public static class SealMark
{
    /// <summary>The last 8 sealed bytes, little-endian: half of the seal's tag. 0 for what is too short to be
    /// sealed.</summary>
    public static ulong Of(ReadOnlySpan<byte> sealedBytes) => sealedBytes.Length < sizeof(ulong)
        ? 0
        : BinaryPrimitives.ReadUInt64LittleEndian(sealedBytes[^sizeof(ulong)..]);
}
