using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace LeptonEdge.Storage.Hubs.Accounts;

/// <summary>The hash of an entry: SHA-256 over the hash before it (32 zeros before the first), the text
/// <c>lepton-audit-1</c>, sequence and time (8 bytes each, little endian), and then actor, kind, address, action, target,
/// outcome, before and after, each as its length in bytes (4, little endian; -1 for none) and its UTF-8.</summary>
public static class AuditHash
{
    public const int Bytes = 32;

    /// <param name="texts">The eight, as their bytes in the store; null for none.</param>
    internal static byte[] Of(ReadOnlySpan<byte> previous, long sequence, long time, IReadOnlyList<byte[]?> texts)
    {
        var length = previous.Length + Mark.Length + (2 * sizeof(long)) + (texts.Count * sizeof(int));
        foreach (var text in texts)
            length += text?.Length ?? 0;
        // In one piece: a walk along a million entries takes seconds, and not many of them.
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            var rest = Put(buffer, previous);
            rest = Put(rest, Mark);
            BinaryPrimitives.WriteInt64LittleEndian(rest, sequence);
            BinaryPrimitives.WriteInt64LittleEndian(rest[sizeof(long)..], time);
            rest = rest[(2 * sizeof(long))..];
            foreach (var text in texts)
            {
                BinaryPrimitives.WriteInt32LittleEndian(rest, text?.Length ?? -1);
                rest = Put(rest[sizeof(int)..], text);
            }

            return SHA256.HashData(buffer.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static ReadOnlySpan<byte> Mark => "lepton-audit-1"u8;

    private static Span<byte> Put(Span<byte> target, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(target);
        return target[bytes.Length..];
    }
}
