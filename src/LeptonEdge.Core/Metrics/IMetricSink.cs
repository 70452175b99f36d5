namespace LeptonEdge.Core.Metrics;

/// <summary>What a family of metrics is, in Prometheus' words.</summary>
public enum MetricKind
{
    /// <summary>Only grows; starts at 0 again with the process that counts.</summary>
    Counter,

    /// <summary>Goes up and down.</summary>
    Gauge,

    /// <summary>Durations by upper bound.</summary>
    Histogram,
}

/// <summary>One label of a sample.</summary>
public readonly record struct MetricLabel(string Name, string Value)
{
    public static implicit operator MetricLabel((string Name, string Value) label) => new(label.Name, label.Value);
}

/// <summary>Takes a page of metrics, family by family: Prometheus' text, or a picture of it that is exported by other
/// means.</summary>
public interface IMetricSink
{
    /// <summary>Begins a family; the samples that follow are its own.</summary>
    /// <param name="name">With its base unit; a counter's ends in <c>_total</c>.</param>
    IMetricSink Family(string name, string help, MetricKind kind);

    /// <summary>One sample of a counter or gauge.</summary>
    IMetricSink Sample(double value, params ReadOnlySpan<MetricLabel> labels);

    /// <summary>One histogram of the family, from 51.2 µs to 13 s in doublings.</summary>
    IMetricSink Histogram(LatencyHistogram histogram, params ReadOnlySpan<MetricLabel> labels);

    /// <summary>One histogram of the family.</summary>
    /// <param name="bounds">Upper bounds, seconds, growing; a last bucket without one follows.</param>
    /// <param name="counts">What is in each bucket alone, one more than bounds; what is missing at the end is
    /// 0.</param>
    IMetricSink Histogram(
        ReadOnlySpan<double> bounds, ReadOnlySpan<long> counts, double sum, params ReadOnlySpan<MetricLabel> labels);
}

public static class MetricSinkExtensions
{
    /// <summary>Bounds of <see cref="LatencyHistogram.CopyDoublings"/>, seconds: 1.6 µs · 2^i.</summary>
    private static readonly double[] Doublings =
    [
        .. Enumerable.Range(0, LatencyHistogram.Doublings - 1)
            .Select(bucket => LatencyHistogram.DoublingBound(bucket).TotalSeconds),
    ];

    /// <summary>Index of the first bound that is written: below 51.2 µs nothing of interest happens, and 24 bounds
    /// for each histogram are a lot to store.</summary>
    public const int FirstBucket = 5;

    public static ReadOnlySpan<double> DoublingBounds => Doublings;

    public static IMetricSink Counter(
        this IMetricSink sink, string name, string help, double value, params ReadOnlySpan<MetricLabel> labels) =>
        sink.Family(name, help, MetricKind.Counter).Sample(value, labels);

    public static IMetricSink Gauge(
        this IMetricSink sink, string name, string help, double value, params ReadOnlySpan<MetricLabel> labels) =>
        sink.Family(name, help, MetricKind.Gauge).Sample(value, labels);
}
