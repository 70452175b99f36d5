using LeptonEdge.Core.Metrics;

namespace LeptonEdge.Tests.Core.Metrics;

public class LatencyHistogramTests
{
    [Fact]
    public void Percentiles_are_right_to_a_sixteenth_over_eleven_decades()
    {
        for (var scale = 1L; scale <= 100_000_000; scale *= 10)
        {
            var histogram = new LatencyHistogram();
            for (var i = 1; i <= 1000; i++)
                histogram.Record(new TimeSpan(i * scale));
            Assert.Equal(1000, histogram.Count);
            Assert.Equal(new TimeSpan(500_500 * scale), histogram.Sum);
            foreach (var share in new[] { 0.001, 0.5, 0.9, 0.99, 1 })
            {
                var exact = share * 1000 * scale;
                Assert.InRange(histogram.Percentile(share).Ticks, exact, exact * 17 / 16);
            }

            Assert.Equal(histogram.Max, histogram.Percentile(1));
        }
    }

    [Fact]
    public void Doublings_hold_what_lies_below_their_bound_and_the_last_one_the_rest()
    {
        var histogram = new LatencyHistogram();
        TimeSpan[] recorded = [TimeSpan.Zero, new(15), new(16), new(31), new(32), new(50_000), TimeSpan.FromHours(1)];
        foreach (var duration in recorded)
            histogram.Record(duration);
        var counts = new long[LatencyHistogram.Doublings];
        histogram.CopyDoublings(counts);

        for (var i = 0; i < counts.Length - 1; i++)
            Assert.Equal(
                recorded.Count(duration => duration < LatencyHistogram.DoublingBound(i)), counts[..(i + 1)].Sum());
        Assert.Equal(recorded.Length, counts.Sum());
        Assert.Equal(1, counts[^1]);
    }

    [Fact]
    public void Nothing_recorded_reads_zero_and_extremes_are_counted()
    {
        var histogram = new LatencyHistogram();
        Assert.Equal(TimeSpan.Zero, histogram.Percentile(0.99));
        histogram.Record(TimeSpan.FromTicks(-5));
        Assert.Equal(TimeSpan.Zero, histogram.Percentile(1));
        histogram.Record(TimeSpan.MaxValue);
        Assert.Equal(2, histogram.Count);
        Assert.True(histogram.Percentile(1) > TimeSpan.FromHours(3));
        Assert.Equal(TimeSpan.MaxValue, histogram.Max);
        histogram.Clear();
        Assert.Equal((0, TimeSpan.Zero, TimeSpan.Zero), (histogram.Count, histogram.Max, histogram.Sum));
        Assert.Throws<ArgumentOutOfRangeException>(() => histogram.Percentile(1.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => histogram.Percentile(double.NaN));
    }

    [Fact]
    public async Task Threads_that_record_at_once_lose_nothing_and_allocate_nothing()
    {
        var histogram = new LatencyHistogram();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 50_000; i++)
                histogram.Record(new TimeSpan(i));
        })));
        Assert.Equal(200_000, histogram.Count);
        Assert.Equal(49_999, histogram.Max.Ticks);

        var before = GC.GetAllocatedBytesForCurrentThread();
        histogram.Record(new TimeSpan(7));
        _ = histogram.Percentile(0.5);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
