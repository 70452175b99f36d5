using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Identity;

namespace LeptonEdge.Storage.Hubs.Alarms;

/// <summary>One alarm from its raising to its clearing, with what people did about it.</summary>
/// <param name="Id">That of the event which raised it.</param>
/// <param name="Raised">Times that it was raised while it stood; the value and message are of the last.</param>
/// <param name="ClearedMicros">Device time; null while it stands.</param>
/// <param name="ChangedMicros">Hub time of the last that happened to it, or that somebody did about it.</param>
/// <param name="AcknowledgedMicros">Hub time; null while nobody did.</param>
/// <param name="Version">Rises with every change.</param>
public sealed record AlarmState(
    long Id, TenantId Tenant, DeviceId Device, string Rule, ChannelName Channel, AlarmSeverity Severity,
    long RaisedMicros, long Raised, long? ClearedMicros, double Value, string Message, long? AcknowledgedMicros,
    string? AcknowledgedBy, string? Assignee, int Comments, long Version, long ChangedMicros);

/// <param name="TimeMicros">Hub time.</param>
public sealed record AlarmComment(long Id, long Alarm, string Author, long TimeMicros, string Text);

/// <summary>A rule that has raised alarms.</summary>
public sealed record AlarmRule(
    DeviceId Device, string Rule, ChannelName Channel, AlarmSeverity Severity, long Alarms, bool Active, long LastMicros,
    string Message);

/// <summary>Which alarms; what is null does not narrow.</summary>
public sealed record AlarmFilter(TenantId Tenant)
{
    public DeviceId? Device { get; init; }

    /// <summary>True: those that stand; false: those that are cleared.</summary>
    public bool? Active { get; init; }

    public bool? Acknowledged { get; init; }

    public AlarmSeverity SeverityMin { get; init; } = AlarmSeverity.Info;

    public string? Rule { get; init; }

    public string? Channel { get; init; }

    public string? Assignee { get; init; }

    /// <summary>Part of rule, channel or message, in any case of letters.</summary>
    public string? Text { get; init; }

    /// <summary>Raised within [from, to), device time.</summary>
    public long FromMicros { get; init; } = long.MinValue;

    public long ToMicros { get; init; } = long.MaxValue;

    public DeviceSet? Devices { get; init; }
}

/// <summary>What a list of alarms is sorted by.</summary>
public enum AlarmOrder
{
    Raised,
    Changed,

    /// <summary>And by raising within one.</summary>
    Severity,

    /// <summary>By name, and by raising within one.</summary>
    Device,
}

/// <summary>An order of alarms, and where a page of it begins.</summary>
/// <param name="Down">The largest first.</param>
/// <param name="After">The last alarm of the page before; null for the first page.</param>
public sealed record AlarmPage(AlarmOrder Order, bool Down, int Limit, AlarmPlace? After = null)
{
    /// <summary>The newest first.</summary>
    public static AlarmPage Newest(int limit) => new(AlarmOrder.Raised, true, limit);
}

/// <summary>Where an alarm is in every order.</summary>
public sealed record AlarmPlace(long Id, long RaisedMicros, long ChangedMicros, AlarmSeverity Severity, string Device)
{
    public static AlarmPlace Of(AlarmState alarm) =>
        new(alarm.Id, alarm.RaisedMicros, alarm.ChangedMicros, alarm.Severity, alarm.Device.Value);
}

/// <summary>What people do about an alarm; what is null stays.</summary>
/// <param name="By">Who does it.</param>
/// <param name="Assignee">Empty for nobody.</param>
/// <param name="IfVersion">Only if it still has that version.</param>
public sealed record AlarmChange(
    string By, bool? Acknowledged = null, string? Assignee = null, string? Comment = null, long? IfVersion = null);

/// <summary>What became of a change.</summary>
public enum AlarmChanged
{
    Done,
    Unknown,

    /// <summary>It has another version now.</summary>
    Differs,

    /// <summary>It has as many comments as one may have.</summary>
    Full,
}
