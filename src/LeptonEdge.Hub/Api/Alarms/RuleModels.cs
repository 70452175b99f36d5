using System.Text.Json.Serialization;

namespace LeptonEdge.Hub.Api;

/// <summary>An alarm rule as its device holds it, with the alarms that it has raised.</summary>
/// <param name="Workload">Whose windows it watches; empty when the device does not hold it any more.</param>
/// <param name="Severity">Of the alarms that it raises: <c>info</c>, <c>warning</c> or <c>critical</c>.</param>
/// <param name="Of">What it watches: <c>score</c>, or a statistic of the window such as <c>rms</c>; empty when the
/// device does not hold it any more.</param>
/// <param name="Condition">When it raises and clears, in words.</param>
/// <param name="RaiseAt">Values at or above it count towards raising; null when the device does not hold it any
/// more.</param>
/// <param name="ClearBelow">Values below it count towards clearing; null when the device does not hold it any
/// more.</param>
/// <param name="RaiseAfter">Values in a row that raise it; null when the device does not hold it any more.</param>
/// <param name="ClearAfter">Values in a row that clear it; null when the device does not hold it any more.</param>
/// <param name="Source"><c>configuration</c>: as the device's own says; <c>hub</c>: as changed here; <c>past</c>: it
/// has raised alarms, and the device holds it no more or is too old to tell.</param>
/// <param name="Wanted">What the hub wants it to be; null when it is left to the device's configuration.</param>
/// <param name="Pending">The device has not taken up the last change yet.</param>
/// <param name="Refused">Why the device does not follow what the hub wants; empty when it does.</param>
/// <param name="Alarms">How many alarms it has raised.</param>
/// <param name="Active">One of them stands.</param>
/// <param name="LastMicros">When it raised the newest, device time; null while it raised none.</param>
/// <param name="Message">What the newest says; empty while there is none.</param>
public sealed record RuleView(
    string Device, string Site, string Workload, string Rule, string Channel, string Severity, string Of,
    string Condition, double? RaiseAt, double? ClearBelow, int? RaiseAfter, int? ClearAfter, string Source,
    RuleFigures? Wanted, bool Pending, string Refused, long Alarms, bool Active, long? LastMicros, string Message);

/// <summary>What may be changed of an alarm rule.</summary>
/// <param name="RaiseAt">Values at or above it count towards raising.</param>
/// <param name="ClearBelow">Values below it count towards clearing.</param>
/// <param name="RaiseAfter">Values in a row that raise it.</param>
/// <param name="ClearAfter">Values in a row that clear it.</param>
/// <param name="Severity"><c>info</c>, <c>warning</c> or <c>critical</c>.</param>
public sealed record RuleFigures(double RaiseAt, double ClearBelow, int RaiseAfter, int ClearAfter, string Severity);

/// <summary>What an alarm rule shall be; what is left out stays as it is.</summary>
/// <param name="RaiseAt">Values at or above it count towards raising; within ±1e30.</param>
/// <param name="ClearBelow">Values below it count towards clearing; at most <paramref name="RaiseAt"/>.</param>
/// <param name="RaiseAfter">Values in a row that raise it, 1 to 10,000.</param>
/// <param name="ClearAfter">Values in a row that clear it, 1 to 10,000.</param>
/// <param name="Severity"><c>info</c>, <c>warning</c> or <c>critical</c>.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record RuleChange(
    double? RaiseAt = null, double? ClearBelow = null, int? RaiseAfter = null, int? ClearAfter = null,
    string? Severity = null);
