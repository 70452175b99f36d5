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
        if (faults.Count > 0)
            throw new ArgumentException($"hub store: {string.Join("; ", faults)}");
    }
}

/// <summary>The hub's store cannot be used, and the message says what to do.</summary>
public sealed class HubStoreException(string message, Exception? inner = null) : IOException(message, inner);
