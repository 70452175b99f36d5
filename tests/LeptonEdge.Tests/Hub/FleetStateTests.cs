using LeptonEdge.Core.Identity;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Protocol.V1;

namespace LeptonEdge.Tests.Hub;

public sealed class FleetStateTests
{
    private static readonly DeviceId Device = new("edge-1");

    [Fact]
    public void A_queue_of_the_last_half_minute_is_not_taken_for_the_models_own_time()
    {
        // The first report is one that an earlier run of the hub kept: nobody knows what happened before it.
        var view = new DeviceView(Device, Report(0.0, 0.018), 0);
        for (var second = 1; second <= 34; second++)
            view = view.Next(Report(0.0, 0.018), second * 1_000_000);
        Assert.Empty(view.CalmP99Seconds);
        for (var second = 35; second <= 80; second++)
            view = view.Next(Report(0.0, second < 60 ? 0.003 : 0.002), second * 1_000_000);
        Assert.Equal(0.002, view.CalmP99Seconds["bearing"]);
        for (var second = 81; second <= 90; second++)
            view = view.Next(Report(0.95, 0.040), second * 1_000_000);
        for (var second = 91; second <= 120; second++)
            view = view.Next(Report(0.0, 0.001), second * 1_000_000);
        Assert.Equal(0.002, view.CalmP99Seconds["bearing"]);
    }

    [Fact]
    public void Another_start_of_the_agent_is_measured_anew()
    {
        var view = new DeviceView(Device, Report(0.0, 0.002), 0);
        for (var second = 1; second <= 60; second++)
            view = view.Next(Report(0.0, 0.002), second * 1_000_000);
        Assert.NotEmpty(view.CalmP99Seconds);
        var restarted = Report(0.9, 0.002);
        restarted.StartedMicros = 5;
        view = view.Next(restarted, 61_000_000);
        Assert.Empty(view.CalmP99Seconds);
        Assert.Equal(0, view.LaneTrendPerSecond);
    }

    [Fact]
    public void The_trend_is_the_change_between_two_reports_that_follow_each_other()
    {
        var view = new DeviceView(Device, Report(0.1, 0.002), 0).Next(Report(0.4, 0.002), 1_000_000);
        Assert.Equal(0.3, view.LaneTrendPerSecond, 6);
        Assert.Equal(0, view.Next(Report(0.9, 0.002), 60_000_000).LaneTrendPerSecond);
    }

    [Fact]
    public void An_idle_lane_keeps_the_service_time_that_was_measured_last()
    {
        var busy = Report(0.4, 0.002);
        busy.LaneServiceSeconds = 0.0004;
        var view = new DeviceView(Device, busy, 0).Next(Report(0, 0), 1_000_000);
        Assert.Equal(0.0004, view.LaneServiceSeconds);
        var restarted = Report(0, 0);
        restarted.StartedMicros = 5;
        Assert.Equal(0, view.Next(restarted, 2_000_000).LaneServiceSeconds);
    }

    private static ReportedState Report(double lane, double localP99) => new()
    {
        StartedMicros = 1,
        LaneUtilisation = lane,
        Workloads = { new ReportedWorkload { Workload = "bearing", LocalP99Seconds = localP99 } },
    };
}
