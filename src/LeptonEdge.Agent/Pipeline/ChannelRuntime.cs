using System.Buffers;
using LeptonEdge.Agent.Configuration;
using LeptonEdge.Agent.Sensing;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;

namespace LeptonEdge.Agent.Pipeline;

/// <summary>One sensor channel at work: counts what comes, sends up what its policy asks for, and feeds the
/// workloads.</summary>
/// <remarks>The sensor's thread alone calls <see cref="TakeBlock"/> and <see cref="TakeReading"/>.</remarks>
public sealed class ChannelRuntime
{
    // A dead sensor sends nothing but NaN: enough of them are recorded to say so, the rest is counted.
    private const int InvalidPerBlockMax = 16;

    private readonly PipelineQueue _queue;
    private readonly DownSampler? _downSampler;
    private readonly List<IWindowFeed> _feeds = [];
    private long _invalid;
    private long _firstMicros;
    private long _lastMicros;

    public ChannelRuntime(SensorChannel facts, UploadPolicy policy, PipelineQueue queue, TimeProvider clock)
    {
        (Facts, Policy, _queue) = (facts, policy, queue);
        Readings = new RateMeter(clock);
        if (policy.Kind == UploadKind.DownSampled)
        {
            _downSampler = new DownSampler(policy.Interval);
            (Mean, Min, Max) = (Derived("mean"), Derived("min"), Derived("max"));
        }
    }

    public SensorChannel Facts { get; }

    public ChannelName Name => Facts.Name;

    public UploadPolicy Policy { get; }

    public RateMeter Readings { get; }

    /// <summary>Readings that were NaN or infinite; never falls.</summary>
    public long Invalid => Interlocked.Read(ref _invalid);

    /// <summary>Device time from the first reading to the last, microseconds.</summary>
    public long SpanMicros => Interlocked.Read(ref _lastMicros) - Interlocked.Read(ref _firstMicros);

    /// <summary>Channels of the down-sampled summaries; default without that policy.</summary>
    public ChannelName Mean { get; }

    public ChannelName Min { get; }

    public ChannelName Max { get; }

    /// <summary>Adds a consumer of the samples; before the sensors start.</summary>
    public void Feed(IWindowFeed feed) => _feeds.Add(feed);

    public void TakeBlock(long startMicros, ReadOnlySpan<float> samples)
    {
        if (samples.IsEmpty)
            return;
        Saw(startMicros, TimeOf(startMicros, samples.Length - 1), samples.Length);
        var invalid = CountInvalid(samples);
        if (Policy.Kind == UploadKind.Everything)
            PostBlock(startMicros, samples);
        else if (invalid > 0)
            PostInvalid(startMicros, samples);
        if (_downSampler is not null)
        {
            for (var i = 0; i < samples.Length; i++)
                DownSample(TimeOf(startMicros, i), samples[i]);
        }

        foreach (var feed in _feeds)
            feed.TakeBlock(startMicros, samples);
    }

    public void TakeReading(long timeMicros, double value)
    {
        Saw(timeMicros, timeMicros, 1);
        if (!double.IsFinite(value))
            Interlocked.Increment(ref _invalid);
        if (Policy.Kind == UploadKind.Everything || !double.IsFinite(value))
            PostReading(double.IsFinite(value) ? RecordClass.Telemetry : RecordClass.Event, timeMicros, value);
        if (_downSampler is not null)
            DownSample(timeMicros, value);
        foreach (var feed in _feeds)
            feed.TakeReading(timeMicros, value);
    }

    /// <summary>Device time of one sample of a block.</summary>
    public long TimeOf(long startMicros, int index) => startMicros + (long)Math.Round(index * 1e6 / Facts.RateHz);

    private void Saw(long firstMicros, long lastMicros, int count)
    {
        if (_firstMicros == 0)
            Interlocked.Exchange(ref _firstMicros, firstMicros);
        Interlocked.Exchange(ref _lastMicros, lastMicros);
        Readings.Add(count);
    }

    private int CountInvalid(ReadOnlySpan<float> samples)
    {
        var invalid = 0;
        foreach (var sample in samples)
            invalid += float.IsFinite(sample) ? 0 : 1;
        if (invalid > 0)
            Interlocked.Add(ref _invalid, invalid);
        return invalid;
    }

    private void PostBlock(long startMicros, ReadOnlySpan<float> samples)
    {
        var rented = ArrayPool<float>.Shared.Rent(samples.Length);
        samples.CopyTo(rented);
        _queue.Post(new PipelineItem
        {
            Kind = PipelineItemKind.Block, Channel = this, Class = RecordClass.Telemetry, TimeMicros = startMicros,
            Samples = rented, Count = samples.Length,
        });
    }

    private void PostInvalid(long startMicros, ReadOnlySpan<float> samples)
    {
        var posted = 0;
        for (var i = 0; i < samples.Length && posted < InvalidPerBlockMax; i++)
        {
            if (float.IsFinite(samples[i]))
                continue;
            PostReading(RecordClass.Event, TimeOf(startMicros, i), samples[i]);
            posted++;
        }
    }

    private void PostReading(RecordClass recordClass, long timeMicros, double value) => _queue.Post(new PipelineItem
    {
        Kind = PipelineItemKind.Reading, Channel = this, Class = recordClass, TimeMicros = timeMicros, Value = value,
    });

    private void DownSample(long timeMicros, double value)
    {
        if (_downSampler!.Add(timeMicros, value, out var summary))
            _queue.Post(new PipelineItem { Kind = PipelineItemKind.Summary, Channel = this, Summary = summary });
    }

    private ChannelName Derived(string what) => new($"{Name}.{what}");
}

/// <summary>Takes a channel's samples in and makes windows of them.</summary>
public interface IWindowFeed
{
    void TakeBlock(long startMicros, ReadOnlySpan<float> samples);

    void TakeReading(long timeMicros, double value);
}
