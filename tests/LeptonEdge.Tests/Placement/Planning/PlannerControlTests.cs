using LeptonEdge.Core.Plans;
using LeptonEdge.Placement.Planning;
using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Tests.Placement.Planning;

public sealed class PlannerControlTests
{
    private const string Hub = PlannedFleet.Hub;

    [Fact]
    public void A_pin_moves_at_once_and_holds_until_it_is_taken_back()
    {
        var fleet = new PlannedFleet();
        fleet.Add("press");
        fleet.Run(5);
        fleet.Planner.SetControls(PlanControls.None.With(new Pin("press", "w1", Hub)));
        fleet.Run(1);
        Assert.Equal(Hub, fleet.NodeOf("press"));
        fleet.Run(120);
        Assert.Equal(Hub, fleet.NodeOf("press"));
        fleet.Planner.SetControls(PlanControls.None);
        fleet.Run(60);
        Assert.Equal("press", fleet.NodeOf("press"));
    }

    [Fact]
    public void A_pin_to_a_device_that_died_waits_until_it_is_back()
    {
        var fleet = new PlannedFleet();
        var (press, pump) = (fleet.Add("press"), fleet.Add("pump"));
        (press.ServesPeers, pump.ServesPeers) = (true, true);
        fleet.Run(5);
        fleet.Planner.SetControls(PlanControls.None.With(new Pin("press", "w1", "pump")));
        fleet.Run(5);
        Assert.Equal("pump", fleet.NodeOf("press"));
        var died = fleet.Now;
        pump.Dead = true;
        press.Misses["pump"] = 1;
        fleet.Run(5);
        Assert.NotEqual("pump", fleet.NodeOf("press"));
        var (time, move) = fleet.Moves[^1];
        Assert.Equal(MoveCause.NodeDown, move.Cause);
        Assert.InRange(time - died, 1, 5_000_000);
        pump.Dead = false;
        press.Misses.Clear();
        fleet.Run(5);
        Assert.Equal("pump", fleet.NodeOf("press"));
        Assert.Equal(MoveCause.Pinned, fleet.Moves[^1].Move.Cause);
    }

    [Fact]
    public void A_drained_device_is_emptied_of_what_may_leave()
    {
        var fleet = new PlannedFleet();
        fleet.Add("press", 3, report => report with
        {
            Privacy = report.Name == "w3" ? Privacy.Device : Privacy.Anywhere,
        });
        fleet.Run(5);
        fleet.Planner.SetControls(PlanControls.None.WithDrained("press"));
        fleet.Run(2);
        Assert.Equal(Hub, fleet.NodeOf("press", "w1"));
        Assert.Equal(Hub, fleet.NodeOf("press", "w2"));
        Assert.Equal("press", fleet.NodeOf("press", "w3"));
        Assert.Equal("w3", Assert.Single(fleet.Planner.Last!.Homeless).Workload);
        Assert.All(fleet.Moves, entry => Assert.Equal(MoveCause.Drained, entry.Move.Cause));
        fleet.Planner.SetControls(PlanControls.None.WithDrained("press").WithoutDrained("press"));
        fleet.Run(60);
        Assert.Equal("press", fleet.NodeOf("press", "w1"));
    }

    [Fact]
    public void A_drained_hub_is_emptied_and_what_cannot_run_elsewhere_stays()
    {
        var fleet = new PlannedFleet();
        fleet.Add("press").Load = _ => 0.97;
        fleet.Add("pump", 1, report => report with { Excluded = report.Excluded | OffloadChoices.Local }).Load = _ => 0.1;
        fleet.Run(5);
        Assert.Equal((Hub, Hub), (fleet.NodeOf("press"), fleet.NodeOf("pump")));
        fleet.Devices[0].Load = _ => 0.1;
        var before = fleet.Moves.Count;
        fleet.Planner.SetControls(PlanControls.None.WithDrained(Hub));
        fleet.Run(3);
        Assert.Equal(("press", Hub), (fleet.NodeOf("press"), fleet.NodeOf("pump")));
        var move = Assert.Single(fleet.Moves.Skip(before)).Move;
        Assert.Equal(("press", MoveCause.Drained), (move.Device, move.Cause));
        Assert.Contains("drained", move.Reason);
        Assert.Equal("pump", Assert.Single(fleet.Planner.Last!.Homeless).Device);
        var explained = fleet.Planner.Explain("press", "w1", fleet.Now)!;
        Assert.Contains("drained", explained.Options.Single(option => option.At.Node == Hub).Limit);
        fleet.Planner.SetControls(PlanControls.None);
        fleet.Run(3);
        Assert.Empty(fleet.Planner.Last!.Homeless);
    }

    [Fact]
    public void In_a_blackout_nothing_moves_by_choice_but_failures_are_acted_on()
    {
        var blackout = new Blackout(TimeSpan.Zero, TimeSpan.Zero);
        var fleet = new PlannedFleet();
        fleet.Planner.SetControls(PlanControls.None with { Blackouts = [blackout] });
        fleet.Add("press").Load = t => t < 20 ? 0.95 : 0.1;
        fleet.Run(20);
        Assert.Equal(Hub, fleet.NodeOf("press"));
        fleet.Run(300);
        Assert.Equal(Hub, fleet.NodeOf("press"));
        Assert.Contains("blackout", Assert.Single(fleet.Planner.Last!.Waiting).WaitsFor);
        fleet.Planner.SetControls(PlanControls.None);
        fleet.Run(5);
        Assert.Equal("press", fleet.NodeOf("press"));
    }

    [Theory]
    [InlineData("22:00", "06:00", 127, "2026-11-21T23:30:00Z", true)]
    [InlineData("22:00", "06:00", 127, "2026-11-21T05:59:59Z", true)]
    [InlineData("22:00", "06:00", 127, "2026-11-21T06:00:00Z", false)]
    [InlineData("08:00", "16:00", 127, "2026-11-21T12:00:00Z", true)]
    [InlineData("08:00", "16:00", 127, "2026-11-21T16:00:00Z", false)]
    [InlineData("08:00", "16:00", 0b0111110, "2026-11-21T12:00:00Z", false)]
    [InlineData("22:00", "06:00", 0b0100000, "2026-11-21T05:00:00Z", true)]
    [InlineData("00:00", "24:00", 0b1000000, "2026-11-21T12:00:00Z", true)]
    public void A_blackout_covers_its_hours(string from, string to, int days, string now, bool covered)
    {
        var end = to == "24:00" ? TimeSpan.FromDays(1) : TimeSpan.Parse(to, null);
        var blackout = new Blackout(TimeSpan.Parse(from, null), end, days);
        Assert.Empty(blackout.Faults());
        var micros = DateTimeOffset.Parse(now, null).ToUnixTimeMilliseconds() * 1000;
        Assert.Equal(covered, blackout.Covers(micros));
    }

    [Fact]
    public void A_dry_run_says_what_would_move_and_moves_nothing()
    {
        var fleet = new PlannedFleet();
        fleet.Add("press");
        fleet.Add("pump");
        fleet.Run(5);
        var version = fleet.Planner.Version;
        var wouldMove = fleet.Planner.DryRun(fleet.Now, PlanControls.None.WithDrained("press")).Moves;
        Assert.Equal(("press", Hub), (Assert.Single(wouldMove).Device, wouldMove[0].To.Near));
        fleet.Run(30);
        Assert.Equal("press", fleet.NodeOf("press"));
        Assert.Equal(version, fleet.Planner.Version);
        Assert.Empty(fleet.Planner.DryRun(fleet.Now).Moves);
    }

    [Fact]
    public void An_explanation_names_the_next_best_place_and_what_rules_others_out()
    {
        var fleet = new PlannedFleet();
        fleet.Add("press");
        fleet.Add("pump").Load = _ => 0.95;
        fleet.Run(10);
        var calm = fleet.Planner.Explain("press", "w1", fleet.Now)!;
        Assert.Equal("press", calm.Options[0].At.Near);
        Assert.Equal(Hub, calm.Options[1].At.Near);
        Assert.Null(calm.Options[1].Limit);
        Assert.True(calm.Options[1].CostPerHour > calm.Options[0].CostPerHour);
        var loaded = fleet.Planner.Explain("pump", "w1", fleet.Now)!;
        Assert.Equal(Hub, loaded.Options[0].At.Near);
        Assert.NotNull(loaded.Options[1].Limit);
        Assert.Null(fleet.Planner.Explain("pump", "w9", fleet.Now));
    }

    [Fact]
    public void Every_recorded_decision_can_be_recomputed_from_its_bytes()
    {
        var fleet = new PlannedFleet();
        for (var device = 0; device < 6; device++)
        {
            var phase = device;
            fleet.Add($"d{device}", 2).Load = t => 0.5 + (0.49 * Math.Sin((t / 9) + phase));
        }

        fleet.Run(60);
        fleet.Planner.SetControls(PlanControls.None.With(new Pin("d1", "w1", Hub)).WithDrained("d2"));
        fleet.Run(60);
        var decided = fleet.Steps.Where(step => step.Inputs is not null && step.Moves.Count > 0).ToList();
        Assert.True(decided.Count > 5);
        foreach (var step in decided)
        {
            var kept = DecisionCodec.Decode(DecisionCodec.Encode(RecordedDecision.Of(step.Inputs!, step.Decision!)));
            var again = FleetPlanner.Recompute(kept.Inputs, new LagrangianSolver());
            Assert.True(kept.IsSame(again));
            Assert.Equal(step.Decision!.Moves, again.Moves);
            Assert.Equal(step.Decision.Waiting, again.Waiting);
            Assert.Equal(step.Decision.Proposal.Places, again.Proposal.Places);
        }
    }

    [Fact]
    public void Bytes_that_are_no_record_are_refused()
    {
        Assert.Throws<InvalidDataException>(() => DecisionCodec.Decode(new byte[] { 1, 2, 3, 4 }));
    }
}
