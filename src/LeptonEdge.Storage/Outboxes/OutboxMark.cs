using System.Buffers.Binary;
using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Outboxes;

/// <summary>Beside the outbox, in a file of a few bytes: the newest sequence that was reported as appended. SQLite takes a
/// log whose end is gone for one that was never longer; this tells that it was.</summary>
/// <remarks>Written after the commit and without an fsync, so it is never ahead of what the disk has: a power cut or a kill
/// leaves an older mark, which says nothing. It is also the outbox's <see cref="DiskWitness"/>. Layout, little-endian: epoch, sequence, CRC-32C.</remarks>
internal sealed class OutboxMark : IDisposable
{
    private const int Bytes = (2 * sizeof(ulong)) + sizeof(uint);
    private readonly DiskWitness _file;

    public OutboxMark(string path) => _file = new DiskWitness(NameOf(path));

    public static string NameOf(string path) => path + ".mark";

    /// <summary>What was noted last; default when there is none, or it is not what was written.</summary>
    public (ulong Epoch, ulong Last) Read()
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        if (_file.Read(bytes) < Bytes || BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]) != Crc32C.Of(bytes[..16]))
            return default;
        return (BinaryPrimitives.ReadUInt64LittleEndian(bytes), BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));
    }

    /// <returns>False when the file system has turned read-only: the commit before may be gone with it.</returns>
    public bool Write(ulong epoch, ulong last)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], last);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[16..], Crc32C.Of(bytes[..16]));
        return _file.Write(bytes);
    }

    public void Dispose() => _file.Dispose();
}
