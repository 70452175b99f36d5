using LeptonEdge.Core.Alarms;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Storage.Hubs.Alarms;

namespace LeptonEdge.Hub.Api.Alarms;

internal static class AlarmViews
{
    public static readonly (AlarmSeverity Code, string Name)[] Severities =
    [
        (AlarmSeverity.Info, "info"), (AlarmSeverity.Warning, "warning"), (AlarmSeverity.Critical, "critical"),
    ];

    public static string Name(AlarmSeverity severity) => severity switch
    {
        AlarmSeverity.Critical => "critical",
        AlarmSeverity.Warning => "warning",
        _ => "info",
    };

    public static AlarmView Of(AlarmState alarm, FleetState fleet) => new(
        alarm.Id, alarm.Device.Value, fleet.Find(alarm.Device)?.State.Site ?? "", alarm.Rule, alarm.Channel.Value,
        Name(alarm.Severity), alarm.ClearedMicros is null ? "active" : "cleared",
        alarm.ClearedMicros is null ? "raised" : "cleared", alarm.ClearedMicros ?? alarm.RaisedMicros,
        alarm.RaisedMicros, alarm.Raised, alarm.ClearedMicros, Views.Finite(alarm.Value), alarm.Message,
        alarm.AcknowledgedMicros is not null, alarm.AcknowledgedBy, alarm.AcknowledgedMicros, alarm.Assignee,
        alarm.Comments, alarm.Version, alarm.ChangedMicros);
}
