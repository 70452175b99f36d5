using LeptonEdge.Agent.Configuration;
using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Identity;
using LeptonEdge.Protocol.V1;

namespace LeptonEdge.Agent.Reconciling;

/// <summary>What the hub desires of one alarm rule.</summary>
/// <param name="Rule">Null when it cannot be followed.</param>
/// <param name="Refusal">Why not; empty when it can.</param>
public sealed record WantedRule(string Name, AlarmRule? Rule, string Refusal);

/// <summary>Reads the alarm rules of a desired state against the device's own. A pure function: what a rule watches and
/// which lamp it switches is the configuration's word, its figures may be the hub's.</summary>
public static class RuleCheck
{
    private const int RulesMax = 256;
    private const double Largest = 1e30;

    /// <param name="refusals">Receives what is not followed, as sentences for the journal.</param>
    public static IReadOnlyList<WantedRule> Check(
        DesiredWorkload? desired, WorkloadConfiguration own, List<string> refusals)
    {
        if (desired is null || desired.Rules.Count == 0)
            return [];
        if (desired.Rules.Count > RulesMax)
            refusals.Add($"workload {own.Id}: it names {desired.Rules.Count} rules, at most {RulesMax} are read");
        var wanted = new Dictionary<string, WantedRule>();
        foreach (var entry in desired.Rules.Take(RulesMax))
        {
            if (own.Alarms.FirstOrDefault(alarm => alarm.Rule.Name == entry.Rule) is not { } alarm)
            {
                refusals.Add($"workload {own.Id} has no alarm rule '{Short(entry.Rule)}'");
                continue;
            }

            wanted[entry.Rule] = Read(entry, alarm.Rule);
            if (wanted[entry.Rule].Refusal is { Length: > 0 } refusal)
                refusals.Add($"workload {own.Id}, alarm rule '{entry.Rule}': {refusal}");
        }

        return [.. wanted.Values];
    }

    private static WantedRule Read(DesiredRule entry, AlarmRule own)
    {
        var rule = own with
        {
            RaiseAt = entry.RaiseAt, ClearBelow = entry.ClearBelow, RaiseAfter = Count(entry.RaiseAfter),
            ClearAfter = Count(entry.ClearAfter), Severity = (AlarmSeverity)entry.Severity,
        };
        var fault = rule.Faults().FirstOrDefault()
            ?? (!Enum.IsDefined(entry.Severity) ? $"severity: {(int)entry.Severity} is not known to this agent" : null)
            ?? Beyond("raise_at", rule.RaiseAt) ?? Beyond("clear_below", rule.ClearBelow);
        return fault is null ? new WantedRule(own.Name, rule, "") : new WantedRule(own.Name, null, fault);
    }

    private static string? Beyond(string field, double value) =>
        Math.Abs(value) > Largest ? $"{field}: {value} is not within ±{Largest}" : null;

    private static int Count(uint count) => (int)Math.Min(count, int.MaxValue);

    private static string Short(string text) => text.Length <= 80 ? text : $"{text[..80]}…";
}
