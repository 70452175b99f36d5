namespace LeptonEdge.Storage.Outboxes;

/// <summary>What the sending side needs of an outbox: the file on the disk, or the same logic over a simulated
/// one.</summary>
/// <exception cref="IOException">Of every member: the disk failed; nothing changed.</exception>
public interface IOutbox
{
    OutboxPosition Position { get; }

    /// <summary>Adds the batches that follow <paramref name="after"/>, oldest first, and returns how many there were. The
    /// first one comes even when it alone exceeds <paramref name="bytesMax"/>.</summary>
    int ReadAfter(ulong after, int batchesMax, long bytesMax, List<OutboxBatch> into);

    /// <summary>Takes the hub's receipt: everything up to and including <paramref name="through"/> may go.</summary>
    /// <param name="sealMark">Of the batch that the hub stored at <paramref name="through"/>; 0 while unknown.</param>
    TrimResult Trim(ulong epoch, ulong through, ulong sealMark);

    /// <summary>The hub lost what it had receipted: a gap takes the place of what is gone.</summary>
    bool Rewind(ulong epoch, ulong through);

    /// <summary>Begins a new epoch; the first batch names what was left behind.</summary>
    void Fork(string reason);

    /// <summary>One batch cannot be sent: its bytes are put aside and a gap takes its place.</summary>
    bool PutAside(ulong epoch, ulong sequence, string reason);
}
