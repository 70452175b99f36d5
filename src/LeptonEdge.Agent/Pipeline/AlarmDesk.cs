using LeptonEdge.Agent.Configuration;
using LeptonEdge.Agent.Reconciling;
using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;

namespace LeptonEdge.Agent.Pipeline;

/// <summary>Holds where each alarm rule of one workload stands; asked by one thread, read by any.</summary>
public sealed class AlarmDesk
{
    private readonly IReadOnlyList<AlarmConfiguration> _own;
    private readonly WorkloadId _workload;
    private readonly ChannelName _channel;
    private readonly AlarmStatus[] _statuses;
    private volatile string[] _active = [];

    // Replaced whole by who reconciles; in step with the statuses.
    private volatile HeldRule[] _held;
    private HeldRule[] _judged;

    public AlarmDesk(WorkloadId workload, ChannelName channel, IReadOnlyList<AlarmConfiguration> alarms)
    {
        (_workload, _channel, _own) = (workload, channel, alarms);
        _statuses = new AlarmStatus[alarms.Count];
        _judged = _held = [.. alarms.Select(alarm => new HeldRule(alarm, false, ""))];
    }

    /// <summary>Every rule as it is in force from the next value on.</summary>
    public IReadOnlyList<HeldRule> Held => _held;

    /// <summary>Names of the alarms that are raised now.</summary>
    public IReadOnlyList<string> Active => _active;

    /// <summary>Takes up what the hub desires; rules that it says nothing of are those of the configuration again, and
    /// one that is refused leaves the rule as it is. An alarm that stands goes on standing until values clear it by the new
    /// figures. Not for two threads at once.</summary>
    public void Hold(IReadOnlyList<WantedRule> wanted)
    {
        var before = _held;
        _held = [.. _own.Select((own, at) => wanted.FirstOrDefault(rule => rule.Name == own.Rule.Name) switch
        {
            null => new HeldRule(own, false, ""),
            { Rule: { } rule } => new HeldRule(own with { Rule = rule }, true, ""),
            var refused => before[at] with { Refused = refused.Refusal },
        })];
    }

    /// <summary>Lets every rule on the given feature see the value.</summary>
    /// <param name="feature">The statistic the value is of; null for the model's score.</param>
    /// <param name="label">What the model said, for the message; null when no model spoke.</param>
    /// <param name="decided">Receives the event and its rule when a rule changed state.</param>
    public void Take(
        WindowFeature? feature, double value, long timeMicros, string? label,
        Action<AlarmConfiguration, AlarmEvent> decided)
    {
        var held = InForce();
        for (var i = 0; i < held.Length; i++)
        {
            if (held[i].Alarm.Feature != feature)
                continue;
            var rule = held[i].Alarm.Rule;
            _statuses[i] = _statuses[i].Next(rule, value, out var transition);
            if (transition is not { } change)
                continue;
            _active = [.. held.Where((_, at) => _statuses[at].Active).Select(one => one.Alarm.Rule.Name)];
            decided(held[i].Alarm, new AlarmEvent(
                rule.Name, _channel, rule.Severity, change, timeMicros, value,
                Sentence(rule, feature, change, value, label)));
        }
    }

    // Values that argued under other figures argue no more.
    private HeldRule[] InForce()
    {
        var held = _held;
        if (ReferenceEquals(held, _judged))
            return held;
        for (var i = 0; i < held.Length; i++)
        {
            if (held[i].Alarm.Rule != _judged[i].Alarm.Rule)
                _statuses[i] = _statuses[i] with { Streak = 0 };
        }

        return _judged = held;
    }

    private string Sentence(AlarmRule rule, WindowFeature? feature, AlarmTransition change, double value, string? label)
    {
        var what = feature is { } statistic ? WindowFeatures.NameOf(statistic) : "score";
        var said = label is null ? "" : $" ({label})";
        return change == AlarmTransition.Raised
            ? FormattableString.Invariant(
                $"{_workload}: {what} {value:0.###}{said} at or above {rule.RaiseAt:0.###}, {rule.RaiseAfter} in a row")
            : FormattableString.Invariant(
                $"{_workload}: {what} {value:0.###} below {rule.ClearBelow:0.###}, {rule.ClearAfter} in a row");
    }
}
