using LeptonEdge.Core.Identity;
using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Hubs;

/// <summary>What devices sent that the hub could not read.</summary>
public static class QuarantineQueries
{
    private const string Who = "(?1 IS NULL OR tenant = ?1) AND (?2 IS NULL OR device = ?2)";

    /// <summary>Batches in quarantine, newest first, without their bytes. Of the filter, tenant, device and hub time
    /// count.</summary>
    public static IReadOnlyList<QuarantinedBatch> Quarantined(
        this HubStore store, RecordFilter filter, int limit = 100) => store.Read(database =>
    {
        var rows = database.Cached($"""
            SELECT quarantine.id, tenant, device, epoch, first_sequence, sequence, reason, quarantine.bytes, kept, received
            FROM quarantine JOIN device ON device.id = device_id
            WHERE {Who} AND received >= ?3 AND received < ?4 AND quarantine.id < ?6
            ORDER BY quarantine.id DESC
            """).BindOptional(1, filter.Tenant?.Value).BindOptional(2, filter.Device?.Value)
            .Bind(3, filter.FromMicros).Bind(4, filter.ToMicros).Bind(6, filter.BeforeId);
        var batches = new List<QuarantinedBatch>();
        while (batches.Count < limit && rows.Step())
        {
            var batch = Read(rows);
            if (filter.Sees?.Invoke(batch.Device) is not false)
                batches.Add(batch);
        }

        return batches;
    });

    /// <summary>Batches whose bytes are kept, oldest first.</summary>
    /// <param name="afterId">Those numbered higher than this.</param>
    public static IReadOnlyList<(QuarantinedBatch Batch, byte[] Sealed)> QuarantinedAfter(
        this HubStore store, long afterId, int limit) => store.Read(database =>
    {
        var rows = database.Cached("""
            SELECT quarantine.id, tenant, device, epoch, first_sequence, sequence, reason, quarantine.bytes, kept, received,
                sealed
            FROM quarantine JOIN device ON device.id = device_id
            WHERE quarantine.id > ?1 AND kept <> 0 ORDER BY quarantine.id LIMIT ?2
            """).Bind(1, afterId).Bind(2, limit);
        var batches = new List<(QuarantinedBatch, byte[])>();
        while (rows.Step())
            batches.Add((Read(rows), rows.Blob(10).ToArray()));
        return batches;
    });

    /// <summary>How many batches are in quarantine.</summary>
    public static long QuarantinedCount(this HubStore store, TenantId? tenant = null, DeviceId? device = null) =>
        store.Read(database =>
        {
            var count = database.Cached(
                $"SELECT count(*) FROM quarantine JOIN device ON device.id = device_id WHERE {Who}")
                .BindOptional(1, tenant?.Value).BindOptional(2, device?.Value);
            return count.Step() ? count.Int64(0) : 0;
        });

    /// <summary>The bytes as they came; null when they are not kept, or there is no such batch.</summary>
    public static byte[]? QuarantinedBytes(this HubStore store, long id, TenantId? tenant = null) =>
        store.Read(database =>
        {
            var row = database.Cached("""
                SELECT sealed FROM quarantine JOIN device ON device.id = device_id
                WHERE quarantine.id = ?1 AND (?2 IS NULL OR tenant = ?2)
                """).Bind(1, id).BindOptional(2, tenant?.Value);
            return row.Step() && !row.IsNull(0) ? row.Blob(0).ToArray() : null;
        });

    private static QuarantinedBatch Read(Statement rows) => new(
        rows.Int64(0), new TenantId(rows.Text(1)), new DeviceId(rows.Text(2)), rows.UInt64(3), rows.UInt64(4),
        rows.UInt64(5), rows.Text(6), rows.Int32(7), rows.Int32(8) != 0, rows.Int64(9));
}
