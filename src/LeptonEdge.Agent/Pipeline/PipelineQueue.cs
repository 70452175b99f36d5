using System.Buffers;
using System.Threading.Channels;
using LeptonEdge.Core;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Agent.Pipeline;

/// <summary>The bounded queue in front of the decision. When the disk behind it falls too far back, the newest item is
/// shed, counted and said.</summary>
public sealed class PipelineQueue(TimeProvider clock, ILogger<PipelineQueue> logger)
{
    /// <summary>About half a minute of a bearing workload.</summary>
    public const int Capacity = 4_096;

    private static readonly TimeSpan SayEvery = TimeSpan.FromSeconds(10);

    private readonly Channel<PipelineItem> _items = Channel.CreateBounded<PipelineItem>(
        new BoundedChannelOptions(Capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private long _shed;
    private long _saidAt;

    /// <summary>Items that found the queue full; never falls.</summary>
    public long Shed => Interlocked.Read(ref _shed);

    public ChannelReader<PipelineItem> Reader => _items.Reader;

    public void Post(in PipelineItem item)
    {
        if (_items.Writer.TryWrite(item))
            return;
        if (item.Samples is { } rented)
            ArrayPool<float>.Shared.Return(rented);
        var shed = Interlocked.Increment(ref _shed);
        var now = clock.GetUnixMicros();
        if (now - Interlocked.Read(ref _saidAt) < SayEvery.TotalMicroseconds)
            return;
        Interlocked.Exchange(ref _saidAt, now);
        PipelineQueueLog.Shed(logger, shed);
    }

    /// <summary>Nothing more comes; what is in the queue is still read.</summary>
    public void Complete() => _items.Writer.TryComplete();
}

internal static partial class PipelineQueueLog
{
    [LoggerMessage(1, LogLevel.Error,
        "The disk does not keep up: {Shed} readings, statistics or verdicts were shed before they could be recorded")]
    public static partial void Shed(ILogger logger, long shed);
}
