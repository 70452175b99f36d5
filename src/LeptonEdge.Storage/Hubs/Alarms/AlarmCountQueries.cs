using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Identity;

namespace LeptonEdge.Storage.Hubs.Alarms;

/// <summary>How many alarms of a device and severity stand, and how many of them nobody acknowledged.</summary>
public readonly record struct AlarmCount(DeviceId Device, AlarmSeverity Severity, int Active, int Unacknowledged);

/// <summary>Alarms in numbers.</summary>
public static class AlarmCountQueries
{
    /// <summary>Those that stand, by device and severity.</summary>
    public static IReadOnlyList<AlarmCount> AlarmCounts(this HubStore store, TenantId tenant) => store.Read(database =>
    {
        var rows = database.Cached("""
            SELECT device, severity, count(*), sum(acknowledged IS NULL)
            FROM alarm_state INDEXED BY alarm_state_open CROSS JOIN device ON device.id = device_id
            WHERE cleared IS NULL AND tenant = ?1
            GROUP BY device_id, severity
            """).Bind(1, tenant.Value);
        var found = new List<AlarmCount>();
        while (rows.Step())
            found.Add(new AlarmCount(
                new DeviceId(rows.Text(0)), (AlarmSeverity)rows.Int32(1), rows.Int32(2), rows.Int32(3)));
        return found;
    });
}
