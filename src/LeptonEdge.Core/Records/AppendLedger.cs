using System.Buffers.Binary;
using LeptonEdge.Core.Identity;

namespace LeptonEdge.Core.Records;

/// <summary>One append as the ledger holds it.</summary>
/// <param name="Sequence">Of the batch within the epoch.</param>
/// <param name="SealedBytes">Size of the sealed batch.</param>
/// <param name="Digests">One fingerprint per record (<see cref="RecordDigest"/>).</param>
public sealed record LedgerEntry(
    ulong Epoch, ulong Sequence, RecordClass Class, int SealedBytes, IReadOnlyList<ulong> Digests);

/// <summary>Notes down what an agent appended, so that it can be compared with what the hub stored, record by record.
/// A diagnostic: it holds fingerprints, never values.</summary>
/// <remarks>Little-endian: a magic number, then per entry epoch, sequence, class, sealed bytes, count and fingerprints.
/// An entry that a kill cut short is left out by the reader.</remarks>
public sealed class AppendLedgerWriter : IDisposable
{
    internal const ulong Magic = 0x3152_4744_454C_544C; // "LTLEDGR1"
    internal const int EntryHeaderBytes = 8 + 8 + 1 + 4 + 4;

    private readonly Stream _stream;
    private readonly Lock _gate = new();

    /// <param name="stream">Positioned at its end; the writer owns it from here on.</param>
    public AppendLedgerWriter(Stream stream)
    {
        _stream = stream;
        if (stream.Position > 0)
            return;
        Span<byte> magic = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(magic, Magic);
        stream.Write(magic);
        stream.Flush();
    }

    /// <summary>Adds one entry; it has left the process when this returns. Any thread.</summary>
    public void Append(BatchName name, RecordBatch batch, int sealedBytes)
    {
        var digests = RecordDigest.Compute(name, batch);
        var bytes = new byte[EntryHeaderBytes + (8 * digests.Count)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, name.Epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), name.Sequence);
        bytes[16] = (byte)batch.Class;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(17), sealedBytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(21), digests.Count);
        for (var i = 0; i < digests.Count; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(EntryHeaderBytes + (8 * i)), digests[i]);
        lock (_gate)
        {
            _stream.Write(bytes);
            _stream.Flush();
        }
    }

    public void Dispose() => _stream.Dispose();
}

/// <summary>Reads what <see cref="AppendLedgerWriter"/> wrote.</summary>
public static class AppendLedger
{
    private const int DigestsMax = 1 << 20;

    /// <summary>Every whole entry of a ledger file, in order.</summary>
    /// <exception cref="InvalidDataException">The file is no ledger, or an entry is out of bounds.</exception>
    public static IEnumerable<LedgerEntry> Read(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        foreach (var entry in Read(stream))
            yield return entry;
    }

    /// <summary>Bytes up to the end of the last whole entry: what a writer may go on after.</summary>
    /// <exception cref="InvalidDataException">The stream is no ledger, or an entry is out of bounds.</exception>
    public static long WholeBytes(Stream stream)
    {
        long bytes = sizeof(ulong);
        foreach (var entry in Read(stream))
            bytes += AppendLedgerWriter.EntryHeaderBytes + (sizeof(ulong) * (long)entry.Digests.Count);
        return bytes;
    }

    /// <summary>Every whole entry, in order.</summary>
    /// <exception cref="InvalidDataException">The stream is no ledger, or an entry is out of bounds.</exception>
    public static IEnumerable<LedgerEntry> Read(Stream stream)
    {
        var header = new byte[AppendLedgerWriter.EntryHeaderBytes];
        if (stream.ReadAtLeast(header.AsSpan(0, 8), 8, throwOnEndOfStream: false) < 8
            || BinaryPrimitives.ReadUInt64LittleEndian(header) != AppendLedgerWriter.Magic)
            throw new InvalidDataException("this is not an append ledger: its first 8 bytes are not LTLEDGR1");
        for (long at = 8; stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) == header.Length;)
        {
            var count = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(21));
            if (count is < 0 or > DigestsMax)
                throw new InvalidDataException($"ledger entry at byte {at}: {count} fingerprints are out of bounds");
            var body = new byte[8 * count];
            if (stream.ReadAtLeast(body, body.Length, throwOnEndOfStream: false) < body.Length)
                yield break;
            var digests = new ulong[count];
            for (var i = 0; i < count; i++)
                digests[i] = BinaryPrimitives.ReadUInt64LittleEndian(body.AsSpan(8 * i));
            yield return new LedgerEntry(
                BinaryPrimitives.ReadUInt64LittleEndian(header),
                BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(8)),
                (RecordClass)header[16], BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(17)), digests);
            at += header.Length + body.Length;
        }
    }
}
