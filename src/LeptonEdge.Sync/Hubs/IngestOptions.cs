using System.ComponentModel.DataAnnotations;
using LeptonEdge.Protocol.Delivery;

namespace LeptonEdge.Sync.Hubs;

/// <summary>How much the hub's ingest takes at once.</summary>
public sealed record IngestOptions
{
    /// <summary>Messages that wait for the store, 1 to 65,536. When they are so many the broker is not read further.</summary>
    [Range(1, 65_536)]
    public int QueueMessages { get; init; } = 512;

    /// <summary>Messages stored in one transaction, 1 to 4,096.</summary>
    [Range(1, 4_096)]
    public int GroupMessages { get; init; } = 128;

    /// <summary>Sealed bytes stored in one transaction; one message may exceed it alone.</summary>
    [Range(1, 1L << 30)]
    public long GroupBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>A larger sealed batch goes into quarantine unopened.</summary>
    [Range(1024, 1L << 30)]
    public int BatchBytesMax { get; init; } = 16 * 1024 * 1024;

    public ReceiverRules Receiving { get; init; } = new();
}
