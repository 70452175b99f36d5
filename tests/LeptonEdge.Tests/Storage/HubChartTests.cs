using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Tests.Support;
using Microsoft.Data.Sqlite;
using static LeptonEdge.Tests.Storage.HubStoreFixture;

namespace LeptonEdge.Tests.Storage;

/// <summary>The sums that charts of long ranges are made of.</summary>
public sealed class HubChartTests : IDisposable
{
    private const long Minute = 60_000_000;
    private const long Day = 1440 * Minute;
    private const long Start = 20_000 * Day;
    private static readonly ChannelName Channel = new("drive-end.rms");
    private readonly HubStoreFixture _fixture = new();
    private ulong _sequence;

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void A_chart_of_days_is_read_from_sums_and_does_not_touch_the_readings()
    {
        StoreDays(3);
        Assert.False(_fixture.Store.WriteCharts(all: true));
        var before = Chart(Start, Start + (3 * Day), Day);
        _fixture.Close();
        // Without the readings, the same.
        Execute("DELETE FROM chunk");
        Assert.Equal(before, Chart(Start, Start + (3 * Day), Day));
        Assert.Equal([1440, 1440, 1440], before.Select(bucket => bucket.Count));
        Assert.Equal((0.0, 1439.0, 719.5, 1439.0), (before[0].Min, before[0].Max, before[0].Mean, before[0].Last));
    }

    [Fact]
    public void Sums_wait_a_minute_and_are_right_before_and_after()
    {
        StoreDays(1);
        _fixture.Store.WriteCharts();
        Store(Start + Day, 5);
        Store(Start + Day + 1, 7);
        Assert.Equal(0, Rows("chart", $"bucket = {Start + Day}"));
        Assert.Equal(6, Assert.Single(Chart(Start + Day, Start + (2 * Day), Day)).Mean);
        _fixture.Clock.Advance(TimeSpan.FromSeconds(61));
        Assert.False(_fixture.Store.WriteCharts());
        Assert.Equal(3, Rows("chart", $"bucket = {Start + Day}"));
        Store(Start + Day + 2, 9);
        var bucket = Assert.Single(Chart(Start + Day, Start + (2 * Day), Day));
        Assert.Equal((3L, 7.0, 9.0), (bucket.Count, bucket.Mean, bucket.Last));
    }

    [Fact]
    public void A_kill_before_sums_are_written_costs_none()
    {
        StoreDays(1);
        var before = Chart(Start, Start + Day, 60 * Minute);
        // Closing the store writes no sums: as after a kill, they are made of the readings again.
        _fixture.Reopen();
        Assert.Equal(before, Chart(Start, Start + Day, 60 * Minute));
        while (_fixture.Store.WriteCharts(all: true))
        {
        }

        Assert.Equal(24, Rows("chart", "level = 1"));
        Assert.Equal(before, Chart(Start, Start + Day, 60 * Minute));
        _fixture.Reopen();
        Assert.False(_fixture.Store.WriteCharts(all: true));
        Assert.Equal(before, Chart(Start, Start + Day, 60 * Minute));
    }

    [Fact]
    public void A_transaction_that_fails_leaves_no_reading_in_the_sums()
    {
        StoreDays(1);
        _fixture.Store.WriteCharts(all: true);
        Store(Start + Day, 1);
        Execute("CREATE TRIGGER no BEFORE INSERT ON chunk BEGIN SELECT RAISE(ABORT, 'no'); END");
        Assert.Throws<HubStoreException>(() => Store(Start + Day + 1, 100));
        Execute("DROP TRIGGER no");
        _sequence--;
        Store(Start + Day + 2, 3);
        for (var i = 0; i < 2; i++)
        {
            var bucket = Assert.Single(Chart(Start + Day, Start + (2 * Day), Day));
            Assert.Equal((2L, 2.0, 3.0), (bucket.Count, bucket.Mean, bucket.Max));
            _fixture.Store.WriteCharts(all: true);
        }
    }

    [Fact]
    public void A_store_of_layout_5_is_brought_up_and_its_sums_are_made()
    {
        StoreDays(2);
        var before = Chart(Start, Start + (2 * Day), Day);
        _fixture.Close();
        Execute(DropLayout7 + """
            DROP TABLE chart; ALTER TABLE channel DROP COLUMN folded; DELETE FROM setting; PRAGMA user_version = 5;
            """);
        Assert.Equal(before, Chart(Start, Start + (2 * Day), Day));
        while (_fixture.Store.WriteCharts(all: true))
        {
        }

        Assert.Equal(2, Rows("chart", "level = 2"));
        Assert.Equal(before, Chart(Start, Start + (2 * Day), Day));
    }

    [Fact]
    public void A_store_opened_beside_the_hub_has_the_same_charts()
    {
        StoreDays(1);
        _fixture.Store.WriteCharts(all: true);
        Store(Start + Day, 5);
        using var beside = HubStore.OpenReadOnly(_fixture.Path);
        Assert.Equal(
            Chart(Start, Start + (2 * Day), Day),
            beside.ReadBuckets(Tenant, Device, Channel, Start, Start + (2 * Day), Day));
        Assert.Throws<InvalidOperationException>(() => beside.WriteCharts());
    }

    // A reading a minute, its value the minute of the day; 100 to a batch.
    private void StoreDays(int days)
    {
        for (var from = 0; from < days * 1440; from += 100)
        {
            var minutes = Enumerable.Range(from, Math.Min(100, (days * 1440) - from));
            Ingest([.. minutes.Select(m => new Reading(Start + (m * Minute) + 5, m % 1440))]);
        }
    }

    private void Store(long time, double value) => Ingest([new Reading(time, value)]);

    private void Ingest(List<Reading> readings) => _fixture.Ingest(++_sequence, Readings(Channel, readings));

    private IReadOnlyList<ReadingBucket> Chart(long from, long to, long width) =>
        _fixture.Store.ReadBuckets(Tenant, Device, Channel, from, to, width);

    private long Rows(string table, string where)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT count(*) FROM {table} WHERE {where}";
        return (long)command.ExecuteScalar()!;
    }

    private void Execute(string sql)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection($"Data Source={_fixture.Path};Pooling=False");
        connection.Open();
        return connection;
    }
}
