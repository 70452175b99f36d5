using System.Diagnostics;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Delivery;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Storage.Hubs;

namespace LeptonEdge.Sync.Hubs;

/// <summary>A sealed batch as it came from the broker.</summary>
/// <param name="Tag">What the message says of itself; null from an agent that sends none.</param>
internal readonly record struct ArrivedBatch(DeviceKey Device, DeliveryTag? Tag, byte[] Sealed)
{
    /// <summary>The span that published it; default when it is not traced.</summary>
    public ActivityContext Publish { get; init; }

    public DateTimeOffset ArrivedAt { get; init; }
}

/// <summary>What is to be done with it.</summary>
/// <param name="Records">Null when it could not be read: then <paramref name="Unreadable"/> says why, and it goes into
/// quarantine.</param>
internal readonly record struct IngestItem(
    ArrivedBatch Arrived, DeliveryTag Tag, BatchHeader Header, RecordBatch? Records, string? Unreadable)
{
    /// <summary>Null when the batch is not traced.</summary>
    public Activity? Span { get; init; }

    public Received ToStore()
    {
        var (tenant, device) = (Arrived.Device.Tenant, Arrived.Device.Device);
        return Unreadable is null && Records is { } records
            ? new ReceivedBatch(
                tenant, Header, records, Arrived.Sealed.Length, SealMark.Of(Arrived.Sealed), Tag.PreviousMark)
            : new UnreadableBatch(
                tenant, device, Tag.Epoch, Tag.FirstSequence, Tag.Sequence, Unreadable ?? "", Arrived.Sealed, Tag.Mark);
    }
}
