using LeptonEdge.Core.Alarms;
using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Hubs.Alarms;

/// <summary>Lists of alarms, in any of their orders.</summary>
public static class AlarmListQueries
{
    /// <summary>The newest first.</summary>
    public static IReadOnlyList<AlarmState> AlarmStates(this HubStore store, AlarmFilter filter, int limit) =>
        store.AlarmStates(filter, AlarmPage.Newest(limit));

    public static IReadOnlyList<AlarmState> AlarmStates(this HubStore store, AlarmFilter filter, AlarmPage page) =>
        store.Read(database =>
        {
            var found = new List<AlarmState>();
            var bounded = Bounded(filter, page);
            var rows = Bind(database.Cached(Sql(bounded, page)), bounded, page);
            while (rows.Step())
                found.Add(AlarmStateQueries.Read(rows));
            return found;
        });

    // An index is entered where the page begins: its bound and the range's are one.
    private static AlarmFilter Bounded(AlarmFilter filter, AlarmPage page) => page switch
    {
        { Order: not AlarmOrder.Raised } or { After: null } => filter,
        { Down: true } => filter with { ToMicros = Math.Min(filter.ToMicros, page.After.RaisedMicros + 1) },
        _ => filter with { FromMicros = Math.Max(filter.FromMicros, page.After.RaisedMicros) },
    };

    // A text for each set of filters and order: what is not asked for is not in it, so that the index fits it.
    internal static string Sql(AlarmFilter filter, AlarmPage page)
    {
        var way = page.Down ? "DESC" : "ASC";
        var key = page.Order switch
        {
            AlarmOrder.Changed => "changed", AlarmOrder.Severity => "severity, raised", AlarmOrder.Device => "device, raised",
            _ => "raised",
        };
        var order = string.Join(", ", key.Split(", ").Append("alarm_state.id").Select(column => $"{column} {way}"));
        // Devices by name come from their own table; every other order from an index of the alarms.
        var from = page.Order == AlarmOrder.Device && filter.Device is null && Index(filter, page) == "alarm_state_device"
            ? "device CROSS JOIN alarm_state INDEXED BY alarm_state_device ON device_id = device.id"
            : $"alarm_state INDEXED BY {Index(filter, page)} CROSS JOIN device ON device.id = device_id";
        return $"""
            SELECT {AlarmStateQueries.Columns} FROM {from}
            WHERE tenant = ?1 AND severity {(filter.SeverityMin == AlarmSeverity.Critical ? "=" : ">=")} ?2
            {After(page)}
            {Conditions(filter)}
            ORDER BY {order} LIMIT ?5
            """;
    }

    /// <summary>What is rare goes before what is in order: few rows are soon sorted.</summary>
    private static string Index(AlarmFilter filter, AlarmPage page) => filter switch
    {
        { Assignee: { Length: > 0 } } => "alarm_state_assignee",
        { Device: not null } or { Devices.AreFew: true } => "alarm_state_device",
        { Active: true } => "alarm_state_open",
        { Rule: not null } => "alarm_state_rule",
        { SeverityMin: AlarmSeverity.Critical } => "alarm_state_severity",
        _ when page.Order != AlarmOrder.Raised && (filter.FromMicros > long.MinValue || filter.ToMicros < long.MaxValue)
            => "alarm_state_raised",
        { Text: not null } when page.Order == AlarmOrder.Device => "alarm_state_raised",
        _ => page.Order switch
        {
            AlarmOrder.Changed => "alarm_state_changed",
            AlarmOrder.Severity => "alarm_state_severity",
            AlarmOrder.Device => "alarm_state_device",
            _ => filter.Acknowledged switch
            {
                true => "alarm_state_seen", false => "alarm_state_unseen", null => "alarm_state_raised",
            },
        },
    };

    private static string After(AlarmPage page)
    {
        if (page.After is null)
            return "";
        var sign = page.Down ? '<' : '>';
        return page.Order switch
        {
            AlarmOrder.Changed => $"AND (changed, alarm_state.id) {sign} (?10, ?11)",
            // The first part alone bounds the index; SQLite does not take the whole of three from it.
            AlarmOrder.Severity =>
                $"AND severity {sign}= ?12 AND (severity {sign} ?12 OR (raised, alarm_state.id) {sign} (?10, ?11))",
            AlarmOrder.Device =>
                $"AND device {sign}= ?13 AND (device {sign} ?13 OR (raised, alarm_state.id) {sign} (?10, ?11))",
            _ => $"AND (+raised, alarm_state.id) {sign} (?10, ?11)",
        };
    }

    private static string Conditions(AlarmFilter filter) => string.Join('\n', new[]
    {
        filter.FromMicros == long.MinValue ? "" : "AND raised >= ?3",
        filter.ToMicros == long.MaxValue ? "" : "AND raised < ?4",
        filter.Active switch { true => "AND cleared IS NULL", false => "AND cleared IS NOT NULL", null => "" },
        filter.Acknowledged switch
        {
            true => "AND acknowledged IS NOT NULL", false => "AND acknowledged IS NULL", null => "",
        },
        filter.Device is null ? "" : "AND device_id = (SELECT one.id FROM device AS one WHERE one.tenant = ?1 AND one.device = ?6)",
        filter.Devices is null ? "" : """
            AND device_id IN (SELECT seen.id FROM json_each(?14) CROSS JOIN device AS seen
                ON seen.tenant = ?1 AND seen.device = value)
            """,
        filter.Rule is null ? "" : "AND rule = ?7",
        filter.Channel is null ? "" : "AND channel = ?8",
        filter.Assignee switch
        {
            null => "", "" => "AND assignee IS NULL", _ => "AND assignee = ?9 AND assignee IS NOT NULL",
        },
        filter.Text is null ? "" : "AND instr(lower(rule || ' ' || channel || ' ' || message), lower(?15)) > 0",
    }.Where(text => text.Length > 0));

    private static Statement Bind(Statement rows, AlarmFilter filter, AlarmPage page)
    {
        rows.Bind(1, filter.Tenant.Value).Bind(2, (long)filter.SeverityMin).Bind(5, (long)page.Limit);
        if (filter.FromMicros > long.MinValue)
            rows.Bind(3, filter.FromMicros);
        if (filter.ToMicros < long.MaxValue)
            rows.Bind(4, filter.ToMicros);
        if (filter.Device is { } device)
            rows.Bind(6, device.Value);
        if (filter.Rule is { } rule)
            rows.Bind(7, rule);
        if (filter.Channel is { } channel)
            rows.Bind(8, channel);
        if (filter.Assignee is { Length: > 0 } assignee)
            rows.Bind(9, assignee);
        if (filter.Devices is { } set)
            rows.Bind(14, set.Json);
        if (filter.Text is { } text)
            rows.Bind(15, text);
        if (page.After is not { } after)
            return rows;
        rows.Bind(10, page.Order == AlarmOrder.Changed ? after.ChangedMicros : after.RaisedMicros).Bind(11, after.Id);
        return page.Order switch
        {
            AlarmOrder.Severity => rows.Bind(12, (long)after.Severity),
            AlarmOrder.Device => rows.Bind(13, after.Device),
            _ => rows,
        };
    }
}
