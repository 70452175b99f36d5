using System.Buffers;
using System.ComponentModel.DataAnnotations;
using LeptonEdge.Core.Records;

namespace LeptonEdge.Storage.Outboxes;

/// <summary>Seals one batch; called while the outbox's lock is held, so that names are given in order.</summary>
/// <param name="firstSequence">First sequence that the batch covers; equal to <paramref name="sequence"/>.</param>
/// <param name="sealedBytes">Receives the sealed batch.</param>
public delegate void SealBatch(ulong firstSequence, ulong sequence, IBufferWriter<byte> sealedBytes);

/// <summary>Seals the batch of gaps that takes the place of batches that were shed.</summary>
/// <param name="epoch">Of the outbox.</param>
/// <param name="gaps">Holds one gap for each class that was shed from the range.</param>
public delegate void SealGap(
    ulong epoch, ulong firstSequence, ulong sequence, RecordBatch gaps, IBufferWriter<byte> sealedBytes);

public sealed record OutboxOptions
{
    /// <summary>The SQLite file; its folder must exist.</summary>
    [Required]
    public required string Path { get; init; }

    /// <summary>Sealed bytes to hold at most, 64 KiB to 1 TiB. Beyond it the oldest of the lowest class is
    /// shed.</summary>
    [Range(64L * 1024, 1L << 40)]
    public long BytesMax { get; init; } = 256L * 1024 * 1024;

    /// <summary>One sealed batch, bytes, 1 KiB to 64 MiB.</summary>
    [Range(1024, 64 * 1024 * 1024)]
    public int BatchBytesMax { get; init; } = 8 * 1024 * 1024;

    /// <summary>SQLite's page cache, KiB, 64 to 65,536.</summary>
    [Range(64, 65_536)]
    public int CacheKiB { get; init; } = 512;

    /// <summary>Seals gap batches.</summary>
    [Required]
    public required SealGap SealGap { get; init; }

    /// <exception cref="ArgumentException">Names every field that is out of range.</exception>
    internal void Validate()
    {
        var faults = new List<string>();
        if (string.IsNullOrWhiteSpace(Path))
            faults.Add("Path: is empty; name the outbox file");
        if (BytesMax is < 64L * 1024 or > 1L << 40)
            faults.Add($"BytesMax: {BytesMax} is not within {64 * 1024} to {1L << 40}");
        if (BatchBytesMax is < 1024 or > 64 * 1024 * 1024)
            faults.Add($"BatchBytesMax: {BatchBytesMax} is not within 1024 to {64 * 1024 * 1024}");
        if (CacheKiB is < 64 or > 65_536)
            faults.Add($"CacheKiB: {CacheKiB} is not within 64 to 65536");
        if (SealGap is null)
            faults.Add("SealGap: is missing");
        if (faults.Count > 0)
            throw new ArgumentException($"outbox: {string.Join("; ", faults)}");
    }
}
