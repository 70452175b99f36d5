namespace LeptonEdge.Sync.Uplink;

/// <summary>How far the uplink has sent and how far the hub has stored: the sending side's state, without
/// I/O.</summary>
/// <param name="ReceiptedThrough">Last sequence that the hub has a receipt for.</param>
/// <param name="SentThrough">Last sequence handed to MQTT since the last (re)start of sending.</param>
public readonly record struct UplinkWindow(ulong ReceiptedThrough, ulong SentThrough)
{
    /// <summary>Where sending starts after a connect, or when the hub was silent for too long: behind the last
    /// receipt.</summary>
    public UplinkWindow Restarted() => this with { SentThrough = ReceiptedThrough };

    public UplinkWindow Sent(ulong sequence) => this with { SentThrough = Math.Max(SentThrough, sequence) };

    /// <summary>Takes a receipt in. Receipts are cumulative and may come twice or late: only a higher one
    /// counts.</summary>
    public UplinkWindow Receipted(ulong through) => through <= ReceiptedThrough
        ? this
        : new UplinkWindow(through, Math.Max(SentThrough, through));

    public bool InFlight => SentThrough > ReceiptedThrough;

    /// <summary>How many more batches may leave before the hub must answer.</summary>
    public int Room(int windowBatches) => (int)Math.Max(0, windowBatches - (long)(SentThrough - ReceiptedThrough));
}
