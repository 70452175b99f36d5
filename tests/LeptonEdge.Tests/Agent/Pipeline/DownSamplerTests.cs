using LeptonEdge.Agent.Pipeline;

namespace LeptonEdge.Tests.Agent.Pipeline;

public sealed class DownSamplerTests
{
    private readonly DownSampler _sampler = new(TimeSpan.FromSeconds(10));
    private readonly List<IntervalSummary> _summaries = [];

    [Fact]
    public void Each_interval_gives_mean_minimum_and_maximum()
    {
        for (var second = 3; second < 25; second++)
            Add(second, second);

        Assert.Equal(
            [new IntervalSummary(0, 6, 3, 9, 7), new IntervalSummary(10_000_000, 14.5, 10, 19, 10)], _summaries);
    }

    [Fact]
    public void Invalid_readings_are_left_out_and_an_interval_of_nothing_else_gives_no_summary()
    {
        Add(1, 5);
        Add(2, double.NaN);
        Add(3, double.PositiveInfinity);
        Add(11, double.NaN);
        Add(21, 7);
        Add(31, 8);

        Assert.Equal([new IntervalSummary(0, 5, 5, 5, 1), new IntervalSummary(20_000_000, 7, 7, 7, 1)], _summaries);
    }

    private void Add(long second, double value)
    {
        if (_sampler.Add(second * 1_000_000, value, out var summary))
            _summaries.Add(summary);
    }
}
