using LeptonEdge.Core.Records;

namespace LeptonEdge.Storage.Outboxes;

/// <summary>One sealed batch as it waits for its receipt.</summary>
/// <param name="FirstSequence">Equal to <paramref name="Sequence"/>, but for a gap batch.</param>
/// <param name="Records">How many records are inside.</param>
/// <param name="Sealed">The envelope, ready to be published.</param>
public sealed record OutboxBatch(ulong FirstSequence, ulong Sequence, RecordClass Class, int Records, byte[] Sealed);

/// <summary>What waits for a receipt.</summary>
/// <param name="Batches">Rows, gap batches among them.</param>
/// <param name="Bytes">Sealed bytes.</param>
/// <param name="ShedRecords">Records shed since the file was created.</param>
public readonly record struct OutboxBacklog(long Batches, long Records, long Bytes, long ShedRecords);

/// <summary>A file that could not be used was put aside, untouched, and a new outbox was begun.</summary>
/// <param name="KeptAs">Where the old file is now.</param>
/// <param name="Reason">What is wrong with it.</param>
public sealed record OutboxSetAside(string KeptAs, string Reason);

/// <summary>The outbox cannot be used, and the message says what to do.</summary>
public sealed class OutboxException(string message, Exception? inner = null) : IOException(message, inner);
