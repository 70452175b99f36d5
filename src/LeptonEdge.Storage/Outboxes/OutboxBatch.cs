using LeptonEdge.Core.Records;

namespace LeptonEdge.Storage.Outboxes;

/// <summary>One sealed batch as it waits for its receipt.</summary>
/// <param name="FirstSequence">Equal to <paramref name="Sequence"/>, but for a gap batch.</param>
/// <param name="Records">How many records are inside.</param>
/// <param name="Sealed">The envelope, ready to be published.</param>
/// <param name="Epoch">Of the outbox when it was read.</param>
/// <param name="SealMark">The last 8 bytes of <paramref name="Sealed"/>, little-endian: tells two batches of one name
/// apart. 0 for a gap, which a power cut may take back.</param>
/// <param name="PreviousMark">Of the batch before it; 0 where a gap is before it, or nobody knows.</param>
public sealed record OutboxBatch(
    ulong FirstSequence, ulong Sequence, RecordClass Class, int Records, byte[] Sealed, ulong Epoch = 0,
    ulong SealMark = 0, ulong PreviousMark = 0);

/// <summary>One batch to append.</summary>
/// <param name="Records">How many records are inside.</param>
public readonly record struct PendingBatch(RecordClass Class, int Records, SealBatch Seal);

/// <summary>The names that one append gave, in order.</summary>
public readonly record struct AppendedBatches(ulong Epoch, ulong FirstSequence, ulong LastSequence);

/// <summary>Where an outbox stands; the three belong together.</summary>
/// <param name="ReceiptedThrough">The hub has everything up to and including this.</param>
/// <param name="LastSequence">Of the newest batch; 0 while there was none.</param>
public sealed record OutboxPosition(ulong Epoch, ulong ReceiptedThrough, ulong LastSequence);

public enum TrimResult
{
    Trimmed,

    /// <summary>An old receipt, or one of another epoch: nothing changed.</summary>
    Stale,

    /// <summary>The hub has other batches under these names, or more of them: this file is an old copy of one that
    /// went further. Nothing changed; <see cref="Outbox.Fork"/> begins anew.</summary>
    Forked,
}

/// <summary>What waits for a receipt.</summary>
/// <param name="Batches">Rows, gap batches among them.</param>
/// <param name="Bytes">Sealed bytes.</param>
/// <param name="ShedRecords">Records shed since the file was created.</param>
public readonly record struct OutboxBacklog(long Batches, long Records, long Bytes, long ShedRecords);

/// <summary>A file that could not be used was put aside, untouched, and what it gave was taken over.</summary>
/// <param name="KeptAs">Where the old file is now.</param>
/// <param name="Reason">What is wrong with it.</param>
/// <param name="Batches">Batches that were taken over from it.</param>
public sealed record OutboxSetAside(string KeptAs, string Reason, long Batches = 0);

/// <summary>The outbox cannot be used, and the message says what to do.</summary>
public sealed class OutboxException(string message, Exception? inner = null) : IOException(message, inner);

/// <summary>The file is no outbox, or a damaged one.</summary>
internal sealed class OutboxDamagedException(string path, string reason, Exception? inner = null)
    : IOException($"outbox {path}: is damaged ({reason})", inner)
{
    public string Reason => reason;
}
