using LeptonEdge.Placement.Planning;
using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Tests.Placement.Planning;

public sealed class PlannerTrustTests
{
    private const long Start = PlannedFleet.Start;

    public static TheoryData<string, Func<DeviceReport, DeviceReport>> Lies => new()
    {
        { "load", report => report with { Utilisation = -0.5 } },
        { "load", report => report with { Utilisation = double.NaN } },
        { "load", report => report with { Utilisation = 1e6 } },
        { "cores", report => report with { Cores = 1e9 } },
        { "cores", report => report with { Cores = double.NegativeInfinity } },
        { "memory", report => report with { MemoryBytes = -1 } },
        { "went back", report => report with { TimeMicros = Start - (10 * (report.TimeMicros - Start)) } },
        { "ahead", report => report with { TimeMicros = Start + (7200 * (report.TimeMicros - Start)) } },
        { "time", report => report with { HubRttSeconds = double.NaN } },
        {
            "times what it can",
            report => With(report, w => w with { WindowsPerSecond = 9e4 }) with { ServiceSeconds = 1 }
        },
        { "windows each second", report => With(report, w => w with { WindowsPerSecond = 1e12 }) },
        { "deadline", report => With(report, w => w with { DeadlineSeconds = 0 }) },
        { "counter", report => With(report, w => w with { Answered = -4 }) },
        { "twice", report => report with { Workloads = [report.Workloads[0], report.Workloads[0]] } },
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public void A_device_that_reports_nonsense_is_flagged_and_moves_nobody(
        string named, Func<DeviceReport, DeviceReport> lie)
    {
        var fleet = new PlannedFleet(hubCores: 0.1);
        var liar = fleet.Add("liar");
        fleet.Add("press").Load = _ => 0.95;
        fleet.Run(10);
        var before = fleet.Planner.CurrentPlan().Places.Select(place => place.At).ToList();
        liar.Lie = lie;
        fleet.Run(120);
        var standing = fleet.Planner.Devices.Single(device => device.Device == "liar");
        Assert.Contains(named, standing.Distrust);
        Assert.False(standing.Down);
        Assert.Equal(before, fleet.Planner.CurrentPlan().Places.Select(place => place.At));
        Assert.Contains("is not believed", fleet.Place("liar").Reason);
        Assert.DoesNotContain(fleet.Planner.DryRun(fleet.Now).Moves, move => move.Device == "liar");
    }

    [Fact]
    public void A_device_is_believed_again_after_a_while_of_sane_reports()
    {
        var fleet = new PlannedFleet();
        var liar = fleet.Add("liar");
        fleet.Run(5);
        liar.Lie = report => report with { Utilisation = double.NaN };
        fleet.Run(5);
        liar.Lie = null;
        fleet.Run(5);
        Assert.NotNull(fleet.Planner.Devices.Single().Distrust);
        fleet.Run(10);
        Assert.Null(fleet.Planner.Devices.Single().Distrust);
        liar.Load = _ => 0.95;
        fleet.Run(5);
        Assert.Equal(PlannedFleet.Hub, fleet.NodeOf("liar"));
    }

    [Fact]
    public void While_it_is_not_believed_its_last_sane_figures_count_with_their_age()
    {
        var fleet = new PlannedFleet();
        var liar = fleet.Add("liar");
        fleet.Run(5);
        liar.Lie = report => report with { Utilisation = -1 };
        liar.Load = _ => 0.99;
        fleet.Run(30);
        var standing = fleet.Planner.Devices.Single();
        Assert.InRange(standing.ForeignCores, 0.05, 0.15);
        Assert.True(standing.SeenMicros - standing.MeasuredMicros > 25_000_000);
    }

    [Fact]
    public void A_wrong_clock_that_goes_forward_is_no_nonsense()
    {
        var fleet = new PlannedFleet();
        fleet.Add("press").Lie = report => report with { TimeMicros = report.TimeMicros - 1_000_000_000_000 };
        fleet.Run(30);
        Assert.Null(fleet.Planner.Devices.Single().Distrust);
    }

    [Fact]
    public void A_clock_that_was_set_right_is_believed_again()
    {
        var fleet = new PlannedFleet();
        var press = fleet.Add("press");
        press.Lie = report => report with { TimeMicros = report.TimeMicros - Start + 1 };
        fleet.Run(5);
        press.Lie = null;
        fleet.Run(3);
        Assert.Contains("ahead", fleet.Planner.Devices.Single().Distrust);
        fleet.Run(15);
        Assert.Null(fleet.Planner.Devices.Single().Distrust);
    }

    [Fact]
    public void A_state_that_is_not_sound_is_refused_whole_and_the_plan_in_force_stays()
    {
        var fleet = new PlannedFleet();
        var press = fleet.Add("press");
        fleet.Run(5);
        var version = fleet.Planner.Version;
        fleet.Planner.SetHub([new HubNode(PlannedFleet.Hub, PlannedFleet.Hub, -4)]);
        fleet.Planner.SetUplink("north/press", new LinkState(1e6, 0.001, double.PositiveInfinity));
        press.Load = _ => 0.95;
        fleet.Run(10);
        Assert.Contains(fleet.Planner.Faults, fault => fault.Contains("hub") && fault.Contains("cores"));
        Assert.Contains(fleet.Planner.Faults, fault => fault.Contains("press") && fault.Contains("gigabyte"));
        Assert.Equal((version, "press"), (fleet.Planner.Version, fleet.NodeOf("press")));
        fleet.Planner.SetHub([new HubNode(PlannedFleet.Hub, PlannedFleet.Hub, 4)]);
        fleet.Planner.SetUplink("north/press", LinkState.Free);
        fleet.Run(2);
        Assert.Empty(fleet.Planner.Faults);
        Assert.Equal(PlannedFleet.Hub, fleet.NodeOf("press"));
    }

    private static DeviceReport With(DeviceReport report, Func<WorkloadReport, WorkloadReport> change) =>
        report with { Workloads = [.. report.Workloads.Select(change)] };
}
