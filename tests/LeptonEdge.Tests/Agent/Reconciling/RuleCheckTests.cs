using LeptonEdge.Agent.Configuration;
using LeptonEdge.Agent.Reconciling;
using LeptonEdge.Core.Alarms;
using LeptonEdge.Protocol.V1;

namespace LeptonEdge.Tests.Agent.Reconciling;

public sealed class RuleCheckTests
{
    private static readonly WorkloadConfiguration Own = new()
    {
        Id = new("bearing"), Channels = ["a"], Model = new("m", "1"),
        Alarms = [new(new AlarmRule { Name = "hot", RaiseAt = 5, ClearBelow = 4 }, WindowFeature.Rms, null)],
    };

    [Fact]
    public void The_hubs_figures_are_taken()
    {
        var (rules, refusals) = Check(new DesiredRule
        {
            Rule = "hot", RaiseAt = 7, ClearBelow = 6, RaiseAfter = 2, ClearAfter = 3, Severity = SeverityCode.Critical,
        });

        Assert.Empty(refusals);
        Assert.Equal(
            new AlarmRule
            {
                Name = "hot", RaiseAt = 7, ClearBelow = 6, RaiseAfter = 2, ClearAfter = 3,
                Severity = AlarmSeverity.Critical,
            },
            Assert.Single(rules).Rule);
    }

    [Theory]
    [InlineData(double.NaN, 1, 1u, 1u, 1, "raise_at")]
    [InlineData(1e31, 1, 1u, 1u, 1, "raise_at")]
    [InlineData(5, 6, 1u, 1u, 1, "clear_below")]
    [InlineData(5, double.NegativeInfinity, 1u, 1u, 1, "clear_below")]
    [InlineData(5, 4, 0u, 1u, 1, "raise_after")]
    [InlineData(5, 4, 4_000_000_000u, 1u, 1, "raise_after")]
    [InlineData(5, 4, 1u, 10_001u, 1, "clear_after")]
    [InlineData(5, 4, 1u, 1u, 9, "severity")]
    public void Figures_that_cannot_be_are_refused_with_the_field(
        double raiseAt, double clearBelow, uint raiseAfter, uint clearAfter, int severity, string field)
    {
        var (rules, refusals) = Check(new DesiredRule
        {
            Rule = "hot", RaiseAt = raiseAt, ClearBelow = clearBelow, RaiseAfter = raiseAfter, ClearAfter = clearAfter,
            Severity = (SeverityCode)severity,
        });

        var rule = Assert.Single(rules);
        Assert.Null(rule.Rule);
        Assert.StartsWith(field, rule.Refusal);
        Assert.Contains("bearing, alarm rule 'hot'", Assert.Single(refusals));
    }

    [Fact]
    public void A_rule_that_the_device_does_not_have_is_not_made()
    {
        var (rules, refusals) = Check(new DesiredRule { Rule = "cold", RaiseAt = 7, RaiseAfter = 1, ClearAfter = 1 });

        Assert.Empty(rules);
        Assert.Contains("no alarm rule 'cold'", Assert.Single(refusals));
    }

    private static (IReadOnlyList<WantedRule> Rules, IReadOnlyList<string> Refusals) Check(DesiredRule rule)
    {
        var workload = new DesiredWorkload { Workload = "bearing", Rules = { rule } };
        var desired = new DesiredState { Workloads = { workload } };
        var check = DesiredStateCheck.Check(desired, [Own]);
        return (Assert.Single(check.Rules), check.Refusals);
    }
}
