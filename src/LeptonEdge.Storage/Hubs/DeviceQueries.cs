using LeptonEdge.Core.Identity;
using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Hubs;

/// <summary>Devices, their channels, and what the hub keeps about each device and for itself.</summary>
public static class DeviceQueries
{
    /// <summary>Every device that ever sent anything, by tenant and name.</summary>
    public static IReadOnlyList<DeviceSummary> Devices(this HubStore store, TenantId? tenant = null) =>
        store.Read(database =>
    {
        var rows = database.Cached("""
            SELECT tenant, device, first_seen, last_seen, batches, records, bytes FROM device
            WHERE ?1 IS NULL OR tenant = ?1 ORDER BY tenant, device
            """).BindOptional(1, tenant?.Value);
        var devices = new List<DeviceSummary>();
        while (rows.Step())
        {
            devices.Add(
                new DeviceSummary(new TenantId(rows.Text(0)), new DeviceId(rows.Text(1)), rows.Int64(2), rows.Int64(3),
                rows.Int64(4), rows.Int64(5), rows.Int64(6)));
        }

        return devices;
    });

    /// <summary>Batches that were stored of all devices of a tenant.</summary>
    public static long BatchCount(this HubStore store, TenantId tenant) => store.Read(database =>
    {
        var row = database.Cached("SELECT coalesce(sum(batches), 0) FROM device WHERE tenant = ?1").Bind(1, tenant.Value);
        var count = row.Step() ? row.Int64(0) : 0;
        row.Reset();
        return count;
    });

    /// <summary>One of them; null when it never sent anything.</summary>
    public static DeviceSummary? Device(this HubStore store, TenantId tenant, DeviceId device) => store.Read(database =>
    {
        var row = database.Cached("""
            SELECT first_seen, last_seen, batches, records, bytes FROM device WHERE tenant = ?1 AND device = ?2
            """).Bind(1, tenant.Value).Bind(2, device.Value);
        return row.Step()
            ? new DeviceSummary(
                tenant, device, row.Int64(0), row.Int64(1), row.Int64(2), row.Int64(3), row.Int64(4))
            : null;
    });

    /// <summary>The channels of a device by name; empty when there is no such device.</summary>
    public static IReadOnlyList<ChannelSummary> Channels(this HubStore store, TenantId tenant, DeviceId device) =>
        store.Read(database =>
        {
            var rows = database.Cached("""
                SELECT name, readings, channel.invalid, first, last, last_value FROM channel JOIN device ON device.id = device_id
                WHERE tenant = ?1 AND device = ?2 ORDER BY name
                """).Bind(1, tenant.Value).Bind(2, device.Value);
            var channels = new List<ChannelSummary>();
            while (rows.Step())
            {
                channels.Add(
                    new ChannelSummary(new ChannelName(rows.Text(0)), rows.Int64(1), rows.Int64(2), rows.Int64(3),
                    rows.Int64(4), BitConverter.Int64BitsToDouble(rows.Int64(5))));
            }

            return channels;
        });

    /// <summary>Replaces a device's reported state. A power cut may lose the newest: the device reports
    /// again.</summary>
    public static void PutReported(this HubStore store, TenantId tenant, DeviceId device, ReadOnlySpan<byte> content)
    {
        var (copy, now) = (content.ToArray(), store.NowMicros);
        store.Write(writer =>
        {
            var key = writer.DeviceKey(tenant, device, now);
            writer.Seen(key, now);
            writer.Database.Cached("INSERT OR REPLACE INTO reported (device_id, content, time) VALUES (?1, ?2, ?3)")
                .Bind(1, key).Bind(2, copy).Bind(3, now).Run();
            return 0;
        }, durable: false);
    }

    /// <summary>A device's reported state; null when it never reported. Version is 0.</summary>
    public static StoredState? Reported(this HubStore store, TenantId tenant, DeviceId device) =>
        ReadStates(store, ReportedSql, tenant, device).FirstOrDefault();

    /// <summary>The reported state of every device that ever reported.</summary>
    public static IReadOnlyList<StoredState> AllReported(this HubStore store, TenantId? tenant = null) =>
        ReadStates(store, ReportedSql, tenant, null);

    /// <summary>Replaces a device's desired state; it is on the disk when this returns.</summary>
    public static void PutDesired(
        this HubStore store, TenantId tenant, DeviceId device, ulong version, ReadOnlySpan<byte> content)
    {
        var (copy, now) = (content.ToArray(), store.NowMicros);
        store.Write(writer =>
        {
            writer.Database.Cached(
                "INSERT OR REPLACE INTO desired (device_id, version, content, time) VALUES (?1, ?2, ?3, ?4)")
                .Bind(1, writer.DeviceKey(tenant, device, now)).Bind(2, version).Bind(3, copy).Bind(4, now).Run();
            return 0;
        });
    }

    /// <summary>A device's desired state; null when there is none.</summary>
    public static StoredState? Desired(this HubStore store, TenantId tenant, DeviceId device) =>
        ReadStates(store, DesiredSql, tenant, device).FirstOrDefault();

    /// <summary>The desired state of every device that has one.</summary>
    public static IReadOnlyList<StoredState> AllDesired(this HubStore store, TenantId? tenant = null) =>
        ReadStates(store, DesiredSql, tenant, null);

    /// <summary>A value that the hub keeps for itself; null when there is none.</summary>
    public static byte[]? Setting(this HubStore store, string key) => store.Read(database =>
    {
        var row = database.Cached("SELECT value FROM setting WHERE key = ?1").Bind(1, key);
        return row.Step() ? row.Blob(0).ToArray() : null;
    });

    public static void PutSetting(this HubStore store, string key, ReadOnlySpan<byte> value)
    {
        var copy = value.ToArray();
        store.Write(writer =>
        {
            writer.Database.Cached("INSERT OR REPLACE INTO setting (key, value) VALUES (?1, ?2)").Bind(1, key)
                .Bind(2, copy).Run();
            return 0;
        });
    }

    private const string ReportedSql = """
        SELECT tenant, device, 0, content, time FROM reported JOIN device ON device.id = device_id
        WHERE (?1 IS NULL OR tenant = ?1) AND (?2 IS NULL OR device = ?2) ORDER BY tenant, device
        """;

    private const string DesiredSql = """
        SELECT tenant, device, version, content, time FROM desired JOIN device ON device.id = device_id
        WHERE (?1 IS NULL OR tenant = ?1) AND (?2 IS NULL OR device = ?2) ORDER BY tenant, device
        """;

    private static List<StoredState> ReadStates(HubStore store, string sql, TenantId? tenant, DeviceId? device) =>
        store.Read(database =>
        {
            var rows = database.Cached(sql).BindOptional(1, tenant?.Value).BindOptional(2, device?.Value);
            var states = new List<StoredState>();
            while (rows.Step())
            {
                states.Add(new StoredState(new TenantId(rows.Text(0)), new DeviceId(rows.Text(1)), rows.UInt64(2),
                    rows.Blob(3).ToArray(), rows.Int64(4)));
            }

            return states;
        });
}
