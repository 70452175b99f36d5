using LeptonEdge.Agent.Configuration;
using LeptonEdge.Agent.Pipeline;
using LeptonEdge.Agent.Sensing;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace LeptonEdge.Tests.Agent.Pipeline;

public sealed class ChannelRuntimeTests
{
    private readonly PipelineQueue _queue = new(TimeProvider.System, NullLogger<PipelineQueue>.Instance);

    [Fact]
    public void Everything_goes_up_with_the_time_of_each_sample()
    {
        var channel = Channel(UploadKind.Everything);
        channel.TakeBlock(1_000_000, [1, 2, float.NaN]);

        var item = Assert.Single(Posted());
        Assert.Equal((PipelineItemKind.Block, 3, RecordClass.Telemetry), (item.Kind, item.Count, item.Class));
        Assert.Equal([1_000_000, 1_010_000, 1_020_000],
            Enumerable.Range(0, 3).Select(i => channel.TimeOf(item.TimeMicros, i)));
        Assert.Equal(1, channel.Invalid);
        Assert.Equal(3, channel.Readings.Total);
    }

    [Fact]
    public void With_features_alone_the_samples_stay_but_invalid_ones_are_recorded_as_they_came()
    {
        var channel = Channel(UploadKind.Features);
        channel.TakeBlock(0, [1, float.NaN, 2, float.NegativeInfinity]);
        channel.TakeReading(50_000, double.PositiveInfinity);

        var items = Posted();
        Assert.Equal([double.NaN, double.NegativeInfinity, double.PositiveInfinity], items.Select(item => item.Value));
        Assert.Equal([10_000, 30_000, 50_000], items.Select(item => item.TimeMicros));
        Assert.All(items, item => Assert.Equal(RecordClass.Event, item.Class));
        Assert.Equal(3, channel.Invalid);
    }

    [Fact]
    public void A_sensor_that_sends_nothing_but_NaN_does_not_flood_the_outbox()
    {
        var channel = Channel(UploadKind.Features);
        var dead = new float[1_000];
        Array.Fill(dead, float.NaN);
        channel.TakeBlock(0, dead);

        Assert.Equal(16, Posted().Count);
        Assert.Equal(1_000, channel.Invalid);
    }

    [Fact]
    public void Down_sampling_sends_one_summary_per_interval()
    {
        var channel = Channel(UploadKind.DownSampled);
        for (var second = 0; second < 5; second++)
            channel.TakeReading(second * 1_000_000, second);

        var item = Assert.Single(Posted());
        Assert.Equal(new IntervalSummary(0, 1, 0, 2, 3), item.Summary);
    }

    [Fact]
    public void A_queue_that_nobody_empties_sheds_and_counts()
    {
        var channel = Channel(UploadKind.Everything);
        for (var i = 0; i < PipelineQueue.Capacity + 5; i++)
            channel.TakeReading(i, 1);

        Assert.Equal(5, _queue.Shed);
        Assert.Equal(PipelineQueue.Capacity, Posted().Count);
    }

    private ChannelRuntime Channel(UploadKind kind) => new(
        new SensorChannel(new ChannelName("drive-end"), "g", 100, "test"),
        new UploadPolicy("*", kind, TimeSpan.FromSeconds(3), 0, 0), _queue, new ManualTimeProvider());

    private List<PipelineItem> Posted()
    {
        var items = new List<PipelineItem>();
        while (_queue.Reader.TryRead(out var item))
            items.Add(item);
        return items;
    }
}
