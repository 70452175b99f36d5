using LeptonEdge.Core.Identity;
using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Hubs;

/// <summary>Alarms, verdicts, raw windows and gaps: the newest first.</summary>
public static class RecordQueries
{
    // Narrowing by tenant, device and time reads the same in every list.
    private const string Who = "(?1 IS NULL OR tenant = ?1) AND (?2 IS NULL OR device = ?2)";

    /// <summary>Alarm events by device time, newest first.</summary>
    public static IReadOnlyList<StoredAlarm> Alarms(this HubStore store, RecordFilter filter, int limit = 100) =>
        store.Read(database => ReadAlarms(Bind(database, $"""
            SELECT alarm.id, tenant, device, received, {RecordReader.AlarmColumns} FROM alarm
            JOIN device ON device.id = alarm.device_id JOIN batch ON batch.id = alarm.id >> {HubSchema.PartBits}
            WHERE {Who} AND alarm.time >= ?3 AND alarm.time < ?4 AND (?6 IS NULL OR channel = ?6) AND (?7 IS NULL OR rule = ?7)
                AND severity >= ?8 AND (alarm.time, alarm.id) < (?9, ?10)
            ORDER BY alarm.time DESC, alarm.id DESC LIMIT ?5
            """, filter, limit).BindOptional(6, filter.Channel?.Value).BindOptional(7, filter.Rule)
            .Bind(8, (long)filter.SeverityMin).Bind(9, filter.BeforeMicros).Bind(10, filter.BeforeId)));

    /// <summary>Alarms that are raised and not yet cleared, newest first.</summary>
    public static IReadOnlyList<StoredAlarm> ActiveAlarms(
        this HubStore store, TenantId? tenant = null, DeviceId? device = null) =>
        store.Read(database => ReadAlarms(database.Cached($"""
            SELECT alarm.id, tenant, device, received, {RecordReader.AlarmColumns} FROM active_alarm
            JOIN alarm ON alarm.id = alarm_id JOIN device ON device.id = alarm.device_id
            JOIN batch ON batch.id = alarm.id >> {HubSchema.PartBits}
            WHERE {Who} ORDER BY alarm.time DESC, alarm.id DESC
            """).BindOptional(1, tenant?.Value).BindOptional(2, device?.Value)));

    /// <summary>Verdicts by device time, newest first.</summary>
    public static IReadOnlyList<StoredVerdict> Verdicts(this HubStore store, RecordFilter filter, int limit = 100) =>
        store.Read(database =>
        {
            var rows = Bind(database, $"""
                SELECT tenant, device, received, {RecordReader.VerdictColumns} FROM verdict
                JOIN device ON device.id = verdict.device_id JOIN batch ON batch.id = verdict.id >> {HubSchema.PartBits}
                WHERE {Who} AND verdict.time >= ?3 AND verdict.time < ?4 AND (?6 IS NULL OR workload = ?6)
                    AND (?7 IS NULL OR channel = ?7)
                ORDER BY verdict.time DESC, verdict.id DESC LIMIT ?5
                """, filter, limit).BindOptional(6, filter.Workload?.Value).BindOptional(7, filter.Channel?.Value);
            var verdicts = new List<StoredVerdict>();
            while (rows.Step())
            {
                verdicts.Add(new StoredVerdict(
                    new TenantId(rows.Text(0)), new DeviceId(rows.Text(1)), RecordReader.Verdict(rows, 3),
                    rows.Int64(2)));
            }

            return verdicts;
        });

    /// <summary>Raw windows by the time of their first sample, newest first.</summary>
    public static IReadOnlyList<StoredRawWindow> RawWindows(this HubStore store, RecordFilter filter, int limit = 10) =>
        store.Read(database =>
        {
            var rows = Bind(database, $"""
                SELECT tenant, device, received, {RecordReader.WindowColumns} FROM raw_window
                JOIN device ON device.id = raw_window.device_id JOIN batch ON batch.id = raw_window.id >> {HubSchema.PartBits}
                WHERE {Who} AND start >= ?3 AND start < ?4 AND (?6 IS NULL OR channel = ?6)
                ORDER BY start DESC, raw_window.id DESC LIMIT ?5
                """, filter, limit).BindOptional(6, filter.Channel?.Value);
            var windows = new List<StoredRawWindow>();
            while (rows.Step())
            {
                windows.Add(new StoredRawWindow(
                    new TenantId(rows.Text(0)), new DeviceId(rows.Text(1)), RecordReader.Window(rows, 3),
                    rows.Int64(2)));
            }

            return windows;
        });

    /// <summary>What devices had to shed, newest first.</summary>
    public static IReadOnlyList<StoredGap> Gaps(this HubStore store, RecordFilter filter, int limit = 100) =>
        store.Read(database =>
        {
            var rows = Bind(database, $"""
                SELECT tenant, device, epoch, received, {RecordReader.GapColumns}, gap.id FROM gap
                JOIN device ON device.id = gap.device_id JOIN batch ON batch.id = gap.id >> {HubSchema.PartBits}
                WHERE {Who} AND gap.time >= ?3 AND gap.time < ?4 AND gap.id < ?6 ORDER BY gap.id DESC
                """, filter, limit).Bind(6, filter.BeforeId);
            var gaps = new List<StoredGap>();
            while (gaps.Count < limit && rows.Step())
            {
                var device = new DeviceId(rows.Text(1));
                if (filter.Sees?.Invoke(device) is false)
                    continue;
                gaps.Add(new StoredGap(new TenantId(rows.Text(0)), device, rows.UInt64(2),
                    RecordReader.Gap(rows, 4), rows.Int64(3), rows.Int64(10)));
            }

            return gaps;
        });

    private static Statement Bind(Database database, string sql, RecordFilter filter, int limit) =>
        database.Cached(sql).BindOptional(1, filter.Tenant?.Value).BindOptional(2, filter.Device?.Value)
            .Bind(3, filter.FromMicros).Bind(4, filter.ToMicros).Bind(5, limit);

    private static List<StoredAlarm> ReadAlarms(Statement rows)
    {
        var alarms = new List<StoredAlarm>();
        while (rows.Step())
        {
            alarms.Add(new StoredAlarm(rows.Int64(0), new TenantId(rows.Text(1)), new DeviceId(rows.Text(2)),
                RecordReader.Alarm(rows, 4), rows.Int64(3)));
        }

        return alarms;
    }
}
