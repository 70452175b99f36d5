using System.Buffers.Binary;

namespace LeptonEdge.Protocol.Delivery;

/// <summary>What travels in the clear beside a batch, as MQTT correlation data: its name, so that the hub can put a batch
/// that it cannot read into quarantine and go on, and the round of sending, which the receipt repeats.</summary>
/// <param name="Round">Drawn anew each time the device starts sending from its last receipt: a receipt that repeats the
/// present round answers something sent since then.</param>
/// <param name="Epoch">Of the outbox file.</param>
/// <param name="FirstSequence">Equal to <paramref name="Sequence"/>, but for a gap batch.</param>
public readonly record struct DeliveryTag(ulong Round, ulong Epoch, ulong FirstSequence, ulong Sequence)
{
    public const int Bytes = 1 + 4 * sizeof(ulong);
    private const byte Version = 1;

    public byte[] ToArray()
    {
        var bytes = new byte[Bytes];
        bytes[0] = Version;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(1), Round);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(9), Epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(17), FirstSequence);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(25), Sequence);
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
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[17..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[25..]));
        return tag.FirstSequence > 0 && tag.FirstSequence <= tag.Sequence && tag.Sequence <= long.MaxValue;
    }
}
