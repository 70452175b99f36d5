using LeptonEdge.Core.Signals;
using LeptonEdge.Core.Windows;

namespace LeptonEdge.Agent.Pipeline;

/// <summary>Cuts the samples of one channel into a workload's windows: statistics, raw ring, model.</summary>
public sealed class SampleWindowFeed : IWindowFeed
{
    private readonly ChannelRuntime _channel;
    private readonly WorkloadRunner _workload;
    private readonly PipelineQueue _queue;
    private readonly TimeProvider _clock;
    private readonly WindowAssembler _assembler;
    private readonly float[] _single = new float[1];
    private readonly bool _wantsStatistics;

    public SampleWindowFeed(
        ChannelRuntime channel, WorkloadRunner workload, int size, int hop, PipelineQueue queue, TimeProvider clock)
    {
        (_channel, _workload, _queue, _clock) = (channel, workload, queue, clock);
        _assembler = new WindowAssembler(size, hop, channel.Facts.RateHz, Complete);
        var configuration = workload.Configuration;
        _wantsStatistics = configuration.Features.Count > 0
            || configuration.Alarms.Any(alarm => alarm.Feature is not null);
    }

    public void TakeBlock(long startMicros, ReadOnlySpan<float> samples) => _assembler.Push(startMicros, samples);

    public void TakeReading(long timeMicros, double value)
    {
        _single[0] = (float)value;
        _assembler.Push(timeMicros, _single);
    }

    private void Complete(Window window)
    {
        var completedAt = _clock.GetTimestamp();
        if (!window.IsValid)
        {
            _workload.TakeInvalid(window.LastMicros, window.InvalidCount);
            Keep(window);
            return;
        }

        // The verdict first: it has the deadline.
        _workload.Take(window.Samples, window.LastMicros, completedAt);
        Keep(window);
        if (!_wantsStatistics)
            return;
        _queue.Post(new PipelineItem
        {
            Kind = PipelineItemKind.Statistics, Channel = _channel, Workload = _workload,
            TimeMicros = window.LastMicros, Statistics = WindowStatistics.Compute(window.Samples),
        });
    }

    private void Keep(in Window window)
    {
        if (_workload.Ring?.Add(window) is { } asked)
            _queue.Post(new PipelineItem { Kind = PipelineItemKind.Raw, Raw = asked });
    }
}
