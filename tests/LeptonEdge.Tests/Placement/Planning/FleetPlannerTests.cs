using LeptonEdge.Core.Pricing;
using LeptonEdge.Placement.Planning;
using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Tests.Placement.Planning;

public sealed class FleetPlannerTests
{
    private const string Hub = PlannedFleet.Hub;

    [Fact]
    public void A_calm_workload_stays_on_its_device_and_the_plan_does_not_change()
    {
        var fleet = new PlannedFleet();
        fleet.Add("press");
        fleet.Run(60);
        Assert.Empty(fleet.Moves);
        Assert.Equal(1ul, fleet.Planner.Version);
        Assert.Equal("press", fleet.NodeOf("press"));
    }

    [Fact]
    public void A_rising_load_moves_the_workload_before_its_deadline_is_lost()
    {
        var fleet = new PlannedFleet();
        fleet.Add("press").Load = t => 0.1 + (0.85 * t / 20);
        fleet.Run(20);
        var (at, move) = Assert.Single(fleet.Moves);
        Assert.Equal(MoveCause.Threatened, move.Cause);
        Assert.Equal(Hub, move.To.Near);
        Assert.True((at - PlannedFleet.Start) / 1e6 < 18.5, "moved only when the load was at 0.88");
        Assert.Contains("ms", move.Reason);
    }

    [Fact]
    public void A_workload_that_had_to_leave_returns_after_the_hold_time()
    {
        var fleet = new PlannedFleet();
        var press = fleet.Add("press");
        press.Load = t => t < 10 ? 0.92 : 0.1;
        fleet.Run(10);
        Assert.Equal(Hub, fleet.NodeOf("press"));
        fleet.Run(2);
        Assert.Equal(Hub, fleet.NodeOf("press"));
        fleet.Run(13);
        Assert.Equal("press", fleet.NodeOf("press"));
        Assert.Equal([MoveCause.Threatened, MoveCause.Recovery], fleet.Moves.Select(entry => entry.Move.Cause));
    }

    [Fact]
    public void A_load_that_sits_at_the_limit_does_not_send_work_back_and_forth()
    {
        var noise = new Random(7);
        var fleet = new PlannedFleet();
        fleet.Add("press").Load = _ => Math.Clamp(0.80 + (0.15 * ((noise.NextDouble() * 2) - 1)), 0, 1);
        fleet.Run(900);
        Assert.True(fleet.Moves.Count <= 2, $"{fleet.Moves.Count} moves");
    }

    [Fact]
    public void Moves_by_choice_of_one_workload_are_ten_minutes_apart()
    {
        // Loaded whenever it is home: each return is a mistake.
        var fleet = new PlannedFleet(PlannedFleet.Standard);
        var press = fleet.Add("press");
        press.Load = t => t == 0 || fleet.NodeOf("press") == "press" ? 0.95 : 0.1;
        fleet.Run(3600);
        var choices = fleet.Moves.Where(entry => entry.Move.Cause.IsChoice()).Select(entry => entry.Micros).ToList();
        Assert.True(choices.Count >= 2, "it never tried again");
        for (var at = 1; at < choices.Count; at++)
            Assert.True(choices[at] - choices[at - 1] >= 600_000_000, $"{(choices[at] - choices[at - 1]) / 1e6} s");
    }

    [Fact]
    public void Moves_by_choice_are_bounded_in_every_minute()
    {
        var rules = PlannedFleet.Quick with { MovesPerMinute = 5 };
        var fleet = new PlannedFleet(rules);
        for (var device = 0; device < 30; device++)
            fleet.Add($"d{device:00}").Load = t => t < 20 ? 0.95 : 0.1;
        fleet.Run(20);
        Assert.Equal(30, fleet.Moves.Count);
        fleet.Run(600);
        var returns = fleet.Moves.Where(entry => entry.Move.Cause.IsChoice()).Select(entry => entry.Micros).ToList();
        Assert.Equal(30, returns.Count);
        foreach (var at in returns)
            Assert.InRange(returns.Count(other => other >= at && other < at + 60_000_000), 1, 5);
    }

    [Fact]
    public void A_workload_goes_back_when_the_target_misses_its_deadline_and_avoids_it_longer_each_time()
    {
        var fleet = new PlannedFleet();
        var press = fleet.Add("press");
        press.Load = _ => 0.86;
        press.Misses[Hub] = 0.5;
        fleet.Run(600);
        var causes = fleet.Moves.Select(entry => entry.Move.Cause).ToList();
        Assert.Equal(MoveCause.Threatened, causes[0]);
        Assert.Equal(MoveCause.Missed, causes[1]);
        var tries = fleet.Moves.Where(entry => entry.Move.Cause == MoveCause.Threatened).Select(e => e.Micros).ToList();
        Assert.True(tries.Count >= 3, $"{tries.Count} tries");
        Assert.True(tries[2] - tries[1] > tries[1] - tries[0], "it did not wait longer");
    }

    [Fact]
    public void A_target_that_is_never_ready_is_given_up_and_the_old_place_serves_until_then()
    {
        var fleet = new PlannedFleet();
        var press = fleet.Add("press");
        (press.Load, press.Stubborn) = (_ => 0.95, true);
        fleet.Run(10);
        Assert.True(fleet.Place("press").Preparing);
        Assert.Equal("press", fleet.Place("press").Before!.Near);
        fleet.Run(35);
        Assert.False(fleet.Place("press").Preparing);
        Assert.Equal("press", fleet.NodeOf("press"));
        Assert.Equal(MoveCause.Refused, fleet.Moves[^1].Move.Cause);
        Assert.Contains("was not ready", fleet.Place("press").Reason);
    }

    [Fact]
    public void A_device_that_heat_has_slowed_gives_work_away_and_gets_it_back_when_it_has_cooled()
    {
        var fleet = new PlannedFleet();
        var press = fleet.Add("press");
        press.Load = _ => 0.5;
        fleet.Run(30);
        Assert.Equal("press", fleet.NodeOf("press"));
        press.SpeedShare = 0.1;
        fleet.Run(5);
        Assert.Equal(Hub, fleet.NodeOf("press"));
        Assert.Equal(MoveCause.Threatened, fleet.Moves[^1].Move.Cause);
        press.SpeedShare = 1;
        fleet.Run(30);
        Assert.Equal("press", fleet.NodeOf("press"));
    }

    [Fact]
    public void A_device_whose_battery_would_not_last_gives_work_away()
    {
        var fleet = new PlannedFleet();
        fleet.Planner.SetModels([PlannedFleet.Measured("bearing")]);
        var press = fleet.Add("press");
        press.BatteryJoules = 100_000;
        fleet.Run(10);
        Assert.Equal("press", fleet.NodeOf("press"));
        // 47 mW for twelve hours are 2,000 J.
        press.BatteryJoules = 1_000;
        fleet.Run(5);
        Assert.Equal(Hub, fleet.NodeOf("press"));
    }

    [Fact]
    public void What_others_ask_of_the_hub_leaves_the_plan_that_much_less()
    {
        var fleet = new PlannedFleet(hubCores: 1);
        var press = fleet.Add("press");
        for (var second = 0; second < 60; second++)
        {
            fleet.Planner.ObserveHub(Hub, 0.9, fleet.Now);
            fleet.Run(1);
        }

        press.Load = _ => 0.95;
        fleet.Run(10);
        Assert.Equal("press", fleet.NodeOf("press"));
        for (var second = 0; second < 60; second++)
        {
            fleet.Planner.ObserveHub(Hub, 0.1, fleet.Now);
            fleet.Run(1);
        }

        Assert.Equal(Hub, fleet.NodeOf("press"));
    }

    [Fact]
    public void A_lost_link_sends_work_home_at_once()
    {
        var fleet = new PlannedFleet();
        var press = fleet.Add("press");
        press.Load = _ => 0.95;
        fleet.Run(10);
        press.Rtt = 0;
        fleet.Run(2);
        Assert.Equal("press", fleet.NodeOf("press"));
        Assert.Equal(MoveCause.LinkLost, fleet.Moves[^1].Move.Cause);
    }

    [Fact]
    public void What_a_dead_device_served_for_others_runs_elsewhere_within_five_seconds()
    {
        var fleet = new PlannedFleet();
        var (press, pump) = (fleet.Add("press"), fleet.Add("pump", 0));
        (press.ServesPeers, pump.ServesPeers) = (true, true);
        fleet.Run(3);
        fleet.Planner.SetControls(PlanControls.None.WithDrained("press"));
        fleet.Run(3);
        Assert.Equal("pump", fleet.NodeOf("press"));
        var died = fleet.Now;
        pump.Dead = true;
        fleet.Run(6);
        var (at, move) = fleet.Moves.Last();
        Assert.Equal(MoveCause.NodeDown, move.Cause);
        Assert.Equal(Hub, move.To.Near);
        Assert.InRange(at - died, 0, 5_000_000);
    }

    [Fact]
    public void A_workload_that_outlives_its_device_is_placed_elsewhere_within_five_seconds()
    {
        var fleet = new PlannedFleet();
        var press = fleet.Add("press", 2, report => report with { OutlivesDevice = report.Name == "w2" });
        fleet.Run(10);
        var died = fleet.Now;
        press.Dead = true;
        fleet.Run(6);
        var (at, move) = Assert.Single(fleet.Moves);
        Assert.Equal(("w2", MoveCause.NodeDown, Hub), (move.Workload, move.Cause, move.To.Near));
        Assert.InRange(at - died, 0, 5_000_000);
        Assert.Contains("silent since", fleet.Place("press").Reason);
    }

    [Fact]
    public void After_a_pause_of_the_planner_nobody_is_taken_for_dead()
    {
        var fleet = new PlannedFleet();
        fleet.Add("press", 1, report => report with { OutlivesDevice = true });
        fleet.Run(60);
        fleet.Planner.Tick(fleet.Now + 60_000_000);
        Assert.DoesNotContain(fleet.Planner.Devices, device => device.Down);
    }

    [Fact]
    public void Equal_calls_give_equal_moves()
    {
        static string Story()
        {
            var fleet = new PlannedFleet();
            for (var device = 0; device < 5; device++)
            {
                var phase = device;
                fleet.Add($"d{device}", 2).Load = t => 0.5 + (0.49 * Math.Sin((t / 9) + phase));
            }

            fleet.Run(120);
            return string.Join("\n", fleet.Moves);
        }

        Assert.Equal(Story(), Story());
        Assert.NotEmpty(Story());
    }

    [Fact]
    public void A_restarted_planner_takes_up_the_plan_of_the_one_before()
    {
        var fleet = new PlannedFleet();
        fleet.Add("press").Load = _ => 0.95;
        fleet.Run(10);
        var next = new PlannedFleet();
        next.Planner.Restore(fleet.Planner.CurrentPlan());
        next.Devices.Add(fleet.Devices[0]);
        next.Run(2);
        Assert.Equal(Hub, next.NodeOf("press"));
        Assert.Empty(next.Moves);
        Assert.True(next.Planner.Version > fleet.Planner.Version);
    }

    [Fact]
    public void An_accelerator_is_not_filled_to_the_brim()
    {
        var cheap = new PriceBook("EUR", new LeptonEdge.Core.Pricing.Prices(2e-5, 2e-6, 0.05, 0.3));
        var fleet = new PlannedFleet(new PlannerRules { Book = cheap }, new LagrangianSolver(), hubCores: 0);
        fleet.Planner.SetModels([new ModelProfile("bearing", [new Recipe("whole",
            [new StageProfile("pi", 0.02, 0, 0, 0, 0.021), new StageProfile("jetson", 1e-4, 0.02, 0, 0, 0.011)])])]);
        // On their own devices 0.47 of a core each; on the accelerator, too, and there is one.
        foreach (var name in new[] { "a", "b", "c" })
            fleet.Add(name, shape: report => report with { DeadlineSeconds = 1 }).ServesPeers = true;
        var jetson = fleet.Add("jetson", workloads: 0);
        jetson.ServesPeers = true;
        jetson.Lie = report => report with { Board = "jetson", Accelerators = 1 };

        fleet.Run(900);

        Assert.Equal(1, new[] { "a", "b", "c" }.Count(name => fleet.NodeOf(name) == "jetson"));
    }

    [Fact]
    public void What_moved_just_before_a_restart_lets_that_move_settle()
    {
        var fleet = new PlannedFleet(PlannedFleet.Standard, new LagrangianSolver());
        var device = fleet.Add("press-1");
        device.Load = _ => 0.97;
        fleet.Run(60);
        var moved = Assert.Single(fleet.Moves);
        Assert.Equal(PlannedFleet.Hub, WorkloadNode(moved.Move.To));

        var again = new PlannedFleet(PlannedFleet.Standard, new LagrangianSolver());
        again.Planner.Restore(fleet.Planner.CurrentPlan());
        var same = again.Add("press-1", shape: report => report with { RunsOn = PlannedFleet.Hub });
        same.Load = _ => 0.05;
        again.Run(300);
        Assert.Empty(again.Moves);
        again.Run(400);
        Assert.Equal("press-1", again.NodeOf("press-1"));
    }

    [Fact]
    public void A_workload_that_moved_just_now_stays_on_a_device_that_others_may_leave()
    {
        // Enough of a device is taken that one workload has to leave it: not the one that came by itself.
        var fleet = new PlannedFleet(PlannedFleet.Standard);
        var press = fleet.Add("press", 6);
        press.Load = _ => 0.1;
        fleet.Planner.SetControls(PlanControls.None);
        fleet.Run(10);
        press.Load = t => t < 20 ? 0.97 : 0.1;
        fleet.Run(30);
        var left = fleet.Moves.Select(entry => entry.Move.Workload).ToList();
        Assert.NotEmpty(left);
        fleet.Run(560);
        Assert.All(
            fleet.Moves.GroupBy(entry => entry.Move.Workload),
            moves => Assert.Single(moves));
        fleet.Run(120);
        Assert.All(press.Workloads, workload => Assert.Equal("press", fleet.NodeOf("press", workload.Name)));
    }

    [Fact]
    public void A_workload_that_moved_just_now_moves_again_when_its_deadline_cannot_be_met()
    {
        var fleet = new PlannedFleet(PlannedFleet.Standard);
        var press = fleet.Add("press");
        press.Load = t => t < 20 ? 0.97 : 0.1;
        fleet.Run(30);
        Assert.Equal(Hub, fleet.NodeOf("press"));
        press.Rtt = 0.1;
        fleet.Run(30);
        Assert.Equal("press", fleet.NodeOf("press"));
        Assert.Equal(MoveCause.Late, fleet.Moves[^1].Move.Cause);
        Assert.Contains("moved just now", fleet.Moves[^1].Move.Reason);
    }

    [Fact]
    public void A_workload_that_two_places_missed_stays_at_home_for_a_while()
    {
        // The way out of the device is what fails it, wherever it leads.
        var fleet = new PlannedFleet(PlannedFleet.Standard);
        var press = fleet.Add("press");
        (press.ServesPeers, press.Load) = (true, _ => 0.87);
        foreach (var name in new[] { "a", "b", "c", "d" })
            fleet.Add(name, 0).ServesPeers = true;
        foreach (var node in new[] { "a", "b", "c", "d", Hub })
            press.Misses[node] = 0.5;
        fleet.Run(900);
        var away = fleet.Moves.Where(entry => entry.Move.To.Node != "press").ToList();
        Assert.InRange(away.Count, 2, 8);
        Assert.Contains(fleet.Moves, entry => entry.Move.To.Node == "press" && entry.Move.Cause == MoveCause.Missed);
    }

    private static string WorkloadNode(RunsAt place) => place.Far ?? place.Near;
}
