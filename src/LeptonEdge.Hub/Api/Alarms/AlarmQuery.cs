using System.ComponentModel;
using LeptonEdge.Core.Identity;
using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Api.Common;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Storage.Hubs.Alarms;
using Microsoft.AspNetCore.Mvc;

namespace LeptonEdge.Hub.Api.Alarms;

/// <summary>Which alarms a request asks for.</summary>
internal readonly record struct AlarmQuery
{
    [FromQuery(Name = "state")]
    [Description("active (standard) for those that stand, cleared, or all.")]
    public string? State { get; init; }

    [FromQuery(Name = "acknowledged")]
    [Description("true for those that somebody acknowledged, false for the others.")]
    public bool? Acknowledged { get; init; }

    [FromQuery(Name = "severity")]
    [Description("The least severity: info, warning or critical.")]
    public string? Severity { get; init; }

    [FromQuery(Name = "device")]
    [Description("Only of this device.")]
    public string? Device { get; init; }

    [FromQuery(Name = "site")]
    [Description("Only of devices of this site.")]
    public string? Site { get; init; }

    [FromQuery(Name = "rule")]
    [Description("Only of this rule.")]
    public string? Rule { get; init; }

    [FromQuery(Name = "channel")]
    [Description("Only of this channel.")]
    public string? Channel { get; init; }

    [FromQuery(Name = "assignee")]
    [Description("Only those that this person takes care of; empty for those that nobody does.")]
    public string? Assignee { get; init; }

    [FromQuery(Name = "text")]
    [Description("Only with this text in rule, channel or message, in any case of letters; at most 200 characters.")]
    public string? Text { get; init; }

    [FromQuery(Name = "from")]
    [Description("Raised at this time or later, microseconds since 1970-01-01 UTC.")]
    public long? From { get; init; }

    [FromQuery(Name = "to")]
    [Description("Raised before this time, microseconds since 1970-01-01 UTC.")]
    public long? To { get; init; }

    public FieldErrors? Read(TenantId tenant, Caller caller, FleetState fleet, out AlarmFilter filter)
    {
        filter = new AlarmFilter(tenant);
        var errors = new FieldErrors();
        var active = State switch { null or "active" => (bool?)true, "cleared" => false, _ => null };
        if (active is null && State is not "all")
            errors.Add("state", "give active, cleared or all");
        var wanted = Severity;
        var severity = Array.Find(AlarmViews.Severities, s => s.Name == (wanted ?? "info"));
        if (severity.Name is null)
            errors.Add("severity", "give info, warning or critical");
        DeviceId id = default;
        if (Device is not null)
            errors.Add(RequestRange.Device(Device, out id));
        foreach (var (field, text) in ((string, string?)[])
            [("site", Site), ("rule", Rule), ("channel", Channel), ("assignee", Assignee), ("text", Text)])
            errors.Add(TextRules.Text(field, text, TextRules.FilterMax));
        errors.Add(RequestRange.Span("from", From, "to", To));
        filter = filter with
        {
            Active = active, Acknowledged = Acknowledged, SeverityMin = severity.Code, Device = Device is null ? null : id,
            Rule = Rule, Channel = Channel, Assignee = Assignee, Text = string.IsNullOrEmpty(Text) ? null : Text,
            FromMicros = From ?? long.MinValue, ToMicros = To ?? long.MaxValue,
            Devices = errors.Any ? null : fleet.SetFor(caller, Site),
        };
        return errors.Any ? errors : null;
    }
}
