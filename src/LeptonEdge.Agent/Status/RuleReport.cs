using LeptonEdge.Agent.Configuration;
using LeptonEdge.Agent.Pipeline;
using LeptonEdge.Protocol.V1;

namespace LeptonEdge.Agent.Status;

/// <summary>Describes the alarm rules of a workload as they are in force.</summary>
public static class RuleReport
{
    /// <summary>What a rule on no statistic of the window watches.</summary>
    public const string Score = "score";

    public static IEnumerable<ReportedRule> Of(AlarmDesk alarms)
    {
        var active = alarms.Active;
        foreach (var (alarm, fromHub, refused) in alarms.Held)
        {
            var rule = alarm.Rule;
            yield return new ReportedRule
            {
                Rule = rule.Name,
                Of = alarm.Feature is { } feature ? WindowFeatures.NameOf(feature) : Score,
                Severity = (SeverityCode)rule.Severity,
                RaiseAt = rule.RaiseAt, ClearBelow = rule.ClearBelow,
                RaiseAfter = (uint)rule.RaiseAfter, ClearAfter = (uint)rule.ClearAfter,
                FromHub = fromHub, Refused = refused, Active = active.Contains(rule.Name),
            };
        }
    }
}
