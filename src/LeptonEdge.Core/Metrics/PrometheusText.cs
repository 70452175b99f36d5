using System.Globalization;
using System.Text;

namespace LeptonEdge.Core.Metrics;

/// <summary>Writes metrics in Prometheus' text exposition format 0.0.4, as UTF-8 into one buffer that is used again and
/// again. One thread at a time.</summary>
/// <remarks>https://prometheus.io/docs/instrumenting/exposition_formats/</remarks>
public sealed class PrometheusText : IMetricSink
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private byte[] _bytes;
    private int _length;
    private string _family = "";

    public PrometheusText(int bytes = 8 * 1024) => _bytes = new byte[bytes];

    /// <summary>What was written since the last <see cref="Clear"/>; valid until the next write.</summary>
    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _length);

    public void Clear() => (_length, _family) = (0, "");

    public IMetricSink Family(string name, string help, MetricKind kind)
    {
        _family = name;
        Add("# HELP "u8);
        Add(name);
        Add(" "u8);
        AddEscaped(help, quotes: false);
        Add("\n# TYPE "u8);
        Add(name);
        Add(kind switch
        {
            MetricKind.Counter => " counter\n"u8,
            MetricKind.Gauge => " gauge\n"u8,
            _ => " histogram\n"u8,
        });
        return this;
    }

    public IMetricSink Sample(double value, params ReadOnlySpan<MetricLabel> labels)
    {
        Line(default, labels, null, value);
        return this;
    }

    public IMetricSink Histogram(LatencyHistogram histogram, params ReadOnlySpan<MetricLabel> labels)
    {
        const int First = MetricSinkExtensions.FirstBucket;
        Span<long> counts = stackalloc long[LatencyHistogram.Doublings];
        histogram.CopyDoublings(counts);
        foreach (var below in counts[..First])
            counts[First] += below;
        return Histogram(
            MetricSinkExtensions.DoublingBounds[First..], counts[First..], histogram.Sum.TotalSeconds, labels);
    }

    public IMetricSink Histogram(
        ReadOnlySpan<double> bounds, ReadOnlySpan<long> counts, double sum, params ReadOnlySpan<MetricLabel> labels)
    {
        var below = 0L;
        for (var i = 0; i <= bounds.Length; i++)
        {
            below += i < counts.Length ? counts[i] : 0;
            Line("_bucket"u8, labels, i < bounds.Length ? bounds[i] : double.PositiveInfinity, below);
        }

        Line("_sum"u8, labels, null, sum);
        Line("_count"u8, labels, null, below);
        return this;
    }

    public override string ToString() => Encoding.UTF8.GetString(_bytes, 0, _length);

    private void Line(ReadOnlySpan<byte> suffix, ReadOnlySpan<MetricLabel> labels, double? bound, double value)
    {
        Add(_family);
        Add(suffix);
        for (var i = 0; i < labels.Length; i++)
        {
            Add(i == 0 ? "{"u8 : ","u8);
            Add(labels[i].Name);
            Add("=\""u8);
            AddEscaped(labels[i].Value, quotes: true);
            Add("\""u8);
        }

        if (bound is { } le)
        {
            Add(labels.Length == 0 ? "{le=\""u8 : ",le=\""u8);
            Add(le);
            Add("\""u8);
        }

        if (labels.Length > 0 || bound is not null)
            Add("}"u8);
        Add(" "u8);
        Add(value);
        Add("\n"u8);
    }

    private void Add(double value)
    {
        if (double.IsPositiveInfinity(value))
            Add("+Inf"u8);
        else if (double.IsNegativeInfinity(value))
            Add("-Inf"u8);
        else
        {
            value.TryFormat(Room(32), out var written, "R", CultureInfo.InvariantCulture);
            _length += written;
        }
    }

    private void Add(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        _length += bytes.Length;
    }

    private void Add(string text) =>
        _length += Encoding.UTF8.GetBytes(text, Room(Encoding.UTF8.GetMaxByteCount(text.Length)));

    private void AddEscaped(string text, bool quotes)
    {
        var from = _length;
        Add(text);
        if (_bytes.AsSpan(from, _length - from).IndexOfAny((byte)'\\', (byte)'\n', (byte)'"') < 0)
            return;
        // Rare: a name from outside that holds one of them.
        _length = from;
        text = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        Add(quotes ? text.Replace("\"", "\\\"", StringComparison.Ordinal) : text);
    }

    private Span<byte> Room(int bytes)
    {
        if (_bytes.Length - _length < bytes)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + bytes));
        return _bytes.AsSpan(_length);
    }
}
