using Google.Protobuf;
using LeptonEdge.Core;
using LeptonEdge.Core.Identity;
using LeptonEdge.Protocol.Delivery;
using LeptonEdge.Protocol.V1;

namespace LeptonEdge.Sync.Hubs;

/// <summary>A device of a tenant.</summary>
public readonly record struct DeviceKey(TenantId Tenant, DeviceId Device)
{
    public override string ToString() => $"{Tenant}/{Device}";
}

/// <summary>Turns pending receipts into messages.</summary>
internal static class ReceiptMessages
{
    public static byte[] Write(PendingReceipt<DeviceKey> pending, TimeProvider clock)
    {
        var receipt = new Receipt
        {
            Epoch = pending.Epoch,
            Through = pending.Through,
            HubTimeMicros = clock.GetUnixMicros(),
            Round = pending.Round,
            Ahead = pending.Ahead,
            Forked = pending.Forked,
            SealMark = pending.SealMark,
            HoldMillis = (uint)Math.Ceiling(pending.Hold.TotalMilliseconds),
        };
        foreach (var (sequence, reason) in pending.Quarantined)
            receipt.Quarantined.Add(new Quarantined { Sequence = sequence, Reason = reason });
        return receipt.ToByteArray();
    }
}
