using LeptonEdge.Core.Records;

namespace LeptonEdge.Storage.Outboxes;

/// <summary>The disk as the outbox's logic sees it: rows by sequence and one small state, in transactions. One thread
/// at a time.</summary>
/// <exception cref="IOException">The disk failed or is full; after <see cref="RollBack"/> all is as before
/// <see cref="Begin"/>.</exception>
internal interface IOutboxTable
{
    /// <summary>The state that was written last; null in a new file.</summary>
    /// <exception cref="OutboxDamagedException">It is not what was written.</exception>
    OutboxState? ReadState();

    /// <param name="durable">False where a power cut may undo the newest transactions: no fsync.</param>
    void Begin(bool durable);

    void Commit();

    /// <summary>Undoes an open transaction; fine when there is none.</summary>
    void RollBack();

    void WriteState(OutboxState state);

    void Insert(in OutboxRow row, ReadOnlySpan<byte> sealedBytes);

    /// <summary>Deletes the rows whose sequence is within [first, last].</summary>
    void Delete(ulong first, ulong last);

    /// <summary>The row of the lowest sequence that is not below <paramref name="from"/>.</summary>
    bool TryNext(ulong from, out OutboxRow row);

    /// <summary>The same among the batches of one class, gaps apart.</summary>
    bool TryOldest(RecordClass recordClass, ulong from, out OutboxRow row);

    byte[] ReadSealed(ulong sequence);

    /// <summary>Whether this much more keeps within the limit, after what this transaction did so far.</summary>
    bool HasRoom(int rows, long sealedBytes);

    /// <summary>Before a transaction that inserts this much: makes sure that file and log together keep within the
    /// limit while it is written. Outside of a transaction.</summary>
    void MakeLogRoom(long sealedBytes);

    /// <summary>Writes the bytes of a row to a file of their own; returns its name, or null when no more may be kept
    /// there.</summary>
    string? KeepAside(ulong epoch, ulong sequence, ReadOnlySpan<byte> sealedBytes);

    /// <summary>Puts a copy of the whole file aside and returns its name.</summary>
    string KeepCopy();
}
