using LeptonEdge.Agent.Configuration;
using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;

namespace LeptonEdge.Agent.Pipeline;

/// <summary>Holds where each alarm rule of one workload stands; asked by one thread, read by any.</summary>
public sealed class AlarmDesk
{
    private readonly IReadOnlyList<AlarmConfiguration> _alarms;
    private readonly WorkloadId _workload;
    private readonly ChannelName _channel;
    private readonly AlarmStatus[] _statuses;
    private volatile string[] _active = [];

    public AlarmDesk(WorkloadId workload, ChannelName channel, IReadOnlyList<AlarmConfiguration> alarms)
    {
        (_workload, _channel, _alarms) = (workload, channel, alarms);
        _statuses = new AlarmStatus[alarms.Count];
    }

    /// <summary>Names of the alarms that are raised now.</summary>
    public IReadOnlyList<string> Active => _active;

    /// <summary>Lets every rule on the given feature see the value.</summary>
    /// <param name="feature">The statistic the value is of; null for the model's score.</param>
    /// <param name="label">What the model said, for the message; null when no model spoke.</param>
    /// <param name="decided">Receives the event and its rule when a rule changed state.</param>
    public void Take(
        WindowFeature? feature, double value, long timeMicros, string? label,
        Action<AlarmConfiguration, AlarmEvent> decided)
    {
        for (var i = 0; i < _alarms.Count; i++)
        {
            if (_alarms[i].Feature != feature)
                continue;
            var rule = _alarms[i].Rule;
            _statuses[i] = _statuses[i].Next(rule, value, out var transition);
            if (transition is not { } change)
                continue;
            _active = [.. _alarms.Where((_, at) => _statuses[at].Active).Select(alarm => alarm.Rule.Name)];
            decided(_alarms[i], new AlarmEvent(
                rule.Name, _channel, rule.Severity, change, timeMicros, value,
                Sentence(rule, feature, change, value, label)));
        }
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
