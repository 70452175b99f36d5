using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Identity;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Protocol.V1;
using AlarmRule = LeptonEdge.Storage.Hubs.Alarms.AlarmRule;

namespace LeptonEdge.Hub.Api.Alarms;

/// <summary>From what devices report of their rules, and what the store counted, to what the API says.</summary>
internal sealed class RuleViews(RuleWishes wishes)
{
    private const string Past = "past";

    /// <param name="stored">What the store counted of these devices.</param>
    public IEnumerable<RuleView> Of(IEnumerable<DeviceView> devices, FleetState fleet, IReadOnlyList<AlarmRule> stored)
    {
        var counted = stored.ToLookup(rule => (rule.Device, rule.Rule));
        var held = new HashSet<(DeviceId, string)>();
        foreach (var view in devices)
        {
            foreach (var (workload, rule) in view.State.Workloads.SelectMany(w => w.Rules.Select(rule => (w, rule))))
            {
                if (held.Add((view.Device, rule.Rule)))
                    yield return Of(view, workload, rule, counted[(view.Device, rule.Rule)]);
            }
        }

        foreach (var rule in stored.Where(rule => !held.Contains((rule.Device, rule.Rule))))
            yield return Of(rule, fleet);
    }

    /// <summary>One rule that a device holds.</summary>
    public RuleView Of(DeviceView view, ReportedWorkload workload, ReportedRule rule, IEnumerable<AlarmRule> counted)
    {
        var wanted = wishes.Of(view.Device, workload.Workload, rule.Rule).Wanted;
        var known = counted.ToList();
        var newest = known.MaxBy(one => one.LastMicros);
        return new RuleView(
            view.Device.Value, view.State.Site, workload.Workload, rule.Rule, workload.Channel, Name(rule.Severity),
            rule.Of, Words(rule), Views.Finite(rule.RaiseAt), Views.Finite(rule.ClearBelow), Count(rule.RaiseAfter),
            Count(rule.ClearAfter), rule.FromHub ? "hub" : "configuration", wanted is null ? null : FiguresOf(wanted),
            IsPending(rule, wanted), rule.Refused, known.Sum(one => one.Alarms), rule.Active, newest?.LastMicros,
            newest?.Message ?? "");
    }

    public static RuleFigures FiguresOf(DesiredRule rule) => new(
        rule.RaiseAt, rule.ClearBelow, Count(rule.RaiseAfter), Count(rule.ClearAfter), Name(rule.Severity));

    public static string Name(SeverityCode severity) => AlarmViews.Name((AlarmSeverity)severity);

    private static RuleView Of(AlarmRule rule, FleetState fleet) => new(
        rule.Device.Value, fleet.Find(rule.Device)?.State.Site ?? "", "", rule.Rule, rule.Channel.Value,
        AlarmViews.Name(rule.Severity), "", "", null, null, null, null, Past, null, false, "", rule.Alarms, rule.Active,
        rule.LastMicros, rule.Message);

    private static bool IsPending(ReportedRule rule, DesiredRule? wanted) => wanted is null
        ? rule.FromHub || rule.Refused.Length > 0
        : rule.Refused.Length == 0 && !(rule.FromHub && wanted.Equals(Wanted(rule)));

    /// <summary>The rule as it is, as a wish.</summary>
    public static DesiredRule Wanted(ReportedRule rule) => new()
    {
        Rule = rule.Rule, RaiseAt = rule.RaiseAt, ClearBelow = rule.ClearBelow, RaiseAfter = rule.RaiseAfter,
        ClearAfter = rule.ClearAfter, Severity = rule.Severity,
    };

    private static int Count(uint count) => (int)Math.Min(count, int.MaxValue);

    private static string Words(ReportedRule rule) =>
        FormattableString.Invariant($"{rule.Of} at or above {rule.RaiseAt:0.######}{InARow(rule.RaiseAfter)}; ")
        + FormattableString.Invariant($"clears below {rule.ClearBelow:0.######}{InARow(rule.ClearAfter)}");

    private static string InARow(uint count) =>
        count <= 1 ? "" : FormattableString.Invariant($", {count} in a row");
}
