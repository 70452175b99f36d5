using System.Buffers.Binary;

namespace LeptonEdge.Storage.Outboxes;

/// <summary>Beside the outbox, in a file of a few bytes: the newest sequence that was reported as appended. SQLite takes a
/// log whose end is gone for one that was never longer; this tells that it was.</summary>
/// <remarks>Written after the commit and without an fsync, so it is never ahead of what the disk has: a power cut or a kill
/// leaves an older mark, which says nothing. Layout, little-endian: epoch, sequence, CRC-32C.</remarks>
internal sealed class OutboxMark : IDisposable
{
    private const int Bytes = (2 * sizeof(ulong)) + sizeof(uint);
    private readonly Microsoft.Win32.SafeHandles.SafeFileHandle? _file;

    public OutboxMark(string path)
    {
        try
        {
            _file = File.OpenHandle(
                NameOf(path), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Without it one kind of damage goes unnoticed; the outbox itself works.
        }
    }

    public static string NameOf(string path) => path + ".mark";

    /// <summary>What was noted last; default when there is none, or it is not what was written.</summary>
    public (ulong Epoch, ulong Last) Read()
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        try
        {
            if (_file is null || RandomAccess.Read(_file, bytes, 0) < Bytes
                || BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]) != Crc32C.Of(bytes[..16]))
                return default;
        }
        catch (IOException)
        {
            return default;
        }

        return (BinaryPrimitives.ReadUInt64LittleEndian(bytes), BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));
    }

    public void Write(ulong epoch, ulong last)
    {
        if (_file is null)
            return;
        Span<byte> bytes = stackalloc byte[Bytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], last);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[16..], Crc32C.Of(bytes[..16]));
        try
        {
            RandomAccess.Write(_file, bytes, 0);
        }
        catch (IOException)
        {
            // As above: the commit stands.
        }
    }

    public void Dispose() => _file?.Dispose();
}
