using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Plans;
using LeptonEdge.Placement;

namespace LeptonEdge.Tests.Placement;

public sealed class PlannerTests
{
    private const double Deadline = 0.020;

    [Fact]
    public void A_calm_workload_stays_on_its_device_and_the_plan_does_not_change()
    {
        var fleet = new Fleet();
        fleet.Run(seconds: 30, lane: _ => 0.1);
        Assert.Empty(fleet.Moves);
        Assert.Equal(1ul, fleet.Plan.Version);
        Assert.Equal(Place.Local, fleet.Place);
    }

    [Fact]
    public void A_rising_load_moves_the_workload_to_the_hub_before_its_deadline_is_lost()
    {
        var fleet = new Fleet();
        fleet.Run(seconds: 20, lane: t => 0.1 + 0.85 * t / 20);
        var move = Assert.Single(fleet.Moves);
        Assert.Equal(Place.Hub, move.To);
        var laneAtMove = 0.1 + 0.85 * (move.TimeMicros - Fleet.Start) / 1e6 / 20;
        var p99 = LatencyModel.LocalP99Seconds(
            fleet.Device(laneAtMove, Place.Local), fleet.Workload(Place.Local), laneAtMove);
        Assert.True(p99 < Deadline, $"moved at {p99 * 1e3:0.0} ms, too late for {Deadline * 1e3} ms");
        Assert.Contains("moved to the hub", move.Reason);
        Assert.Contains("ms", move.Reason);
        Assert.Contains("%", move.Reason);
    }

    [Fact]
    public void A_steep_rise_is_answered_before_it_arrives()
    {
        var fleet = new Fleet { Trend = 0.29 };
        fleet.Run(seconds: 2, lane: t => 0.29 * t);
        Assert.Equal(Place.Hub, fleet.Place);
        Assert.Contains("rising to 95 %", fleet.Moves[0].Reason);
        var idle = new Fleet { Trend = 0.29 };
        idle.Run(seconds: 30, lane: _ => 0.1);
        Assert.Empty(idle.Moves);
    }

    [Fact]
    public void It_returns_only_after_the_device_was_comfortable_for_the_hold_time()
    {
        var fleet = new Fleet();
        fleet.Run(seconds: 5, lane: _ => 0.9);
        Assert.Equal(Place.Hub, fleet.Place);
        fleet.Run(seconds: 2.5, lane: _ => 0.1);
        Assert.Equal(Place.Hub, fleet.Place);
        fleet.Run(seconds: 2, lane: _ => 0.1);
        Assert.Equal(Place.Local, fleet.Place);
        Assert.Equal(2, fleet.Moves.Count);
    }

    [Fact]
    public void The_returning_workloads_own_load_is_added_back_before_it_returns()
    {
        // Alone the workload takes 0.4 of the lane: 0.5 looks calm without it, 0.9 with it.
        var fleet = new Fleet { WindowsPerSecond = 800, LaneService = 0.0005 };
        fleet.Run(seconds: 5, lane: _ => 0.9);
        Assert.Equal(Place.Hub, fleet.Place);
        fleet.Run(seconds: 60, lane: _ => 0.5);
        Assert.Equal(Place.Hub, fleet.Place);
        fleet.Run(seconds: 10, lane: _ => 0.05);
        Assert.Equal(Place.Local, fleet.Place);
    }

    [Fact]
    public void A_noisy_load_around_the_limit_does_not_send_it_back_and_forth()
    {
        var noise = new Random(7);
        var fleet = new Fleet();
        fleet.Run(seconds: 600, lane: _ => Math.Clamp(0.80 + 0.15 * (noise.NextDouble() * 2 - 1), 0, 1));
        Assert.True(
            fleet.Moves.Count <= 1, $"{fleet.Moves.Count} moves: {string.Join("; ", fleet.Moves.Select(m => m.To))}");
    }

    [Fact]
    public void A_workload_that_relapses_waits_longer_each_time()
    {
        // Loaded whenever it is home: without the growing hold it would move about a hundred times in ten minutes.
        var fleet = new Fleet();
        fleet.Run(seconds: 600, lane: _ => fleet.Place == Place.Local ? 0.95 : 0.1);
        Assert.InRange(fleet.Moves.Count, 2, 20);
    }

    [Fact]
    public void A_workload_that_must_not_leave_never_leaves()
    {
        var fleet = new Fleet { HubModel = "" };
        fleet.Run(seconds: 30, lane: _ => 0.99);
        Assert.Empty(fleet.Moves);
        Assert.Contains("must not leave", fleet.Plan.Placements[0].Reason);
    }

    [Theory]
    [InlineData(0.0, 2, "bearing-fault-large")]
    [InlineData(0.5, 2, "bearing-fault-large")]
    [InlineData(0.001, 0, "bearing-fault-large")]
    [InlineData(0.001, 2, "some-other-model")]
    public void Nothing_moves_to_a_hub_that_would_not_make_it(double rtt, int workers, string hubModel)
    {
        var fleet = new Fleet { Rtt = rtt, Workers = workers, HubModel = hubModel };
        fleet.Run(seconds: 30, lane: _ => 0.95);
        Assert.Empty(fleet.Moves);
    }

    [Fact]
    public void A_hub_that_stops_answering_sends_its_work_home()
    {
        var fleet = new Fleet();
        fleet.Run(seconds: 5, lane: _ => 0.9);
        fleet.Rtt = 0;
        fleet.Run(seconds: 5, lane: _ => 0.9);
        Assert.Equal(Place.Local, fleet.Place);
        Assert.Contains("does not reach the hub", fleet.Plan.Placements[0].Reason);
    }

    [Fact]
    public void A_silent_device_is_marked_once_and_keeps_its_place()
    {
        var fleet = new Fleet();
        fleet.Run(seconds: 5, lane: _ => 0.9);
        var version = fleet.Plan.Version;
        fleet.Run(seconds: 60, lane: _ => 0.9, reporting: false);
        Assert.Equal(version + 1, fleet.Plan.Version);
        Assert.Equal(Place.Hub, fleet.Place);
        Assert.Contains("silent since", fleet.Plan.Placements[0].Reason);
        fleet.Run(seconds: 1, lane: _ => 0.9);
        Assert.Contains("reports again", fleet.Plan.Placements[0].Reason);
        Assert.Equal(version + 2, fleet.Plan.Version);
    }

    [Fact]
    public void The_same_history_gives_the_same_plan()
    {
        static string Story()
        {
            var fleet = new Fleet();
            fleet.Run(seconds: 60, lane: t => 0.5 + 0.49 * Math.Sin(t / 5));
            return string.Join("\n", fleet.Moves);
        }

        Assert.Equal(Story(), Story());
        Assert.NotEmpty(Story());
    }

    [Fact]
    public void The_hub_is_not_filled_beyond_its_limit()
    {
        // Each workload needs 0.3 of the one worker: two fit below 0.8, the third stays.
        var model = new ServiceProfile(0.003, 0.004);
        var hub = new HubCapacity(1, new Dictionary<string, ServiceProfile> { ["m"] = model }, 1e7);
        var devices = Enumerable.Range(0, 5)
            .Select(i => new DeviceSnapshot(new DeviceId($"d{i}"), 0, 0.95, 0.001, 0.001,
            [new WorkloadSnapshot(new WorkloadId("w"), Place.Local, 0.5, 100, 0.001, 0, 1024, "m")])).ToArray();
        var plan = Plan.Empty;
        var memory = PlannerMemory.Empty;
        for (var t = 0L; t < 5_000_000; t += 500_000)
        {
            var seen = devices.Select(d => d with { LastSeenMicros = t }).ToArray();
            (plan, memory, _) = Planner.Decide(new FleetSnapshot(t, 0, hub, seen), plan, memory, new PlannerLimits());
        }

        Assert.Equal(2, plan.Placements.Count(p => p.Place == Place.Hub));
    }

    /// <summary>A device whose lane follows a script; the device obeys the plan at once.</summary>
    private sealed class Fleet
    {
        public const long Start = 1_700_000_000_000_000;
        private long _now = Start;
        private long _seen = Start;
        private PlannerMemory _memory = PlannerMemory.Empty;

        public Plan Plan { get; private set; } = Plan.Empty;

        public List<WorkloadMove> Moves { get; } = [];

        public Place Place => Plan.Placements[0].Place;

        public double Rtt { get; set; } = 0.001;

        public int Workers { get; init; } = 2;

        public string HubModel { get; init; } = "bearing-fault-large";

        public double WindowsPerSecond { get; init; } = 23.4;

        public double LaneService { get; init; } = 0.0004;

        public double Trend { get; init; }

        public WorkloadSnapshot Workload(Place running) =>
            new(new WorkloadId("bearing"), running, Deadline, WindowsPerSecond, 0.0008, 0, 2052, HubModel);

        public DeviceSnapshot Device(double lane, Place running) =>
            new(new DeviceId("edge-press"), _seen, lane, LaneService, Rtt, [Workload(running)])
            {
                LaneTrendPerSecond = Trend,
            };

        public void Run(double seconds, Func<double, double> lane, bool reporting = true)
        {
            var models = new Dictionary<string, ServiceProfile> { ["bearing-fault-large"] = new(0.001, 0.003) };
            for (var end = _now + (long)(seconds * 1e6); _now < end; _now += 500_000)
            {
                if (reporting)
                    _seen = _now;
                var running = Plan.Placements.Count == 0 ? Place.Local : Place;
                var hub = new HubCapacity(Workers, models, 1.25e6);
                var utilisation = Plan.Placements.Count == 0 ? 0.1 : lane((_now - Start) / 1e6);
                var fleet = new FleetSnapshot(_now, Start, hub, [Device(utilisation, running)]);
                (Plan, _memory, var moves) = Planner.Decide(fleet, Plan, _memory, new PlannerLimits());
                Moves.AddRange(moves);
            }
        }
    }
}
