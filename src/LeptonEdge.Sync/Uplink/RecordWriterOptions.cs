namespace LeptonEdge.Sync.Uplink;

/// <summary>When a batch is full enough, or old enough, to be sealed and appended.</summary>
public sealed record RecordWriterOptions
{
    /// <summary>Records in a batch, 1 to 65,536.</summary>
    public int BatchRecords { get; init; } = 2_048;

    /// <summary>Values (readings and raw samples) in a batch, 1 to 1,048,576.</summary>
    public int BatchValues { get; init; } = 65_536;

    /// <summary>The oldest record of a batch waits no longer than this, 10 ms to 1 hour.</summary>
    public TimeSpan BatchAge { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Every fault, as sentences that name the field; empty when the options are sound.</summary>
    public IEnumerable<string> Faults()
    {
        if (BatchRecords is < 1 or > 65_536)
            yield return $"batch_records: {BatchRecords} is not within 1 to 65536";
        if (BatchValues is < 1 or > 1_048_576)
            yield return $"batch_values: {BatchValues} is not within 1 to 1048576";
        if (BatchAge < TimeSpan.FromMilliseconds(10) || BatchAge > TimeSpan.FromHours(1))
            yield return $"batch_age: {BatchAge} is not within 10 ms to 1 h";
    }
}
