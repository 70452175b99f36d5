using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Tests.Protocol;
using static LeptonEdge.Tests.Storage.HubStoreFixture;

namespace LeptonEdge.Tests.Storage;

public sealed class HubStoreReadingTests : IDisposable
{
    private static readonly ChannelName Channel = new("drive-end.rms");
    private readonly HubStoreFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(1, 1_000_000)]
    [InlineData(2, 37)]
    [InlineData(3, 60_000_000)]
    [InlineData(4, 86_400_000_000)]
    [InlineData(6, 120_000_000)]
    [InlineData(7, 3_600_000_000)]
    [InlineData(8, 604_800_000_000)]
    [InlineData(5, long.MaxValue)]
    public void Buckets_equal_what_plain_arithmetic_over_the_readings_gives(int seed, long width)
    {
        var random = new Random(seed);
        var readings = Store(random, batches: 30);
        var oldest = readings.Min(r => r.TimeMicros);
        var span = Math.Min(readings.Max(r => r.TimeMicros) - oldest, width > 1000 ? long.MaxValue : 1_000_000);
        for (var i = 0; i < 20; i++)
        {
            var from = i == 0 ? long.MinValue : oldest + random.NextInt64(span);
            var to = i == 0 && width > 1000 ? long.MaxValue : oldest + random.NextInt64(span);
            var expected = readings.Where(r => r.TimeMicros >= from && r.TimeMicros < to)
                .GroupBy(r => (long)FloorDivide(r.TimeMicros, width)).OrderBy(g => g.Key).ToList();
            var buckets = _fixture.Store.ReadBuckets(Tenant, Device, Channel, from, to, width);
            Assert.Equal(expected.Count, buckets.Count);
            foreach (var (group, bucket) in expected.Zip(buckets))
                Compare(group, bucket, width);
        }
    }

    [Fact]
    public void Readings_of_a_range_come_by_time_and_to_the_bit()
    {
        var random = new Random(9);
        var readings = Store(random, batches: 30);
        for (var i = 0; i < 40; i++)
        {
            var (from, to) = (Pick(), Pick());
            var max = random.Next(3) == 0 ? random.Next(1, 200) : 1_000_000;
            var expected = readings.Where(r => r.TimeMicros >= from && r.TimeMicros < to)
                .OrderBy(r => r.TimeMicros).ToList();
            var range = _fixture.Store.ReadReadings(Tenant, Device, Channel, from, to, max);
            Assert.Equal(expected.Count > max, range.Truncated);
            Assert.Equal(expected.Take(max).Select(Bits), range.Readings.Select(Bits));
        }

        long Pick() => readings[random.Next(readings.Count)].TimeMicros + random.Next(-1, 2);

        static (long, long) Bits(Reading r) => (r.TimeMicros, BitConverter.DoubleToInt64Bits(r.Value));
    }

    [Fact]
    public void A_clock_that_jumps_anywhere_loses_no_reading_of_a_range()
    {
        var all = new List<Reading>();
        for (var i = 1; i <= 40; i++)
        {
            var random = new Random(i);
            var times = RandomBatches.Times(random, 200);
            var some = times.Zip(RandomBatches.Values(random, 200), (time, value) => new Reading(time, value)).ToList();
            all.AddRange(some);
            _fixture.Ingest((ulong)i, Readings(Channel, some));
        }

        foreach (var (from, to) in new[]
        {
            (long.MinValue, long.MaxValue), (0, long.MaxValue), (long.MinValue, 1_700_000_500_000_000),
            (1_700_000_100_000_000, 1_700_000_900_000_000), (long.MinValue, 0), (5L, 4L),
        })
        {
            var range = _fixture.Store.ReadReadings(Tenant, Device, Channel, from, to, int.MaxValue);
            Assert.Equal(all.Count(r => r.TimeMicros >= from && r.TimeMicros < to), range.Readings.Count);
            Assert.All(range.Readings, r => Assert.InRange(r.TimeMicros, from, to - 1));
        }

        var channel = Assert.Single(_fixture.Store.Channels(Tenant, Device));
        Assert.Equal((all.Count, all.Count(r => !double.IsFinite(r.Value))), (channel.Readings, channel.Invalid));
        Assert.Equal(
            (all.Min(r => r.TimeMicros), all.Max(r => r.TimeMicros)), (channel.FirstMicros, channel.LastMicros));
    }

    [Fact]
    public void A_channel_that_is_unknown_has_no_readings_and_a_bucket_without_width_is_refused()
    {
        Store(new Random(1), batches: 2);
        var unknown = new ChannelName("no-such-channel");
        Assert.Empty(_fixture.Store.ReadReadings(Tenant, Device, unknown, 0, long.MaxValue).Readings);
        Assert.Empty(_fixture.Store.ReadBuckets(Tenant, Device, unknown, 0, long.MaxValue, 1));
        Assert.Throws<ArgumentException>(() => _fixture.Store.ReadBuckets(Tenant, Device, Channel, 0, 1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => _fixture.Store.ReadReadings(Tenant, Device, Channel, 0, 1, 0));
    }

    [Fact]
    public void Buckets_beyond_the_limit_are_refused_and_the_store_goes_on()
    {
        var readings = Enumerable.Range(0, ChartQueries.BucketsMax + 1).Select(i => new Reading(i * 10L, i)).ToList();
        _fixture.Ingest(1, Readings(Channel, readings));
        var fault = Assert.Throws<ArgumentException>(
            () => _fixture.Store.ReadBuckets(Tenant, Device, Channel, 0, long.MaxValue, 10));
        Assert.Contains("widen the buckets", fault.Message);
        Assert.Equal(
            (readings.Count + 1) / 2, _fixture.Store.ReadBuckets(Tenant, Device, Channel, 0, long.MaxValue, 20).Count);
    }

    /// <summary>Batches of an unsteady clock, around 1970 too, no two readings at one time; now and then sums are
    /// written, half-way the hub starts anew.</summary>
    private List<Reading> Store(Random random, int batches)
    {
        var all = new List<Reading>();
        var taken = new HashSet<long>();
        for (var i = 1; i <= batches; i++)
        {
            var start = (i % 5 == 0 ? 0 : 1_790_000_000_000_000) + (random.Next(-200, 200) * 1_000_000L);
            var some = new List<Reading>();
            while (some.Count < 100)
            {
                var time = start + random.NextInt64(-50_000_000, 50_000_000);
                if (taken.Add(time))
                    some.Add(new Reading(time, Value(random)));
            }

            // In order for the most part, as a clock that is set back now and then makes them.
            if (i % 4 != 0)
                some.Sort((a, b) => a.TimeMicros.CompareTo(b.TimeMicros));
            all.AddRange(some);
            _fixture.Ingest((ulong)i, Readings(Channel, some));
            // Sums are written at any time, or not at all.
            if (random.Next(3) == 0)
                _fixture.Store.WriteCharts(all: random.Next(2) == 0);
            _fixture.Clock.Advance(TimeSpan.FromSeconds(random.Next(60)));
            if (i == batches / 2)
                _fixture.Reopen();
        }

        return all;
    }

    private static double Value(Random random) => random.Next(60) switch
    {
        0 => double.NaN,
        1 => double.PositiveInfinity,
        2 => double.NegativeInfinity,
        3 => -0.0,
        _ => (random.NextDouble() * 200) - 100,
    };

    private static void Compare(IGrouping<long, Reading> group, ReadingBucket bucket, long width)
    {
        var finite = group.Where(r => double.IsFinite(r.Value)).Select(r => r.Value).ToList();
        // The lowest bucket of all is cut at the end of the scale.
        Assert.Equal(Int128.Max((Int128)group.Key * width, long.MinValue), bucket.StartMicros);
        Assert.Equal((group.Count(), group.Count() - finite.Count), (bucket.Count, bucket.Invalid));
        Assert.Equal(
            BitConverter.DoubleToInt64Bits(group.MaxBy(r => r.TimeMicros).Value),
            BitConverter.DoubleToInt64Bits(bucket.Last));
        if (finite.Count == 0)
        {
            Assert.True(double.IsNaN(bucket.Min) && double.IsNaN(bucket.Max) && double.IsNaN(bucket.Mean));
            return;
        }

        Assert.Equal((finite.Min(), finite.Max()), (bucket.Min, bucket.Max));
        Assert.Equal(finite.Average(), bucket.Mean, 1e-9);
    }

    private static Int128 FloorDivide(long time, long width) =>
        (time >= 0 ? time : (Int128)time - (width - 1)) / width;
}
