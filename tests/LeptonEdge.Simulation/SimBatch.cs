using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using LeptonEdge.Core.Records;

namespace LeptonEdge.Simulation;

/// <summary>What stands for a sealed batch: its name and contents, and a seal that no longer fits when a byte is
/// changed.</summary>
/// <remarks>Layout, little-endian: device (4), content (8), epoch (8), first sequence (8), sequence (8), gap (1), filling,
/// seal (8), which is also the seal mark.</remarks>
internal readonly record struct SimBatch(int Device, ulong Content, ulong Epoch, ulong First, ulong Sequence, bool Gap)
{
    public const int BytesMin = 4 + 4 * 8 + 1 + 8;

    /// <param name="poisoned">The seal does not fit: nobody can open it.</param>
    public void Write(IBufferWriter<byte> target, int filling, bool poisoned = false)
    {
        var bytes = target.GetSpan(BytesMin + filling)[..(BytesMin + filling)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, Device);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[4..], Content);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[12..], Epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[20..], First);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[28..], Sequence);
        bytes[36] = Gap ? (byte)1 : (byte)0;
        bytes[37..^8].Fill((byte)Content);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[^8..], Seal(bytes[..^8]) ^ (poisoned ? 0x5A5A_5A5A_5A5A_5A5AUL : 0));
        target.Advance(bytes.Length);
    }

    public static bool TryOpen(ReadOnlySpan<byte> bytes, out SimBatch batch)
    {
        batch = default;
        if (bytes.Length < BytesMin || Mark(bytes) != Seal(bytes[..^8]))
            return false;
        batch = new SimBatch(
            BinaryPrimitives.ReadInt32LittleEndian(bytes), BinaryPrimitives.ReadUInt64LittleEndian(bytes[4..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[12..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[20..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[28..]), bytes[36] == 1);
        return true;
    }

    public static ulong Mark(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[^8..]);

    private static ulong Seal(ReadOnlySpan<byte> bytes)
    {
        var hash = 0x9E3779B97F4A7C15UL;
        while (bytes.Length >= 8)
        {
            hash = (BitOperations.RotateLeft(hash, 23) ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes)) * 0xBF58476D1CE4E5B9;
            bytes = bytes[8..];
        }

        foreach (var one in bytes)
            hash = (BitOperations.RotateLeft(hash, 23) ^ one) * 0xBF58476D1CE4E5B9;
        return (hash ^ (hash >> 31)) | 1;
    }
}
