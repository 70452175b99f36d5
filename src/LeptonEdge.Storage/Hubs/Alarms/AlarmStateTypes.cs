using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Identity;

namespace LeptonEdge.Storage.Hubs.Alarms;

/// <summary>One alarm from its raising to its clearing, with what people did about it.</summary>
/// <param name="Id">That of the event which raised it.</param>
/// <param name="Raised">Times that it was raised while it stood; the value and message are of the last.</param>
/// <param name="ClearedMicros">Device time; null while it stands.</param>
/// <param name="AcknowledgedMicros">Hub time; null while nobody did.</param>
/// <param name="Version">Rises with every change.</param>
public sealed record AlarmState(
    long Id, TenantId Tenant, DeviceId Device, string Rule, ChannelName Channel, AlarmSeverity Severity,
    long RaisedMicros, long Raised, long? ClearedMicros, double Value, string Message, long? AcknowledgedMicros,
    string? AcknowledgedBy, string? Assignee, int Comments, long Version);

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

    /// <summary>Raised before it, or at it and numbered lower than <see cref="BeforeId"/>.</summary>
    public long BeforeMicros { get; init; } = long.MaxValue;

    public long BeforeId { get; init; } = long.MaxValue;

    /// <summary>Devices that the caller may see; null: all.</summary>
    public Func<DeviceId, bool>? Sees { get; init; }
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
