using System.Text.Json.Serialization;

namespace LeptonEdge.Benchmarks;

/// <summary>Measures one thing and what it is compared with, side by side in one run.</summary>
public interface IBenchmark
{
    /// <summary>What `-- NAME` calls it.</summary>
    string Name { get; }

    /// <summary>One sentence for the list of benchmarks.</summary>
    string Summary { get; }

    /// <summary>Measures.</summary>
    /// <param name="args">The command line after the name, `--json` taken out.</param>
    /// <exception cref="BenchmarkException">Something that it needs is missing or an argument is wrong.</exception>
    Task<IReadOnlyList<Figure>> RunAsync(string[] args);
}

/// <summary>One measured figure: the median of at least five runs.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Value">Ours.</param>
/// <param name="Unit">Unit of both values.</param>
/// <param name="Peer">What it is compared with, if with anything.</param>
/// <param name="PeerValue">The peer's, measured in the same run.</param>
/// <param name="Ratio">Ours over the peer's.</param>
/// <param name="Asked">The bar, as a condition on the value or the ratio, such as "ratio ≤ 1.05".</param>
/// <param name="Met">Whether the bar is met.</param>
public sealed record Figure(
    string Name, double Value, string Unit, string? Peer = null, double? PeerValue = null, double? Ratio = null,
    string? Asked = null, bool? Met = null)
{
    /// <summary>A figure whose value is to be at most so much.</summary>
    public static Figure AtMost(string name, double value, string unit, double asked) =>
        new(name, value, unit, Asked: Text($"≤ {asked}"), Met: value <= asked);

    /// <summary>A figure whose value is to be at least so much.</summary>
    public static Figure AtLeast(string name, double value, string unit, double asked) =>
        new(name, value, unit, Asked: Text($"≥ {asked}"), Met: value >= asked);

    /// <summary>A figure beside a peer's, whose ratio (ours over the peer's) is to be at most so much.</summary>
    public static Figure RatioAtMost(
        string name, double value, string unit, string peer, double peerValue, double asked) =>
        new(name, value, unit, peer, peerValue, value / peerValue, Text($"ratio ≤ {asked}"),
            value / peerValue <= asked);

    /// <summary>A figure beside a peer's, whose ratio (ours over the peer's) is to be at least so much.</summary>
    public static Figure RatioAtLeast(
        string name, double value, string unit, string peer, double peerValue, double asked) =>
        new(name, value, unit, peer, peerValue, value / peerValue, Text($"ratio ≥ {asked}"),
            value / peerValue >= asked);

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}

/// <summary>A benchmark cannot run; the message says what to do.</summary>
public sealed class BenchmarkException(string message) : Exception(message);

internal sealed record BenchmarkReport(string Benchmark, IReadOnlyList<Figure> Figures);

// Every key is always there, null where it does not apply: whoever reads the line need not ask for each.
[JsonSerializable(typeof(BenchmarkReport))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class BenchmarkJson : JsonSerializerContext;
