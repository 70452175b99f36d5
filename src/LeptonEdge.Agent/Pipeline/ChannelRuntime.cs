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
    private readonly TimeProvider _clock;
    private long _firstAt;
    private long _lastAt;
    private long _firstCount;

    public ChannelRuntime(SensorChannel facts, UploadPolicy policy, PipelineQueue queue, TimeProvider clock)
    {
        (Facts, Policy, _queue, _clock) = (facts, policy, queue, clock);
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

    /// <summary>From the first delivery to the last, by the machine's own steady clock: the time stamps follow the sensor's
    /// schedule and would agree with it by construction.</summary>
    public TimeSpan DeliveredFor => _clock.GetElapsedTime(Interlocked.Read(ref _firstAt), Interlocked.Read(ref _lastAt));

    /// <summary>Readings a second over the whole run, as they arrived; 0 before the second delivery.</summary>
    public double DeliveredPerSecond => DeliveredFor > TimeSpan.Zero
        ? (Readings.Total - Interlocked.Read(ref _firstCount)) / DeliveredFor.TotalSeconds
        : 0;

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
        Saw(samples.Length);
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
        Saw(1);
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

    private void Saw(int count)
    {
        var now = _clock.GetTimestamp();
        if (Interlocked.Read(ref _firstAt) == 0)
        {
            // What came first was gathered before its arrival: the rate counts from there.
            Interlocked.Exchange(ref _firstAt, now);
            Interlocked.Exchange(ref _firstCount, count);
        }

        Interlocked.Exchange(ref _lastAt, now);
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
