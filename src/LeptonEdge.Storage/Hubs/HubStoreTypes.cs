using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Sealing;

namespace LeptonEdge.Storage.Hubs;

/// <summary>What became of a batch. The receipt to send is the same in every case: through
/// <see cref="Through"/>.</summary>
/// <param name="Through">Every batch of the epoch up to this is in the store, or in its quarantine.</param>
/// <param name="SealMark">Of the batch that was stored at <see cref="Through"/>; 0 while unknown.</param>
public abstract record IngestOutcome(ulong Through, ulong SealMark)
{
    /// <summary>Batch and cursor are on the disk.</summary>
    public sealed record Stored(ulong Through, ulong SealMark = 0) : IngestOutcome(Through, SealMark);

    /// <summary>It was there already; nothing changed.</summary>
    public sealed record AlreadyStored(ulong Through, ulong SealMark = 0) : IngestOutcome(Through, SealMark);

    /// <summary>Batches before it are missing; nothing changed, the device has to send from the cursor on.</summary>
    public sealed record OutOfOrder(ulong Through, ulong SealMark = 0) : IngestOutcome(Through, SealMark);

    /// <summary>It follows another batch than the one stored at <see cref="Through"/>: it comes from an older copy of the
    /// device's outbox. Nothing changed.</summary>
    public sealed record Forked(ulong Through, ulong SealMark) : IngestOutcome(Through, SealMark);

    /// <summary>It could not be read and is in quarantine, now or since before; the cursor has passed it.</summary>
    public sealed record Quarantined(ulong Through, ulong SealMark, string Reason) : IngestOutcome(Through, SealMark);
}

/// <summary>What came from a device, on its way into the store.</summary>
public abstract record Received(TenantId Tenant);

/// <summary>A batch as it was opened.</summary>
/// <param name="SealedBytes">Size on the wire.</param>
/// <param name="SealMark">The last 8 sealed bytes, little-endian; 0 while unknown.</param>
/// <param name="PreviousMark">Of the batch before it, as the device has it; 0 unknown.</param>
public sealed record ReceivedBatch(
    TenantId Tenant, BatchHeader Header, RecordBatch Records, int SealedBytes, ulong SealMark = 0,
    ulong PreviousMark = 0) : Received(Tenant);

/// <summary>A batch that cannot be read: its name is what came in the clear beside it.</summary>
/// <param name="FirstSequence">Equal to <paramref name="Sequence"/>, but for a gap batch.</param>
/// <param name="Reason">Why, in a sentence; the first 500 characters are kept.</param>
/// <param name="Sealed">The bytes as they came.</param>
/// <param name="SealMark">Of the batch as the device has it, which what came damaged does not tell; 0 unknown.</param>
public sealed record UnreadableBatch(
    TenantId Tenant, DeviceId Device, ulong Epoch, ulong FirstSequence, ulong Sequence, string Reason,
    ReadOnlyMemory<byte> Sealed, ulong SealMark = 0) : Received(Tenant);

/// <summary>A batch in quarantine.</summary>
/// <param name="Id">Rises with every batch that is put there.</param>
/// <param name="SealedBytes">Size on the wire.</param>
/// <param name="Kept">Whether the bytes are there too; see <see cref="HubStoreOptions.QuarantineBytesMax"/>.</param>
public sealed record QuarantinedBatch(
    long Id, TenantId Tenant, DeviceId Device, ulong Epoch, ulong FirstSequence, ulong Sequence, string Reason,
    int SealedBytes, bool Kept, long ReceivedMicros);

/// <param name="FirstSeenMicros">Hub time of the first batch or report.</param>
/// <param name="LastSeenMicros">Hub time of the newest batch or report.</param>
public sealed record DeviceSummary(
    TenantId Tenant, DeviceId Device, long FirstSeenMicros, long LastSeenMicros, long Batches, long Records,
    long SealedBytes);

/// <param name="FirstMicros">Device time of the oldest reading.</param>
/// <param name="LastMicros">Device time of the newest reading.</param>
/// <param name="Invalid">Readings that are NaN or infinite.</param>
public sealed record ChannelSummary(
    ChannelName Channel, long Readings, long Invalid, long FirstMicros, long LastMicros, double LastValue);

/// <summary>Readings within [from, to), oldest first.</summary>
/// <param name="Truncated">There are more than were asked for; the newest are missing.</param>
public sealed record ReadingRange(IReadOnlyList<Reading> Readings, bool Truncated);

/// <summary>The readings of one stretch of time. Minimum, maximum and mean are of the finite ones, NaN when there is
/// none.</summary>
/// <param name="StartMicros">A multiple of the bucket's width.</param>
/// <param name="Count">All readings, invalid ones too.</param>
/// <param name="Last">The newest reading's value.</param>
/// <param name="Invalid">Readings that are NaN or infinite.</param>
public readonly record struct ReadingBucket(
    long StartMicros, long Count, double Min, double Max, double Mean, double Last, long Invalid);

/// <param name="Id">Rises with every alarm event that the hub stores.</param>
public sealed record StoredAlarm(long Id, TenantId Tenant, DeviceId Device, AlarmEvent Event, long ReceivedMicros);

public sealed record StoredVerdict(TenantId Tenant, DeviceId Device, Verdict Verdict, long ReceivedMicros);

public sealed record StoredRawWindow(TenantId Tenant, DeviceId Device, RawWindow Window, long ReceivedMicros);

/// <summary>What a device could not keep. Where part of the range had arrived before the gap did, the range begins
/// after that, and the count of records, which is of the whole, is an upper bound; 0 records means that nobody
/// knows.</summary>
/// <param name="Id">Rises with every gap that the hub stores.</param>
public sealed record StoredGap(
    TenantId Tenant, DeviceId Device, ulong Epoch, Gap Gap, long ReceivedMicros, long Id = 0);

/// <summary>A batch put together again from the tables.</summary>
/// <param name="SealedBytes">Size on the wire.</param>
public sealed record StoredBatch(
    TenantId Tenant, BatchHeader Header, long ReceivedMicros, int SealedBytes, RecordBatch Records)
{
    public BatchName Name => Header.Name;
}

/// <summary>Some bytes that the hub keeps for a device, or of a plan.</summary>
/// <param name="TimeMicros">Hub time at which they were stored.</param>
public sealed record StoredState(TenantId Tenant, DeviceId Device, ulong Version, byte[] Content, long TimeMicros);

/// <param name="TimeMicros">Hub time at which it was stored.</param>
public sealed record StoredPlan(ulong Version, byte[] Content, long TimeMicros);

/// <summary>Which records to list; what is null does not narrow. Times are device times, [from, to).</summary>
public sealed record RecordFilter
{
    public TenantId? Tenant { get; init; }

    public DeviceId? Device { get; init; }

    public ChannelName? Channel { get; init; }

    public WorkloadId? Workload { get; init; }

    /// <summary>Name of an alarm rule.</summary>
    public string? Rule { get; init; }

    public AlarmSeverity SeverityMin { get; init; } = AlarmSeverity.Info;

    /// <summary>Only of devices for which it says yes; null: all. Of gaps and batches in quarantine.</summary>
    public Func<DeviceId, bool>? Sees { get; init; }

    /// <summary>Only what is numbered lower: gaps, batches in quarantine, and alarms of <see cref="BeforeMicros"/>.</summary>
    public long BeforeId { get; init; } = long.MaxValue;

    /// <summary>Only alarms before it, or at it and numbered lower than <see cref="BeforeId"/>.</summary>
    public long BeforeMicros { get; init; } = long.MaxValue;

    public long FromMicros { get; init; } = long.MinValue;

    public long ToMicros { get; init; } = long.MaxValue;
}
