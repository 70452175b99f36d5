using LeptonEdge.Agent.Pipeline;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Agent.Pipeline;

public sealed class MeterTests
{
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public void A_quantile_is_right_to_a_sixteenth_of_itself()
    {
        var latencies = new RecentLatencies(_clock);
        for (var micros = 1; micros <= 10_000; micros++)
            latencies.Record(micros);

        Assert.InRange(latencies.Quantile(0.5), 5_000e-6, 5_000e-6 * 17 / 16);
        Assert.InRange(latencies.Quantile(0.99), 9_900e-6, 9_900e-6 * 17 / 16);
    }

    [Fact]
    public void Latencies_are_forgotten_after_half_a_minute()
    {
        var latencies = new RecentLatencies(_clock);
        latencies.Record(50_000);
        _clock.Advance(TimeSpan.FromSeconds(20));
        latencies.Record(100);
        Assert.InRange(latencies.Quantile(1), 50_000e-6, 54_000e-6);

        _clock.Advance(TimeSpan.FromSeconds(12));
        Assert.InRange(latencies.Quantile(1), 100e-6, 107e-6);

        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(0, latencies.Quantile(0.99));
    }

    [Fact]
    public void Extreme_latencies_stay_within_the_histogram()
    {
        var latencies = new RecentLatencies(_clock);
        latencies.Record(-5);
        latencies.Record(long.MaxValue);

        Assert.Equal(0, latencies.Quantile(0.5));
        Assert.InRange(latencies.Quantile(1), int.MaxValue * 1e-6, int.MaxValue * 1.1e-6);
    }

    [Fact]
    public void A_rate_is_that_of_the_last_seconds()
    {
        var rate = new RateMeter(_clock);
        for (var i = 0; i < 200; i++)
        {
            rate.Add(100);
            _clock.Advance(TimeSpan.FromMilliseconds(50));
        }

        Assert.Equal(20_000, rate.Total);
        Assert.InRange(rate.PerSecond, 1_950, 2_050);

        _clock.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(0, rate.PerSecond);
        Assert.Equal(20_000, rate.Total);
    }

    [Fact]
    public void The_lane_meter_tells_the_busy_share_of_two_seconds()
    {
        var meter = new LaneMeter(_clock);
        for (var i = 0; i < 400; i++)
        {
            meter.Begin();
            _clock.Advance(TimeSpan.FromMilliseconds(3));
            meter.End();
            _clock.Advance(TimeSpan.FromMilliseconds(7));
        }

        Assert.InRange(meter.Utilisation, 0.27, 0.31);
        Assert.InRange(meter.MeanServiceSeconds, 0.0029, 0.0031);

        _clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(0, meter.Utilisation);
        Assert.Equal(0, meter.MeanServiceSeconds);
    }

    [Fact]
    public void A_lane_that_is_stuck_in_one_piece_of_work_counts_as_busy()
    {
        var meter = new LaneMeter(_clock);
        _clock.Advance(TimeSpan.FromSeconds(5));
        meter.Begin();
        _clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(1, meter.Utilisation);
    }
}
