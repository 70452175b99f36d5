using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Storage.Hubs.Charts;
using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Hubs;

/// <summary>Readings by range, as they are.</summary>
public static class ReadingQueries
{
    private const string ChunksSql = """
        SELECT start, chunk.id FROM chunk
        WHERE channel_id = ?1 AND start >= ?2 AND start < ?3 AND end >= ?4 ORDER BY start, chunk.id
        """;

    /// <summary>The readings of [<paramref name="fromMicros"/>, <paramref name="toMicros"/>) by device time.</summary>
    /// <param name="readingsMax">1 or more.</param>
    public static ReadingRange ReadReadings(this HubStore store, TenantId tenant, DeviceId device, ChannelName channel,
        long fromMicros, long toMicros, int readingsMax = 100_000) => store.Read(database =>
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(readingsMax, 1);
        var chunks = Overlapping(database, tenant, device, channel, fromMicros, toMicros);
        if (chunks is null)
            return new ReadingRange([], false);
        var readings = new List<Reading>();
        var decoder = new ChunkDecoder(database);
        var newest = long.MinValue;
        while (chunks.Step())
        {
            // Chunks come by their start: once enough is there, one that starts later has nothing older to add.
            if (readings.Count > readingsMax && chunks.Int64(0) > newest)
                break;
            decoder.Decode(chunks.Int64(1));
            for (var i = 0; i < decoder.Count; i++)
            {
                if (decoder.Times[i] < fromMicros || decoder.Times[i] >= toMicros)
                    continue;
                readings.Add(new Reading(decoder.Times[i], decoder.Values[i]));
                newest = Math.Max(newest, decoder.Times[i]);
            }
        }

        // A stable sort: readings of one time stay in the order they were read.
        var sorted = readings.OrderBy(reading => reading.TimeMicros).Take(readingsMax).ToList();
        return new ReadingRange(sorted, readings.Count > readingsMax);
    });

    /// <summary>The newest reading of each of these channels; those without one are left out.</summary>
    public static IReadOnlyDictionary<(DeviceId Device, ChannelName Channel), Reading> LatestReadings(
        this HubStore store, TenantId tenant, IReadOnlyCollection<(DeviceId Device, ChannelName Channel)> channels) =>
        store.Read(database =>
        {
            var found = new Dictionary<(DeviceId, ChannelName), Reading>(channels.Count);
            foreach (var (device, channel) in channels)
            {
                var row = database.Cached("""
                    SELECT last, last_value FROM channel JOIN device ON device.id = device_id
                    WHERE tenant = ?1 AND device = ?2 AND name = ?3 AND last IS NOT NULL
                    """).Bind(1, tenant.Value).Bind(2, device.Value).Bind(3, channel.Value);
                if (row.Step())
                    found[(device, channel)] =
                        new Reading(row.Int64(0), BitConverter.Int64BitsToDouble(row.Int64(1)));
                row.Reset();
            }

            return found;
        });

    private static Statement? Overlapping(
        Database database, TenantId tenant, DeviceId device, ChannelName channel, long fromMicros, long toMicros)
    {
        var find = database.Cached("""
            SELECT channel.id, span_max FROM channel JOIN device ON device.id = device_id
            WHERE tenant = ?1 AND device = ?2 AND name = ?3
            """).Bind(1, tenant.Value).Bind(2, device.Value).Bind(3, channel.Value);
        if (!find.Step())
            return null;
        var (key, span) = (find.Int64(0), find.Int64(1));
        // No chunk of this channel is longer than the span, so none that starts before this reaches into the range.
        var earliest = (Int128)fromMicros - span;
        return database.Cached(ChunksSql).Bind(1, key)
            .Bind(2, earliest < long.MinValue ? long.MinValue : (long)earliest)
            .Bind(3, toMicros).Bind(4, fromMicros);
    }
}
