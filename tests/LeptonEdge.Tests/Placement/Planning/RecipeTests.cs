using LeptonEdge.Core.Plans;
using LeptonEdge.Placement.Planning;
using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Tests.Placement.Planning;

/// <summary>Splits and cascades as choices of the plan.</summary>
public sealed class RecipeTests
{
    private const string Hub = PlannedFleet.Hub;
    private static readonly RunsAt AtHub = new(PlanNames.Whole, Hub);
    private static readonly RunsAt Cascade = new(PlanNames.Cascade, "press", Hub);
    private static readonly RunsAt Split = new(PlanNames.Split, "press", Hub);

    [Fact]
    public void A_plan_runs_a_workload_in_the_cheapest_way_that_it_offers_and_follows_its_unsure_windows()
    {
        var (fleet, press) = Start(OffloadChoices.Local);
        fleet.Run(5);
        Assert.Equal(Cascade, fleet.Place("press").At);
        Assert.Contains("press + hub (cascade)", fleet.Place("press").Reason);

        Report(press, report => report with { UnsureShare = 0.9 });
        fleet.Run(900);
        Assert.Equal(Split, fleet.Place("press").At);
        Assert.Equal(MoveCause.Gain, fleet.Moves[^1].Move.Cause);
        Assert.Equal(2, fleet.Moves.Count);
    }

    [Fact]
    public void A_device_without_room_for_its_part_leaves_all_to_the_hub_until_it_has_room_again()
    {
        var (fleet, press) = Start(OffloadChoices.Local);
        press.Load = t => t is > 20 and < 60 ? 0.95 : 0.1;
        fleet.Run(20);
        Assert.Equal(Cascade, fleet.Place("press").At);
        fleet.Run(10);
        Assert.Equal(AtHub, fleet.Place("press").At);
        Assert.Equal(MoveCause.Threatened, fleet.Moves[^1].Move.Cause);
        fleet.Run(60);
        Assert.Equal(Cascade, fleet.Place("press").At);
        Assert.Equal(MoveCause.Recovery, fleet.Moves[^1].Move.Cause);
    }

    [Fact]
    public void A_line_that_grows_narrow_makes_a_split_of_what_the_hub_did_alone()
    {
        // Whole windows are cheaper to send than to compute the first layers of; until they no longer fit.
        var (fleet, press) = Start(
            OffloadChoices.Local | OffloadChoices.Cascade, report => report with { SplitSeconds = 2e-3 });
        fleet.Planner.SetModels([Model(cut: 200)]);
        fleet.Run(10);
        Assert.Equal(Split, fleet.Place("press").At);
        Report(press, report => report with { WindowBytes = 100 });
        fleet.Run(900);
        Assert.Equal(AtHub, fleet.Place("press").At);

        Report(press, report => report with { WindowBytes = 2052 });
        press.Lie = report => report with { LinkBytesPerSecond = 100_000 };
        fleet.Run(60);
        Assert.Equal(Split, fleet.Place("press").At);
    }

    [Theory]
    [InlineData(PlanNames.Split)]
    [InlineData(PlanNames.Cascade)]
    public void The_part_that_runs_on_the_device_is_the_plans_load_and_not_its_own(string recipe)
    {
        var (fleet, press) = Start(OffloadChoices.Local | (recipe == PlanNames.Split
            ? OffloadChoices.Cascade
            : OffloadChoices.Split));
        press.Load = _ => 0.2;
        fleet.Run(60);
        Assert.Equal(recipe, fleet.Place("press").At.Recipe);
        var standing = Assert.Single(fleet.Planner.Devices);
        Assert.InRange(standing.ForeignCores, 0.19, 0.21);
        Assert.Equal(recipe == PlanNames.Split ? 200 * 1.5e-4 : 200 * 4e-4, standing.PlacedCores, 1e-9);
    }

    [Fact]
    public void A_cascade_is_no_choice_while_nobody_knows_how_often_it_is_unsure()
    {
        var (fleet, press) = Start(
            OffloadChoices.Local | OffloadChoices.Split, report => report with { UnsureShare = null });
        fleet.Run(30);
        Assert.Equal(AtHub, fleet.Place("press").At);
        Report(press, report => report with { UnsureShare = 0.05, UnsureAgeSeconds = 7200 });
        fleet.Run(900);
        Assert.Equal(AtHub, fleet.Place("press").At);
        Report(press, report => report with { UnsureAgeSeconds = 0 });
        fleet.Run(60);
        Assert.Equal(Cascade, fleet.Place("press").At);
    }

    [Fact]
    public void What_its_device_does_not_offer_is_never_chosen_and_the_explanation_says_so()
    {
        var (fleet, press) = Start(OffloadChoices.Hub | OffloadChoices.Split | OffloadChoices.Cascade);
        press.Load = _ => 0.99;
        fleet.Run(60);
        Assert.Equal("press", fleet.Place("press").At.Near);
        var options = fleet.Planner.Explain("press", "w1", fleet.Now)!.Options;
        Assert.Equal(
            ["its device does not offer that, or nobody knows yet what it costs"],
            options.Where(option => option.At.Node == Hub).Select(option => option.Limit).Distinct());
        Assert.Equal(3, options.Count(option => option.At.Node == Hub));
    }

    [Fact]
    public void A_split_that_misses_its_deadline_is_left_though_the_hub_itself_is_quick()
    {
        var (fleet, press) = Start(OffloadChoices.Local | OffloadChoices.Cascade);
        fleet.Run(10);
        Assert.Equal(Split, fleet.Place("press").At);
        press.Misses[$"{Hub} split"] = 0.5;
        // The place before was none of its choices: where it goes is the solver's to say once the device looks slow.
        fleet.Planner.SetControls(PlanControls.None.With(new Pin("press", "w1", Hub, PlanNames.Whole)));
        fleet.Run(10);
        Assert.Equal(AtHub, fleet.Place("press").At);
        fleet.Planner.SetControls(PlanControls.None);
        fleet.Run(900);
        Assert.Equal(Split, fleet.Moves[^2].Move.To);
        Assert.Equal((AtHub, MoveCause.Missed), (fleet.Moves[^1].Move.To, fleet.Moves[^1].Move.Cause));
    }

    [Fact]
    public void A_pin_can_name_a_recipe()
    {
        var (fleet, _) = Start(OffloadChoices.None);
        fleet.Run(10);
        Assert.Equal("press", fleet.NodeOf("press"));
        fleet.Planner.SetControls(PlanControls.None.With(new Pin("press", "w1", Hub, PlanNames.Split)));
        fleet.Run(5);
        Assert.Equal((Split, false), (fleet.Place("press").At, fleet.Place("press").Preparing));
        fleet.Planner.SetControls(PlanControls.None.With(new Pin("press", "w1", Hub)));
        fleet.Run(5);
        Assert.Equal(Hub, fleet.NodeOf("press"));
    }

    [Theory]
    [InlineData(PlanNames.Cascade, 4e-4)]
    [InlineData(PlanNames.Split, 1.5e-4)]
    public void A_recipe_that_its_own_device_decides_on_is_shown_and_charged_as_what_it_is(
        string recipe, double near)
    {
        var (fleet, press) = Start(
            OffloadChoices.None, report => report with { FollowsPlan = false, RunsOn = Hub, Recipe = recipe });
        press.Load = t => t < 30 ? 0.2 : 0.95;
        fleet.Run(60);
        Assert.Equal(new RunsAt(recipe, "press", Hub), fleet.Place("press").At);
        Assert.Empty(fleet.Moves);
        Assert.Equal(200 * near, Assert.Single(fleet.Planner.Devices).PlacedCores, 1e-9);
    }

    [Fact]
    public void A_split_that_never_comes_up_is_given_up_for_what_runs()
    {
        var (fleet, press) = Start(OffloadChoices.None);
        fleet.Run(10);
        press.Stubborn = true;
        fleet.Planner.SetControls(PlanControls.None.With(new Pin("press", "w1", Hub, PlanNames.Split)));
        fleet.Run(fleet.Rules.PrepareWithin.TotalSeconds + 3);
        var refused = fleet.Moves.Last(entry => entry.Move.Cause == MoveCause.Refused).Move;
        Assert.Equal(("press", "stays on press: press + hub (split) was not ready for it within 30 s"),
            (refused.To.Node, refused.Reason));
    }

    [Fact]
    public void A_share_that_cannot_be_is_not_believed()
    {
        var (fleet, press) = Start(OffloadChoices.Local);
        fleet.Run(10);
        Report(press, report => report with { UnsureShare = 1.5 });
        fleet.Run(10);
        Assert.Contains("unsure of 1.5", Assert.Single(fleet.Planner.Devices).Distrust);
        Assert.Equal(Cascade, fleet.Place("press").At);
    }

    private static (PlannedFleet Fleet, PlannedDevice Press) Start(
        OffloadChoices excluded, Func<WorkloadReport, WorkloadReport>? shape = null)
    {
        var fleet = new PlannedFleet();
        fleet.Planner.SetModels([Model(cut: 448)]);
        var press = fleet.Add("press", shape: report => (shape ?? (same => same))(report with
        {
            WindowsPerSecond = 200, Excluded = excluded, UnsureShare = 0.1, SplitSeconds = 1.5e-4,
            SplitP99Seconds = 3e-4,
        }));
        return (fleet, press);
    }

    private static void Report(PlannedDevice device, Func<WorkloadReport, WorkloadReport> change) =>
        device.Workloads[0] = change(device.Workloads[0]);

    private static ModelProfile Model(double cut) => new(
        "bearing",
        [
            .. PlannedFleet.Model("bearing").Recipes,
            new Recipe(PlanNames.Cascade, [])
            {
                Far = [new StageProfile(Hub, 1e-3, 0, 0, 0, 3e-3)], Choice = OffloadChoices.Cascade,
            },
            new Recipe(PlanNames.Split, [])
            {
                Far = [new StageProfile(Hub, 8e-4, 0, 0, 0, 2.4e-3)], CutBytes = cut, Choice = OffloadChoices.Split,
            },
        ]);
}
