using System.ComponentModel.DataAnnotations;

namespace LeptonEdge.Storage.Hubs;

public sealed record HubStoreOptions
{
    /// <summary>The SQLite file; its folder must exist.</summary>
    [Required]
    public required string Path { get; init; }

    /// <summary>Queries at once, 1 to 64; further ones wait.</summary>
    [Range(1, 64)]
    public int ReadersMax { get; init; } = 8;

    /// <summary>Page cache of the writer, KiB, 64 to 4,194,304.</summary>
    [Range(64, 4_194_304)]
    public int CacheKiB { get; init; } = 16 * 1024;

    /// <summary>Page cache of each reader, KiB, 64 to 4,194,304.</summary>
    [Range(64, 4_194_304)]
    public int ReaderCacheKiB { get; init; } = 2 * 1024;

    /// <summary>Bytes of batches in quarantine that are kept, 0 to 1 TiB; beyond it a batch is noted with its reason,
    /// without its bytes.</summary>
    [Range(0L, 1L << 40)]
    public long QuarantineBytesMax { get; init; } = 1L << 30;

    /// <summary>Usage records that are kept as they came, 1,000 to 1,000,000,000; beyond it the oldest go, which their
    /// sums outlive.</summary>
    [Range(1_000L, 1_000_000_000L)]
    public long UsageRowsMax { get; init; } = 500_000;

    /// <summary>Sums of usage by minute that are kept, 1,000 to 1,000,000,000; beyond it the oldest go.</summary>
    [Range(1_000L, 1_000_000_000L)]
    public long MeterMinuteRowsMax { get; init; } = 2_000_000;

    /// <summary>Sums of usage by hour that are kept, 1,000 to 1,000,000,000; beyond it the oldest go.</summary>
    [Range(1_000L, 1_000_000_000L)]
    public long MeterHourRowsMax { get; init; } = 10_000_000;

    /// <summary>Entries of the audit log in the store, 100 to 50,000,000; beyond it the oldest are put aside into files beside
    /// it.</summary>
    [Range(100L, 50_000_000L)]
    public long AuditEntriesMax { get; init; } = 1_000_000;

    /// <summary>Entries of one such file, 10 to 1,000,000.</summary>
    [Range(10, 1_000_000)]
    public int AuditArchiveEntries { get; init; } = 50_000;

    /// <exception cref="ArgumentException">Names every field that is out of range.</exception>
    internal void Validate()
    {
        var faults = new List<string>();
        if (string.IsNullOrWhiteSpace(Path))
            faults.Add("Path: is empty; name the hub's store");
        if (ReadersMax is < 1 or > 64)
            faults.Add($"ReadersMax: {ReadersMax} is not within 1 to 64");
        if (CacheKiB is < 64 or > 4_194_304)
            faults.Add($"CacheKiB: {CacheKiB} is not within 64 to 4194304");
        if (ReaderCacheKiB is < 64 or > 4_194_304)
            faults.Add($"ReaderCacheKiB: {ReaderCacheKiB} is not within 64 to 4194304");
        if (QuarantineBytesMax is < 0 or > 1L << 40)
            faults.Add($"QuarantineBytesMax: {QuarantineBytesMax} is not within 0 to {1L << 40}");
        CheckRows(faults, nameof(UsageRowsMax), UsageRowsMax);
        CheckRows(faults, nameof(MeterMinuteRowsMax), MeterMinuteRowsMax);
        CheckRows(faults, nameof(MeterHourRowsMax), MeterHourRowsMax);
        if (AuditEntriesMax is < 100 or > 50_000_000)
            faults.Add($"AuditEntriesMax: {AuditEntriesMax} is not within 100 to 50000000");
        if (AuditArchiveEntries is < 10 or > 1_000_000)
            faults.Add($"AuditArchiveEntries: {AuditArchiveEntries} is not within 10 to 1000000");
        if (faults.Count > 0)
            throw new ArgumentException($"hub store: {string.Join("; ", faults)}");
    }

    private static void CheckRows(List<string> faults, string field, long rows)
    {
        if (rows is < 1_000 or > 1_000_000_000)
            faults.Add($"{field}: {rows} is not within 1000 to 1000000000");
    }
}

/// <summary>Why the hub's store did not do what was asked.</summary>
public enum HubStoreFault
{
    /// <summary>The disk fails, cannot be written or is held by another. Heals by itself when that ends.</summary>
    Unavailable,

    /// <summary>The disk is full. Heals by itself when there is room again.</summary>
    Full,

    /// <summary>The file is not what was written; it has to be restored.</summary>
    Damaged,

    /// <summary>The file is not one that this hub may use.</summary>
    Foreign,

    /// <summary>The store did not take what it was given, and would not take it the next time.</summary>
    Refused,
}

/// <summary>The hub's store cannot be used, and the message says what to do.</summary>
public sealed class HubStoreException(
    string message, HubStoreFault fault = HubStoreFault.Unavailable, Exception? inner = null)
    : IOException(message, inner)
{
    public HubStoreFault Fault => fault;

    /// <summary>Asking again later may well succeed, with nobody doing anything about the store.</summary>
    public bool WillHeal => fault is HubStoreFault.Unavailable or HubStoreFault.Full;
}
