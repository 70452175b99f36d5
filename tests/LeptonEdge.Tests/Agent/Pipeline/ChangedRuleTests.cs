using LeptonEdge.Agent.Configuration;
using LeptonEdge.Agent.Pipeline;
using LeptonEdge.Agent.Reconciling;
using LeptonEdge.Agent.Status;
using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;

namespace LeptonEdge.Tests.Agent.Pipeline;

public sealed class ChangedRuleTests
{
    private static readonly AlarmRule Own = new()
    {
        Name = "fault", RaiseAt = 0.8, ClearBelow = 0.5, RaiseAfter = 3, ClearAfter = 2,
    };

    private readonly List<AlarmEvent> _events = [];
    private readonly AlarmDesk _desk =
        new(new WorkloadId("bearing"), new ChannelName("drive-end"), [new(Own, null, null)]);

    [Fact]
    public void A_standing_alarm_whose_rule_no_longer_holds_clears_with_its_usual_event_and_once()
    {
        Score(0.85, 0.85, 0.85);
        Hold(Own with { RaiseAt = 0.95, ClearBelow = 0.9 });
        Assert.Equal(["fault"], _desk.Active);
        Score(0.85);
        Assert.Equal(["fault"], _desk.Active);
        Score(0.85, 0.85, 0.85);

        Assert.Equal([AlarmTransition.Raised, AlarmTransition.Cleared], _events.Select(e => e.Transition));
        Assert.Contains("below 0.9, 2 in a row", _events[1].Message);
    }

    [Fact]
    public void A_standing_alarm_whose_rule_still_holds_is_not_raised_again()
    {
        Score(0.9, 0.9, 0.9);
        Hold(Own with { RaiseAt = 0.7, RaiseAfter = 1, Severity = AlarmSeverity.Critical });
        Score(0.9, 0.6, 0.9);
        _desk.Hold([]);
        Score(0.9, 0.9, 0.9);

        Assert.Single(_events);
        Assert.Equal(["fault"], _desk.Active);
    }

    [Fact]
    public void Values_that_argued_under_other_figures_argue_no_more()
    {
        Score(0.9, 0.9);
        Hold(Own with { RaiseAt = 0.85 });
        Score(0.9, 0.9);
        Assert.Empty(_events);
        Score(0.9);
        Assert.Single(_events);
    }

    [Fact]
    public void A_desired_state_that_changes_nothing_of_a_rule_leaves_its_streak()
    {
        Score(0.9, 0.9);
        _desk.Hold([]);
        Score(0.9);
        Assert.Single(_events);
    }

    [Fact]
    public void What_is_refused_leaves_the_rule_as_it_is_and_is_reported()
    {
        Hold(Own with { RaiseAt = 0.6 });
        _desk.Hold([new WantedRule("fault", null, "clear_below: 9 must be below")]);
        var told = Assert.Single(RuleReport.Of(_desk));
        Assert.Equal((0.6, true, "clear_below: 9 must be below"), (told.RaiseAt, told.FromHub, told.Refused));

        _desk.Hold([]);
        told = Assert.Single(RuleReport.Of(_desk));
        Assert.Equal((0.8, false, "", "score"), (told.RaiseAt, told.FromHub, told.Refused, told.Of));
    }

    private void Hold(AlarmRule rule) => _desk.Hold([new WantedRule(rule.Name, rule, "")]);

    private void Score(params double[] scores)
    {
        foreach (var score in scores)
            _desk.Take(null, score, 1, null, (_, what) => _events.Add(what));
    }
}
