using LeptonEdge.Agent.Pipeline;

namespace LeptonEdge.Tests.Agent.Pipeline;

public sealed class LoadDrillScheduleTests
{
    [Theory]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void Slices_take_the_asked_share_of_the_time(double share)
    {
        var schedule = new LoadDrillSchedule(share, rampSeconds: 0, seconds: 60, seed: 7);

        Assert.InRange(BusyShare(schedule, 0, 60, sliceSeconds: 0.0003), share - 0.04, share + 0.04);
    }

    [Fact]
    public void The_share_rises_along_the_ramp()
    {
        var schedule = new LoadDrillSchedule(0.8, rampSeconds: 20, seconds: 60, seed: 7);

        var early = BusyShare(schedule, 0, 5, 0.0003);
        var middle = BusyShare(schedule, 5, 15, 0.0003);
        var late = BusyShare(schedule, 20, 60, 0.0003);

        Assert.InRange(early, 0.05, 0.2);
        Assert.InRange(middle, 0.3, 0.5);
        Assert.InRange(late, 0.75, 0.85);
    }

    [Fact]
    public void A_lane_that_falls_behind_is_not_chased_for_ever()
    {
        var schedule = new LoadDrillSchedule(0.9, 0, 60, seed: 7);
        schedule.Advance(nowSeconds: 5, sliceSeconds: 0.0004);

        Assert.InRange(schedule.NextSeconds, 4.98, 5.1);
        Assert.True(schedule.Dropped > 1_000);
    }

    [Theory]
    [InlineData(0.99, 1, 1)]
    [InlineData(double.NaN, 1, 1)]
    [InlineData(0.5, -1, 1)]
    [InlineData(0.5, 1, 0)]
    [InlineData(0.5, 1, 1e9)]
    public void A_drill_out_of_bounds_is_refused(double share, double ramp, double seconds) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new LoadDrillSchedule(share, ramp, seconds, seed: 7));

    private static double BusyShare(LoadDrillSchedule schedule, double from, double to, double sliceSeconds)
    {
        var now = from;
        double busy = 0;
        while (schedule.NextSeconds < to)
        {
            now = Math.Max(now, schedule.NextSeconds) + sliceSeconds;
            busy += sliceSeconds;
            schedule.Advance(now, sliceSeconds);
        }

        return busy / (to - from);
    }
}
