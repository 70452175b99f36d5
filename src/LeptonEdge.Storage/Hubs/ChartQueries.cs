using LeptonEdge.Core.Identity;
using LeptonEdge.Storage.Hubs.Charts;
using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Hubs;

/// <summary>Readings of a range down-sampled.</summary>
public static class ChartQueries
{
    /// <summary>Buckets that one query returns at most.</summary>
    public const int BucketsMax = 100_000;

    /// <summary>Sums written at once, between which batches are stored.</summary>
    private const int StepsAtOnce = 50;

    /// <summary>The readings of [<paramref name="fromMicros"/>, <paramref name="toMicros"/>) in buckets of equal width
    /// that begin at multiples of it; buckets without readings are left out. Quick for long ranges where the width is a
    /// multiple of a minute.</summary>
    /// <exception cref="ArgumentException">The width is below 1, or the answer would exceed
    /// <see cref="BucketsMax"/>.</exception>
    public static IReadOnlyList<ReadingBucket> ReadBuckets(this HubStore store, TenantId tenant, DeviceId device,
        ChannelName channel, long fromMicros, long toMicros, long bucketMicros)
    {
        if (bucketMicros < 1)
            throw new ArgumentException(
                $"a bucket of {bucketMicros} µs: give it a width of 1 or more", nameof(bucketMicros));
        return store.Read(database =>
        {
            if (Find(database, tenant, device, channel) is not { } key)
                return (IReadOnlyList<ReadingBucket>)[];
            // Asked before the snapshot is taken: what is written as sums in between is in both, and left out here.
            var oldestOpen = store.Charts.OldestOf(key);
            try
            {
                database.Run("BEGIN");
                var buckets = new BucketTable(bucketMicros, BucketsMax);
                new ChartReader(database, Describe(database, key), buckets).Read(
                    fromMicros, toMicros, ChartLevel.For(bucketMicros), oldestOpen);
                return buckets.ToList();
            }
            finally
            {
                database.ResetAll();
                database.RollBack();
            }
        });
    }

    /// <summary>Writes the sums that charts of long ranges are made of, as far as they are due; to be called every few
    /// seconds. What it has not written yet is read from the readings themselves.</summary>
    /// <param name="all">Those too that are not due, as before the store is closed.</param>
    /// <returns>True when there is more to do.</returns>
    /// <exception cref="HubStoreException">The disk failed or is full.</exception>
    public static bool WriteCharts(this HubStore store, bool all = false)
    {
        var due = all ? long.MaxValue : store.NowMicros - ChartTables.WaitMicros;
        var more = true;
        // Sums can be made again from the readings: they need no fsync of their own.
        for (var step = 0; step < StepsAtOnce && more; step++)
        {
            if (store.Charts.IsLive && store.Charts.Ripe(due) is null)
                return false;
            more = store.Write(writer => writer.WriteCharts(due, store.NowMicros), durable: false);
        }

        return more;
    }

    private static long? Find(Database database, TenantId tenant, DeviceId device, ChannelName channel)
    {
        var find = database.Cached("""
            SELECT channel.id FROM channel JOIN device ON device.id = device_id
            WHERE tenant = ?1 AND device = ?2 AND name = ?3
            """).Bind(1, tenant.Value).Bind(2, device.Value).Bind(3, channel.Value);
        long? key = find.Step() ? find.Int64(0) : null;
        find.Reset();
        return key;
    }

    private static ChartChannel Describe(Database database, long key)
    {
        var find = database.Cached("SELECT span_max, folded FROM channel WHERE id = ?1").Bind(1, key);
        var channel = find.Step() ? new ChartChannel(key, find.Int64(0), find.Int64(1)) : new ChartChannel(key, 0, 0);
        find.Reset();
        return channel;
    }
}
