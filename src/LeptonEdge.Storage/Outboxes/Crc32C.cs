using System.Buffers.Binary;
using System.Numerics;

namespace LeptonEdge.Storage.Outboxes;

/// <summary>CRC-32C: tells whether the disk gave back what was written. No protection against intent: that is the
/// seal's part.</summary>
internal static class Crc32C
{
    public static uint Of(ReadOnlySpan<byte> bytes) => ~Add(~0u, bytes);

    /// <summary>Over every field of a row, but for the checksum itself, and its sealed bytes.</summary>
    public static uint Of(in OutboxRow row, ReadOnlySpan<byte> sealedBytes)
    {
        var crc = ~0u;
        crc = BitOperations.Crc32C(crc, row.Epoch);
        crc = BitOperations.Crc32C(crc, row.First);
        crc = BitOperations.Crc32C(crc, row.Sequence);
        crc = BitOperations.Crc32C(crc, ((ulong)row.Class << 32) | (uint)row.Records);
        crc = BitOperations.Crc32C(crc, row.SealMark);
        crc = BitOperations.Crc32C(crc, row.Change);
        crc = BitOperations.Crc32C(crc, ((ulong)(row.Gap is null ? 0 : 1 + row.Gap.Length) << 32) | (uint)row.Bytes);
        crc = Add(crc, row.Gap);
        return ~Add(crc, sealedBytes);
    }

    private static uint Add(uint crc, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var b in bytes)
            crc = BitOperations.Crc32C(crc, b);
        return crc;
    }
}
