using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Batches;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Hubs;

/// <summary>Batches put together again from the tables, for comparing what was stored with what was sent.</summary>
public static class BatchQueries
{
    private const int BatchesAtOnce = 64;

    /// <summary>Every stored batch in the order of storing, read little by little: batches that arrive meanwhile are
    /// included when they are reached.</summary>
    public static IEnumerable<StoredBatch> EnumerateBatches(
        this HubStore store, TenantId? tenant = null, DeviceId? device = null)
    {
        var (after, some) = (0L, new List<StoredBatch>());
        do
        {
            (some, after) = store.Read(database => ReadSome(database, tenant, device, after));
            foreach (var batch in some)
                yield return batch;
        }
        while (some.Count > 0);
    }

    private static (List<StoredBatch> Batches, long Last) ReadSome(
        Database database, TenantId? tenant, DeviceId? device, long after)
    {
        var rows = database.Cached("""
            SELECT batch.id, tenant, device, epoch, first_sequence, sequence, class, batch.records, created, received, batch.bytes
            FROM batch JOIN device ON device.id = device_id
            WHERE batch.id > ?1 AND (?2 IS NULL OR tenant = ?2) AND (?3 IS NULL OR device = ?3) ORDER BY batch.id LIMIT ?4
            """).Bind(1, after).BindOptional(2, tenant?.Value).BindOptional(3, device?.Value).Bind(4, BatchesAtOnce);
        var batches = new List<StoredBatch>();
        while (rows.Step())
        {
            after = rows.Int64(0);
            var header = new BatchHeader(new DeviceId(rows.Text(2)), rows.UInt64(3), rows.UInt64(4), rows.UInt64(5),
                (RecordClass)rows.Int32(6), rows.Int32(7), rows.Int64(8));
            batches.Add(new StoredBatch(new TenantId(rows.Text(1)), header, rows.Int64(9), rows.Int32(10),
                ReadRecords(database, after, header.Class)));
        }

        return (batches, after);
    }

    private static RecordBatch ReadRecords(Database database, long batch, RecordClass recordClass)
    {
        var records = new RecordBatch(recordClass);
        ReadSeries(Of(database, "SELECT name, data FROM chunk JOIN channel ON channel.id = channel_id", "chunk.id",
            batch), records);
        ReadAll(Of(database, $"SELECT {RecordReader.VerdictColumns} FROM verdict", "id", batch), records.Verdicts,
            RecordReader.Verdict);
        ReadAll(Of(database, $"SELECT {RecordReader.AlarmColumns} FROM alarm", "id", batch), records.Alarms,
            RecordReader.Alarm);
        ReadAll(Of(database, $"SELECT {RecordReader.WindowColumns} FROM raw_window", "id", batch), records.RawWindows,
            RecordReader.Window);
        ReadAll(
            Of(database, $"SELECT {RecordReader.GapColumns} FROM gap", "id", batch), records.Gaps, RecordReader.Gap);
        ReadAll(Of(database, $"SELECT {RecordReader.UsageColumns} FROM usage", "id", batch), records.Usage,
            RecordReader.Usage);
        return records;
    }

    private static Statement Of(Database database, string select, string id, long batch) => database
        .Cached($"{select} WHERE {id} >= ?1 AND {id} < ?2 ORDER BY {id}")
        .Bind(1, batch << HubSchema.PartBits).Bind(2, (batch + 1) << HubSchema.PartBits);

    private static void ReadSeries(Statement rows, RecordBatch records)
    {
        long[] times = [];
        double[] values = [];
        while (rows.Step())
        {
            var count = SeriesCodec.Decode(rows.Blob(1), ref times, ref values);
            records.AddReadings(new ChannelName(rows.Text(0)), times.AsSpan(0, count), values.AsSpan(0, count));
        }

        rows.Reset();
    }

    private static void ReadAll<T>(Statement rows, List<T> into, Func<Statement, int, T> read)
    {
        while (rows.Step())
            into.Add(read(rows, 0));
        rows.Reset();
    }
}
