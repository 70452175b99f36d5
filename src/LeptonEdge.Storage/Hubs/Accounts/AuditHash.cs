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
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(previous);
        hash.AppendData("lepton-audit-1"u8);
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(number, sequence);
        hash.AppendData(number);
        BinaryPrimitives.WriteInt64LittleEndian(number, time);
        hash.AppendData(number);
        foreach (var text in texts)
        {
            BinaryPrimitives.WriteInt32LittleEndian(number, text?.Length ?? -1);
            hash.AppendData(number[..4]);
            hash.AppendData(text ?? []);
        }

        return hash.GetHashAndReset();
    }
}
