using System.Diagnostics.Metrics;
using LeptonEdge.Core.Metrics;
using LeptonEdge.Core.Tracing;

namespace LeptonEdge.Telemetry;

/// <summary>Offers the families of a page of metrics as instruments of one meter, so that what Prometheus reads is
/// what is exported. Any thread.</summary>
internal sealed class MetricBridge : IMetricSink, IDisposable
{
    // All instruments are read together: one picture serves them all.
    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(1);

    private static readonly (string Suffix, string Unit)[] Units =
        [("_seconds", "s"), ("_bytes", "By"), ("_ratio", "1"), ("_joules", "J")];

    private readonly Meter _meter = new(Traces.SourceName);
    private readonly Action<IMetricSink> _write;
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Family> _families = new(StringComparer.Ordinal);
    private readonly List<Family> _new = [];
    private Family? _open;
    private long _readAt;

    /// <param name="write">Writes the page.</param>
    public MetricBridge(Action<IMetricSink> write, TimeProvider clock)
    {
        (_write, _clock) = (write, clock);
        Read();
        CreateInstruments();
    }

    IMetricSink IMetricSink.Family(string name, string help, MetricKind kind)
    {
        if (!_families.TryGetValue(name, out _open))
        {
            _families[name] = _open = new Family(name, help, kind);
            _new.Add(_open);
        }

        return this;
    }

    public IMetricSink Sample(double value, params ReadOnlySpan<MetricLabel> labels)
    {
        _open!.Samples.Add(new Measurement<double>(value, TagsOf(labels)));
        return this;
    }

    public IMetricSink Histogram(LatencyHistogram histogram, params ReadOnlySpan<MetricLabel> labels)
    {
        if (histogram.Observed is null)
        {
            var (family, tags) = (_open!, TagsOf(labels));
            histogram.Observed = took => family.Histogram?.Record(took.TotalSeconds, tags);
        }

        return this;
    }

    /// <summary>Counts of another process' durations; that process exports them itself.</summary>
    public IMetricSink Histogram(
        ReadOnlySpan<double> bounds, ReadOnlySpan<long> counts, double sum, params ReadOnlySpan<MetricLabel> labels) =>
        this;

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<double>> Observe(Family family)
    {
        lock (_gate)
        {
            if (_clock.GetElapsedTime(_readAt) > FreshFor)
                Read();
            return [.. family.Samples];
        }
    }

    private void Read()
    {
        foreach (var family in _families.Values)
            family.Samples.Clear();
        _write(this);
        _readAt = _clock.GetTimestamp();
        // Not from within a reading of all instruments.
        if (_new.Count > 0)
            ThreadPool.QueueUserWorkItem(static bridge => bridge.CreateInstruments(), this, preferLocal: false);
    }

    private void CreateInstruments()
    {
        Family[] found;
        lock (_gate)
        {
            found = [.. _new];
            _new.Clear();
        }

        foreach (var family in found)
            Create(family);
    }

    private void Create(Family family)
    {
        var name = family.Name.EndsWith("_total", StringComparison.Ordinal) ? family.Name[..^6] : family.Name;
        var unit = Array.Find(Units, entry => name.EndsWith(entry.Suffix, StringComparison.Ordinal)).Unit;
        switch (family.Kind)
        {
            case MetricKind.Counter:
                _meter.CreateObservableCounter(name, () => Observe(family), unit, family.Help);
                break;
            case MetricKind.Gauge:
                _meter.CreateObservableGauge(name, () => Observe(family), unit, family.Help);
                break;
            default:
                family.Histogram = _meter.CreateHistogram(name, unit, family.Help, tags: null,
                    new InstrumentAdvice<double>
                    {
                        HistogramBucketBoundaries =
                            [.. MetricSinkExtensions.DoublingBounds[MetricSinkExtensions.FirstBucket..]],
                    });
                break;
        }
    }

    private static KeyValuePair<string, object?>[] TagsOf(ReadOnlySpan<MetricLabel> labels)
    {
        var tags = new KeyValuePair<string, object?>[labels.Length];
        for (var i = 0; i < tags.Length; i++)
            tags[i] = new KeyValuePair<string, object?>(labels[i].Name, labels[i].Value);
        return tags;
    }

    private sealed class Family(string name, string help, MetricKind kind)
    {
        public string Name => name;

        public string Help => help;

        public MetricKind Kind => kind;

        public List<Measurement<double>> Samples { get; } = [];

        public Histogram<double>? Histogram { get; set; }
    }
}
