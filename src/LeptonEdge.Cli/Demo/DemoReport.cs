using System.Text.Json;
using System.Text.Json.Serialization;

namespace LeptonEdge.Cli.Demo;

/// <summary>What a run of the demo did; written as JSON by <c>--report</c>.</summary>
internal sealed record DemoReport
{
    /// <summary>Values that sensors delivered to the agents.</summary>
    public required long Readings { get; init; }

    public required PlaceCounts Inferences { get; init; }

    /// <summary>Alarms raised (clearings are not counted).</summary>
    public required long Alarms { get; init; }

    /// <summary>Batches that agents appended to their outboxes.</summary>
    public required long Batches { get; init; }

    /// <summary>Bytes of those batches as sealed, headers included.</summary>
    public required long SealedBytes { get; init; }

    /// <summary>Sealed bytes per value that went up: readings, features, verdicts, alarms and raw samples.</summary>
    public required double BytesPerReading { get; init; }

    /// <summary>Records in the hub's store.</summary>
    public required long Stored { get; init; }

    /// <summary>Records that an agent appended and the hub's store does not hold.</summary>
    public required long Lost { get; init; }

    /// <summary>Records that the hub's store holds more often than an agent appended them.</summary>
    public required long Duplicated { get; init; }

    /// <summary>Workloads that the hub moved from one place to another.</summary>
    public required int Rebalances { get; init; }

    public required int HubRestarts { get; init; }

    public required LatencyReport LatencyMs { get; init; }

    public required MemoryReport RssMiB { get; init; }

    /// <summary>Whether vibration was replayed from recordings or simulated.</summary>
    public required string Vibration { get; init; }

    public required double Seconds { get; init; }

    public required IReadOnlyList<ChannelReport> Channels { get; init; }
}

internal sealed record PlaceCounts(long Local, long Hub);

/// <summary>Milliseconds; null where nothing was measured.</summary>
internal sealed record Percentiles(double? P50, double? P99)
{
    public static Percentiles Of(List<double> values)
    {
        if (values.Count == 0)
            return new Percentiles(null, null);
        values.Sort();
        return new Percentiles(At(values, 0.50), At(values, 0.99));
    }

    // Nearest rank: a value that was really measured.
    private static double At(List<double> sorted, double share) =>
        Math.Round(sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Count) - 1, 0, sorted.Count - 1)], 3);
}

/// <param name="Local">From a complete window to its verdict, where the device answered.</param>
/// <param name="Hub">The same, where the hub answered.</param>
/// <param name="SenseToStore">From a value's device time to the commit of its batch in the hub's store.</param>
internal sealed record LatencyReport(Percentiles Local, Percentiles Hub, Percentiles SenseToStore);

/// <summary>Largest resident size seen, of the largest agent and of the hub.</summary>
internal sealed record MemoryReport(double Agent, double Hub);

/// <summary>One sensor channel's rate as delivered, beside the one it should have.</summary>
internal sealed record ChannelReport(
    string Device, string Channel, bool Simulated, long Readings, double ReadingsPerSecond, double NominalRate);

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.Never)]
[JsonSerializable(typeof(DemoReport))]
internal sealed partial class DemoReportJson : JsonSerializerContext;
