using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Pricing;
using LeptonEdge.Core.Records;
using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Hubs;

/// <summary>What was used, by whom, where.</summary>
public static class MeterQueries
{
    private const long HourMicros = 60 * SumTable.MinuteMicros;
    private const string FlushKey = "meter:hub";

    /// <summary>Adds what the hub metered itself, once: asked again under the same name, it adds nothing.</summary>
    /// <param name="name">Of this addition; never used for another one, and not equal to the one before it.</param>
    /// <exception cref="HubStoreException">The disk failed or is full; ask again with the same name.</exception>
    public static void AddUsage(this HubStore store, TenantId tenant, string name, IReadOnlyList<HubUsage> usage)
    {
        var now = store.NowMicros;
        store.Write(writer =>
        {
            var last = writer.Database.Cached("SELECT value FROM setting WHERE key = ?1").Bind(1, FlushKey);
            var known = last.Step() && last.Text(0) == name;
            last.Reset();
            if (known)
                return 0;
            writer.Database.Cached("INSERT OR REPLACE INTO setting (key, value) VALUES (?1, ?2)")
                .Bind(1, FlushKey).Bind(2, name).Run();
            foreach (var entry in usage)
            {
                var device = entry.Device is { } owner ? writer.DeviceKey(tenant, owner, now) : 0;
                writer.Meters.Take(device, entry, now);
            }

            return usage.Count;
        });
    }

    /// <summary>Sums over a range of time: by minute while the minutes reach back that far, else by hour.</summary>
    public static MeterReading ReadMeters(this HubStore store, MeterFilter filter) => store.Read(database =>
    {
        var step = (long)(filter.Step ?? TimeSpan.Zero).TotalMicroseconds;
        var width = step < HourMicros
            && filter.ToMicros - filter.FromMicros <= (long)MeterFilter.MinutesMax.TotalMicroseconds
            && KeptFrom(database, "meter_minute") <= Floor(filter.FromMicros, SumTable.MinuteMicros)
            ? SumTable.MinuteMicros
            : HourMicros;
        var table = width == HourMicros ? "meter_hour" : "meter_minute";
        var (from, to) = (Floor(filter.FromMicros, width), Floor(filter.ToMicros - 1, width) + width);
        var rows = database.Cached($"""
            SELECT tenant, device, workload, model, version, node, total(verdicts), total(inferences), total(core_us),
                total(accelerator_us), total({table}.bytes), total(measured_uj), total(estimated_uj), {(step == 0 ? "0" : "bucket / ?7 * ?7")} AS step
            FROM {table} LEFT JOIN device ON device.id = device_id
            WHERE bucket >= ?1 AND bucket < ?2 AND (?3 IS NULL OR device_id = 0 OR tenant = ?3)
                AND (?4 IS NULL OR device = ?4) AND (?5 IS NULL OR workload = ?5) AND (?6 IS NULL OR model = ?6)
            GROUP BY step, device_id, workload, model, version, node
            ORDER BY step, device, workload, model, version, node
            """).Bind(1, from).Bind(2, to).BindOptional(3, filter.Tenant?.Value).BindOptional(4, filter.Device?.Value)
            .BindOptional(5, filter.Workload).BindOptional(6, filter.Model);
        if (step > 0)
            rows.Bind(7, Math.Max(step, width));
        var sums = new List<MeterSum>();
        while (rows.Step())
            sums.Add(Read(rows));
        rows.Reset();
        return new MeterReading(sums, from, to, TimeSpan.FromMicroseconds(width), KeptFrom(database, table));
    });

    private static MeterSum Read(Statement row) => new(
        row.IsNull(0) ? null : new TenantId(row.Text(0)), row.IsNull(1) ? null : new DeviceId(row.Text(1)),
        row.Text(2), row.Text(3), row.Text(4), (NodeKind)row.Int32(5),
        new UsageAmounts(
            row.Int64(7), row.Int64(8), row.Int64(9), row.Int64(10), row.Int64(11), row.Int64(12)),
        row.Int64(6))
    {
        StepMicros = row.Int64(13),
    };

    private static long KeptFrom(Database database, string table)
    {
        var kept = database.Cached("SELECT value FROM setting WHERE key = ?1").Bind(1, SumTable.KeptKey(table));
        var from = kept.Step() && !kept.IsNull(0) ? kept.Int64(0) : 0;
        kept.Reset();
        return from;
    }

    private static long Floor(long micros, long width) => micros / width * width;
}
