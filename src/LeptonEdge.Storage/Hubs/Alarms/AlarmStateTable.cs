using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Records;
using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Hubs.Alarms;

/// <summary>Keeps the state of alarms in the transaction that stores their events.</summary>
internal sealed class AlarmStateTable(Database database)
{
    /// <summary>What layout 8 has more for alarms.</summary>
    public const string Create = """

        CREATE TABLE alarm_state (id INTEGER PRIMARY KEY, device_id INTEGER NOT NULL, rule TEXT NOT NULL,
            channel TEXT NOT NULL, severity INTEGER NOT NULL, raised INTEGER NOT NULL, times INTEGER NOT NULL DEFAULT 1,
            cleared INTEGER, value INTEGER NOT NULL, message TEXT NOT NULL, acknowledged INTEGER, acknowledged_by TEXT,
            assignee TEXT, comments INTEGER NOT NULL DEFAULT 0, version INTEGER NOT NULL DEFAULT 1);
        CREATE UNIQUE INDEX alarm_state_active ON alarm_state (device_id, rule, channel) WHERE cleared IS NULL;
        CREATE INDEX alarm_state_raised ON alarm_state (raised, id);
        CREATE TABLE alarm_comment (id INTEGER PRIMARY KEY AUTOINCREMENT, alarm_id INTEGER NOT NULL, author TEXT NOT NULL,
            time INTEGER NOT NULL, text TEXT NOT NULL);
        CREATE INDEX alarm_comment_alarm ON alarm_comment (alarm_id, id);
        """;

    /// <summary>From an older layout: the alarms that stand.</summary>
    public const string Fill = """

        INSERT INTO alarm_state (id, device_id, rule, channel, severity, raised, value, message)
            SELECT alarm.id, alarm.device_id, alarm.rule, alarm.channel, severity, time, value, message
            FROM active_alarm JOIN alarm ON alarm.id = alarm_id;
        """;

    /// <summary>What layout 9 has more: when an alarm changed, and an index for each order and for what is rare.</summary>
    public const string Lists = """

        ALTER TABLE alarm_state ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
        UPDATE alarm_state SET changed = max(raised, coalesce(cleared, 0), coalesce(acknowledged, 0));
        CREATE INDEX alarm_state_changed ON alarm_state (changed);
        CREATE INDEX alarm_state_severity ON alarm_state (severity, raised);
        CREATE INDEX alarm_state_device ON alarm_state (device_id, raised);
        CREATE INDEX alarm_state_rule ON alarm_state (rule, raised);
        CREATE INDEX alarm_state_open ON alarm_state (raised) WHERE cleared IS NULL;
        CREATE INDEX alarm_state_seen ON alarm_state (raised) WHERE acknowledged IS NOT NULL;
        CREATE INDEX alarm_state_unseen ON alarm_state (raised) WHERE acknowledged IS NULL;
        CREATE INDEX alarm_state_assignee ON alarm_state (assignee, raised) WHERE assignee IS NOT NULL;
        """;

    // The one that stands is raised again; another begins only after it was cleared.
    private readonly Statement _raise = database.Prepare("""
        INSERT INTO alarm_state (id, device_id, rule, channel, severity, raised, value, message, changed)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        ON CONFLICT (device_id, rule, channel) WHERE cleared IS NULL DO UPDATE SET
            severity = excluded.severity, value = excluded.value, message = excluded.message, times = times + 1,
            version = version + 1, changed = excluded.changed
        """);
    private readonly Statement _clear = database.Prepare("""
        UPDATE alarm_state SET cleared = max(?4, raised), version = version + 1, changed = ?5
        WHERE device_id = ?1 AND rule = ?2 AND channel = ?3 AND cleared IS NULL
        """);

    /// <param name="now">Hub time.</param>
    public void Take(long id, long device, AlarmEvent alarm, long now)
    {
        if (alarm.Transition == AlarmTransition.Raised)
            _raise.Bind(1, id).Bind(2, device).Bind(3, alarm.Rule).Bind(4, alarm.Channel.Value)
                .Bind(5, (long)alarm.Severity).Bind(6, alarm.TimeMicros)
                .Bind(7, BitConverter.DoubleToInt64Bits(alarm.Value)).Bind(8, alarm.Message)
                .Bind(9, now).Run();
        else
            _clear.Bind(1, device).Bind(2, alarm.Rule).Bind(3, alarm.Channel.Value).Bind(4, alarm.TimeMicros)
                .Bind(5, now).Run();
    }
}
