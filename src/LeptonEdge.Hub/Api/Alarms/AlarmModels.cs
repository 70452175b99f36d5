using System.Text.Json.Serialization;

namespace LeptonEdge.Hub.Api;

/// <summary>One alarm from its raising to its clearing, with what people did about it.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Severity"><c>info</c>, <c>warning</c> or <c>critical</c>.</param>
/// <param name="State"><c>active</c> while it stands, then <c>cleared</c>.</param>
/// <param name="Transition">The last that happened to it: <c>raised</c> or <c>cleared</c>.</param>
/// <param name="TimeMicros">When that was, device time.</param>
/// <param name="RaisedMicros">When it was raised first, device time.</param>
/// <param name="Raised">How often it was raised while it stood.</param>
/// <param name="ClearedMicros">When it was cleared, device time; null while it stands.</param>
/// <param name="Value">The value that raised it last; null when it is not finite.</param>
/// <param name="Acknowledged">Somebody has seen it.</param>
/// <param name="AcknowledgedBy">Who was the first to acknowledge it; null while nobody did.</param>
/// <param name="AcknowledgedMicros">When that was, hub time; null while nobody did.</param>
/// <param name="Assignee">Who takes care of it; null when nobody does.</param>
/// <param name="Comments">How many comments it has.</param>
/// <param name="Version">Rises with every change; its ETag.</param>
/// <param name="ChangedMicros">When the last happened to it, or was done about it, hub time.</param>
public sealed record AlarmView(
    long Id, string Device, string Site, string Rule, string Channel, string Severity, string State, string Transition,
    long TimeMicros, long RaisedMicros, long Raised, long? ClearedMicros, double? Value, string Message,
    bool Acknowledged, string? AcknowledgedBy, long? AcknowledgedMicros, string? Assignee, int Comments, long Version,
    long ChangedMicros);

/// <summary>What is to change of an alarm; what is left out stays.</summary>
/// <param name="Acknowledged">True acknowledges it, false takes that back.</param>
/// <param name="Assignee">Who shall take care of it; empty for nobody.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record AlarmPatch(bool? Acknowledged = null, string? Assignee = null);

/// <summary>Something that a person says about an alarm.</summary>
/// <param name="Author">Who said it.</param>
/// <param name="Text">What was said.</param>
public sealed record AlarmCommentView(long Id, string Author, long TimeMicros, string Text);

/// <summary>A comment to add.</summary>
/// <param name="Text">1 to 2000 characters.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record NewAlarmComment(string Text);

/// <summary>One thing to do about many alarms.</summary>
/// <param name="Ids">Their numbers, 1 to 1000.</param>
/// <param name="Action"><c>acknowledge</c>, <c>unacknowledge</c>, <c>assign</c> or <c>comment</c>.</param>
/// <param name="Assignee">Of <c>assign</c>: who shall take care of them; empty for nobody.</param>
/// <param name="Text">Of <c>comment</c>: what to say.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record AlarmBulk(IReadOnlyList<long> Ids, string Action, string? Assignee = null, string? Text = null);

/// <summary>What became of an action on many.</summary>
/// <param name="Done">How many it was done to.</param>
/// <param name="Failed">How many it could not be done to.</param>
/// <param name="Results">Each of them, in the order asked for.</param>
public sealed record BulkResult(int Done, int Failed, IReadOnlyList<BulkItem> Results);

/// <param name="Target">Name or number of the item.</param>
/// <param name="Ok">It was done.</param>
/// <param name="Detail">Why it was not; null when it was.</param>
public sealed record BulkItem(string Target, bool Ok, string? Detail);
