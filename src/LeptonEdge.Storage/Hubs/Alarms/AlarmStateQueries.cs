using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Identity;
using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Hubs.Alarms;

/// <summary>Alarms from raising to clearing, and what people did about them.</summary>
public static class AlarmStateQueries
{
    public const int CommentsMax = 200;

    internal const string Columns = """
        alarm_state.id, tenant, device, rule, channel, severity, raised, times, cleared, value, message, acknowledged,
        acknowledged_by, assignee, comments, version, changed
        """;

    /// <summary>Null when there is none.</summary>
    public static AlarmState? AlarmState(this HubStore store, TenantId tenant, long id) => store.Read(database =>
        Find(database, tenant, id));

    /// <summary>Rules that have raised alarms, with the newest alarm of each.</summary>
    public static IReadOnlyList<AlarmRule> AlarmRules(this HubStore store, TenantId tenant) => store.Read(database =>
    {
        // SQLite takes the bare columns of the row with the largest time.
        var rows = database.Cached("""
            SELECT device, rule, channel, severity, sum(times), sum(cleared IS NULL), max(raised), message
            FROM alarm_state JOIN device ON device.id = device_id WHERE tenant = ?1
            GROUP BY device_id, rule, channel ORDER BY device, rule, channel LIMIT 10000
            """).Bind(1, tenant.Value);
        var found = new List<AlarmRule>();
        while (rows.Step())
        {
            found.Add(new AlarmRule(
                new DeviceId(rows.Text(0)), rows.Text(1), new ChannelName(rows.Text(2)), (AlarmSeverity)rows.Int32(3),
                rows.Int64(4), rows.Int64(5) > 0, rows.Int64(6), rows.Text(7)));
        }

        return found;
    });

    /// <summary>Oldest first.</summary>
    /// <param name="after">Only those numbered higher.</param>
    public static IReadOnlyList<AlarmComment> AlarmComments(
        this HubStore store, long alarm, int limit, long after = 0) => store.Read(database =>
    {
        var rows = database.Cached("""
            SELECT id, author, time, text FROM alarm_comment WHERE alarm_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3
            """).Bind(1, alarm).Bind(2, after).Bind(3, (long)limit);
        var found = new List<AlarmComment>();
        while (rows.Step())
            found.Add(new AlarmComment(rows.Int64(0), alarm, rows.Text(1), rows.Int64(2), rows.Text(3)));
        return found;
    });

    /// <summary>Changes one alarm; it is on the disk when this returns.</summary>
    /// <returns>What became of it, and the alarm as it is then.</returns>
    public static (AlarmChanged Outcome, AlarmState? State) ChangeAlarm(
        this HubStore store, TenantId tenant, long id, AlarmChange change)
    {
        var now = store.NowMicros;
        return store.Write(writer =>
        {
            var database = writer.Database;
            if (Find(database, tenant, id) is not { } state)
                return (AlarmChanged.Unknown, (AlarmState?)null);
            if (change.IfVersion is { } version && version != state.Version)
                return (AlarmChanged.Differs, state);
            if (change.Comment is not null && state.Comments >= CommentsMax)
                return (AlarmChanged.Full, state);
            Write(database, state, change, now);
            return (AlarmChanged.Done, Find(database, tenant, id));
        });
    }

    private static void Write(Database database, AlarmState state, AlarmChange change, long now)
    {
        var update = database.Cached("""
            UPDATE alarm_state SET acknowledged = ?2, acknowledged_by = ?3, assignee = ?4, comments = comments + ?5,
                version = version + 1, changed = ?6 WHERE id = ?1
            """).Bind(1, state.Id);
        // Who was the first to acknowledge it stays.
        var (acknowledged, by) = change.Acknowledged switch
        {
            true when state.AcknowledgedMicros is null => ((long?)now, change.By),
            false => (null, null),
            _ => (state.AcknowledgedMicros, state.AcknowledgedBy),
        };
        (acknowledged is { } time ? update.Bind(2, time) : update.BindNull(2)).BindOptional(3, by);
        var assignee = change.Assignee is null ? state.Assignee : change.Assignee.Length == 0 ? null : change.Assignee;
        update.BindOptional(4, assignee).Bind(5, change.Comment is null ? 0L : 1L).Bind(6, now).Run();
        if (change.Comment is { } text)
            database.Cached("INSERT INTO alarm_comment (alarm_id, author, time, text) VALUES (?1, ?2, ?3, ?4)")
                .Bind(1, state.Id).Bind(2, change.By).Bind(3, now).Bind(4, text).Run();
    }

    private static AlarmState? Find(Database database, TenantId tenant, long id)
    {
        var row = database.Cached(
            $"SELECT {Columns} FROM alarm_state JOIN device ON device.id = device_id WHERE alarm_state.id = ?1 AND tenant = ?2")
            .Bind(1, id).Bind(2, tenant.Value);
        var found = row.Step() ? Read(row) : null;
        row.Reset();
        return found;
    }

    internal static AlarmState Read(Statement row) => new(
        row.Int64(0), new TenantId(row.Text(1)), new DeviceId(row.Text(2)), row.Text(3), new ChannelName(row.Text(4)),
        (AlarmSeverity)row.Int32(5), row.Int64(6), row.Int64(7), row.IsNull(8) ? null : row.Int64(8),
        BitConverter.Int64BitsToDouble(row.Int64(9)), row.Text(10), row.IsNull(11) ? null : row.Int64(11),
        row.IsNull(12) ? null : row.Text(12), row.IsNull(13) ? null : row.Text(13), row.Int32(14), row.Int64(15),
        row.Int64(16));
}
