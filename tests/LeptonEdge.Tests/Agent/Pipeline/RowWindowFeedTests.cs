using LeptonEdge.Agent.Configuration;
using LeptonEdge.Agent.Offload;
using LeptonEdge.Agent.Pipeline;
using LeptonEdge.Core.Identity;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace LeptonEdge.Tests.Agent.Pipeline;

/// <summary>Two channels of 16 readings each make the 32 values that the shipped host model takes.</summary>
public sealed class RowWindowFeedTests : IDisposable
{
    private const int Rows = 16;

    private readonly PipelineQueue _queue = new(TimeProvider.System, NullLogger<PipelineQueue>.Instance);
    private readonly InferenceLane _lane =
        new(new LaneSettings { Nice = 0 }, TimeProvider.System, NullLogger<InferenceLane>.Instance);
    private readonly WorkloadRunner _workload;
    private readonly RowWindowFeed _feed;

    public RowWindowFeedTests()
    {
        var model = new ModelReference("host-anomaly", "1.0.0");
        var bundle = ModelBundle.Load(Path.Combine(Requires.RepositoryRoot, "firmware-config/models"), model);
        _workload = new WorkloadRunner(
            new WorkloadConfiguration { Id = new WorkloadId("rows"), Channels = ["a", "b"], Model = model },
                new ChannelName("a"),
            new LocalModel(bundle, new LaneSettings()), null, _queue, TimeProvider.System,
                NullLogger<WorkloadRunner>.Instance);
        _workload.Connect(new InferenceRouter(_lane, TimeProvider.System, NullLogger<InferenceRouter>.Instance));
        _feed = new RowWindowFeed(_workload, columns: 2, Rows, hop: 1, rateHz: 1, TimeProvider.System);
    }

    [Fact]
    public void A_window_follows_each_row_once_enough_rows_are_there()
    {
        Feed(0, Rows - 1);
        Assert.Equal(0, _workload.Windows.Total);

        Feed(Rows - 1, 3);
        Assert.Equal(3, _workload.Windows.Total);
    }

    [Fact]
    public void A_row_that_lacks_a_channel_ends_the_window()
    {
        Feed(0, 10);
        _feed.Column(0).TakeReading(10_000_000, 0.5);
        Feed(11, Rows - 1);
        Assert.Equal(0, _workload.Windows.Total);
        Assert.Equal(1, _feed.IncompleteRows);

        Feed(11 + Rows - 1, 1);
        Assert.Equal(1, _workload.Windows.Total);
    }

    [Fact]
    public void A_pause_ends_the_window()
    {
        Feed(0, 10);
        Feed(60, Rows - 1);

        Assert.Equal(0, _workload.Windows.Total);
    }

    [Fact]
    public void A_row_with_NaN_is_noted_and_never_given_to_the_model()
    {
        Feed(0, Rows - 1);
        _feed.Column(0).TakeReading((Rows - 1) * 1_000_000, double.NaN);
        _feed.Column(1).TakeReading((Rows - 1) * 1_000_000, 0.5);

        Assert.Equal(1, _workload.Invalid);
        Assert.True(_queue.Reader.TryRead(out var item));
        Assert.Equal((PipelineItemKind.Invalid, 1), (item.Kind, item.Count));
        Feed(Rows, Rows - 1);
        Assert.Equal(1, _workload.Windows.Total);
    }

    public void Dispose()
    {
        _lane.Dispose();
        _workload.Dispose();
    }

    private void Feed(int firstSecond, int count)
    {
        for (var second = firstSecond; second < firstSecond + count; second++)
        {
            _feed.Column(0).TakeReading(second * 1_000_000L, 0.4);
            _feed.Column(1).TakeReading(second * 1_000_000L, 0.6);
        }
    }
}
