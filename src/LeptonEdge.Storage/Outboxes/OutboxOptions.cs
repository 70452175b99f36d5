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

    /// <summary>Bytes on the disk at most, the log and what is put aside included, 256 KiB to 1 TiB. Beyond it the
    /// oldest of the lowest class above its reserve is shed.</summary>
    [Range(256L * 1024, 1L << 40)]
    public long BytesMax { get; init; } = 256L * 1024 * 1024;

    /// <summary>Share of <see cref="BytesMax"/> that each class keeps while another can give way.</summary>
    public OutboxReserves Reserves { get; init; } = new();

    /// <summary>One sealed batch, bytes, 1 KiB to 64 MiB, and never more than a quarter of
    /// <see cref="BytesMax"/>.</summary>
    [Range(1024, 64 * 1024 * 1024)]
    public int BatchBytesMax { get; init; } = 8 * 1024 * 1024;

    /// <summary>Batches that cannot be sent are kept beside the outbox up to this many bytes, 0 to 1 TiB, and never
    /// more than an eighth of <see cref="BytesMax"/>.</summary>
    [Range(0L, 1L << 40)]
    public long AsideBytesMax { get; init; } = 16L * 1024 * 1024;

    /// <summary>SQLite's page cache, KiB, 64 to 65,536.</summary>
    [Range(64, 65_536)]
    public int CacheKiB { get; init; } = 512;

    /// <summary>Seals gap batches.</summary>
    [Required]
    public required SealGap SealGap { get; init; }

    internal int BatchBytesMaxNow => (int)Math.Min(BatchBytesMax, BytesMax / 4);

    /// <summary>Sealed bytes that share one transaction, but for the last batch.</summary>
    internal long GroupBytesMax => Math.Min(4 * 1024 * 1024, BytesMax / 16);

    /// <summary>Batches shed in one transaction.</summary>
    internal int ShedStep => (int)Math.Clamp(BytesMax / (512 * 1024), 2, 64);

    /// <summary>Bytes that each class keeps, shape (4,).</summary>
    internal long[] ReserveBytes() =>
        [.. Reserves.Shares.Select(share => (long)(share * BytesMax))];

    /// <exception cref="ArgumentException">Names every field that is out of range.</exception>
    internal void Validate()
    {
        var faults = new List<string>();
        if (string.IsNullOrWhiteSpace(Path))
            faults.Add("Path: is empty; name the outbox file");
        if (BytesMax is < 256L * 1024 or > 1L << 40)
            faults.Add($"BytesMax: {BytesMax} is not within {256 * 1024} to {1L << 40}");
        if (AsideBytesMax is < 0 or > 1L << 40)
            faults.Add($"AsideBytesMax: {AsideBytesMax} is not within 0 to {1L << 40}");
        faults.AddRange(Reserves.Faults().Select(fault => $"Reserves: {fault}"));
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

/// <summary>What each priority class keeps of a full outbox, as shares of its byte limit.</summary>
public sealed record OutboxReserves
{
    /// <summary>The rest must do for what is in none of the reserves.</summary>
    public const double SumMax = 0.9;

    public double Alarm { get; init; } = 0.10;

    public double Event { get; init; } = 0.10;

    public double Telemetry { get; init; } = 0.05;

    public double Bulk { get; init; }

    /// <summary>Indexed by <see cref="RecordClass"/>.</summary>
    internal IReadOnlyList<double> Shares => [Alarm, Event, Telemetry, Bulk];

    /// <summary>Every fault, as sentences that name the class; empty when the shares are sound.</summary>
    public IEnumerable<string> Faults()
    {
        for (var i = 0; i < Shares.Count; i++)
        {
            if (Shares[i] is not (>= 0 and <= SumMax))
                yield return string.Create(
                    System.Globalization.CultureInfo.InvariantCulture,
                    $"{(RecordClass)i} {Shares[i]} is not within 0 to {SumMax}");
        }

        if (Shares.Sum() > SumMax + 1e-9)
            yield return string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"the shares add up to {Shares.Sum():0.###}, at most {SumMax}");
    }
}
