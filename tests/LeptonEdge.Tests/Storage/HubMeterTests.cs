using LeptonEdge.Core;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Plans;
using LeptonEdge.Core.Pricing;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Tests.Support;
using Microsoft.Data.Sqlite;

namespace LeptonEdge.Tests.Storage;

public sealed class HubMeterTests : IDisposable
{
    private const long Minute = 60_000_000;
    private static readonly TenantId Tenant = HubStoreFixture.Tenant;
    private static readonly DeviceId Device = HubStoreFixture.Device;
    private static readonly WorkloadId Workload = new("bearing");
    private static readonly ModelReference Model = new("bearing-fault", "1.2.0");
    private readonly HubStoreFixture _fixture = new();
    private readonly long _hour;

    public HubMeterTests()
    {
        _fixture.Clock.Advance(TimeSpan.FromDays(400));
        // The whole hour before the clock's.
        _hour = (_fixture.Clock.GetUnixMicros() / (60 * Minute) - 1) * 60 * Minute;
    }

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void A_batch_is_metered_once_with_what_it_says_what_it_holds_and_what_it_weighs()
    {
        var batch = With(Verdict(_hour + 5, Place.Local), Verdict(_hour + 6, Place.Local), Verdict(_hour + 7, Place.Hub));
        batch.Usage.Add(Used(_hour, _hour + Minute, new UsageAmounts(2, 1000, 0, 77, 0, 9)));
        Ingest(1, batch);
        Ingest(1, batch);
        _fixture.Reopen();
        Ingest(1, batch);

        var read = Read(_hour, _hour + (60 * Minute));
        Assert.Equal(
            [
                new MeterSum(Tenant, Device, "", "", "", NodeKind.Device, new UsageAmounts(Bytes: 1000), 0),
                Sum(NodeKind.Device, new UsageAmounts(2, 1000, 0, 77, 0, 9), 2),
                Sum(NodeKind.Hub, default, 1),
            ],
            read.Sums);
        Assert.Equal((TimeSpan.FromMinutes(1), 0L), (read.Resolution, read.KeptFromMicros));
    }

    [Fact]
    public void A_range_holds_what_was_used_within_it_and_says_how_it_was_rounded()
    {
        for (var i = 0; i < 120; i++)
            Ingest((ulong)i + 1, Of(Used(_hour + (i * Minute), _hour + ((i + 1) * Minute), new UsageAmounts(1))));

        var some = Read(_hour + (10 * Minute) + 1, _hour + (12 * Minute) + 1);
        Assert.Equal((_hour + (10 * Minute), _hour + (13 * Minute)), (some.FromMicros, some.ToMicros));
        Assert.Equal(3, Inferences(some));
        // What begins in the future by the hub's clock ends up in its present.
        Assert.Equal(60, Inferences(Read(_hour, _hour + (60 * Minute))));
        var all = Read(_hour - (72 * 60 * Minute), _hour + (61 * Minute));
        Assert.Equal((TimeSpan.FromHours(1), _hour + (120 * Minute), 120L),
            (all.Resolution, all.ToMicros, Inferences(all)));
    }

    [Fact]
    public void Steps_of_time_are_summed_each_by_itself_and_hours_from_the_hours()
    {
        for (var i = 0; i < 90; i++)
            Ingest((ulong)i + 1, Of(Used(_hour + (i * Minute), _hour + ((i + 1) * Minute), new UsageAmounts(i))));

        var minutes = Read(
            _hour + (3 * Minute), _hour + (6 * Minute), filter => filter with { Step = TimeSpan.FromMinutes(1) });
        Assert.Equal(
            [(_hour + (3 * Minute), 3L), (_hour + (4 * Minute), 4L), (_hour + (5 * Minute), 5L)],
            ByStep(minutes));
        var hours = Read(_hour, _hour + (60 * Minute), filter => filter with { Step = TimeSpan.FromHours(1) });
        Assert.Equal((TimeSpan.FromHours(1), 60L * 59 / 2), (hours.Resolution, Assert.Single(ByStep(hours)).Inferences));
        var day = _hour / (24 * 60 * Minute) * (24 * 60 * Minute);
        var days = Read(
            day, day + (48 * 60 * Minute), filter => filter with { Step = TimeSpan.FromDays(1) });
        Assert.Equal(Inferences(days), ByStep(days).Sum(step => step.Inferences));
        Assert.All(ByStep(days), step => Assert.Equal(0, step.From % (24 * 60 * Minute)));
    }

    [Fact]
    public void A_clock_that_is_wrong_puts_its_usage_into_the_past_or_the_present_never_the_future()
    {
        Ingest(1, Of(Used(long.MinValue, long.MinValue, new UsageAmounts(1))));
        Ingest(2, Of(Used(long.MaxValue, long.MaxValue, new UsageAmounts(2))));
        Ingest(3, With(Verdict(long.MaxValue, Place.Local), Verdict(-5, Place.Local)));
        var now = _fixture.Clock.GetUnixMicros();
        Assert.Equal((3L, 1L), (Inferences(Read(now - Minute, now + 1)), Verdicts(Read(now - Minute, now + 1))));
        Assert.Equal((0L, 1L), (Inferences(Read(0, Minute)), Verdicts(Read(0, Minute))));
    }

    [Fact]
    public void What_the_hub_metered_itself_is_added_once_however_often_it_is_said()
    {
        HubUsage[] usage =
        [
            new(Device, "bearing", Model.Name, Model.Version, NodeKind.Hub, _hour, new UsageAmounts(3, 30, 0, 300)),
            new(null, "", "other", "1", NodeKind.Pool, _hour, new UsageAmounts(1, 0, 10, 100)),
        ];
        _fixture.Store.AddUsage(Tenant, "run-1", usage);
        _fixture.Store.AddUsage(Tenant, "run-1", usage);
        _fixture.Reopen().AddUsage(Tenant, "run-1", usage);
        _fixture.Store.AddUsage(Tenant, "run-2", usage[..1]);

        Assert.Equal(
            [
                new MeterSum(null, null, "", "other", "1", NodeKind.Pool, new UsageAmounts(1, 0, 10, 100), 0),
                Sum(NodeKind.Hub, new UsageAmounts(6, 60, 0, 600), 0),
            ],
            Read(_hour, _hour + Minute).Sums);
        Assert.Single(Read(_hour, _hour + Minute, filter => filter with { Device = Device }).Sums);
        Assert.Single(Read(_hour, _hour + Minute, filter => filter with { Model = "other" }).Sums);
        Assert.Empty(Read(_hour, _hour + Minute, filter => filter with { Workload = "else" }).Sums);
    }

    [Fact]
    public void Beyond_the_limit_the_oldest_rows_go_and_longer_ranges_come_from_the_hours()
    {
        _fixture.Close();
        using (var store = HubStore.Open(
            new HubStoreOptions { Path = _fixture.Path, MeterMinuteRowsMax = 1_000, UsageRowsMax = 1_000 },
            _fixture.Clock))
        {
            // Each batch has a row for what it says and one for what it weighs.
            for (var i = 0; i < 1_100; i++)
            {
                var time = _hour - ((1_099 - i) * Minute);
                var batch = Of(Used(time, time + Minute, new UsageAmounts(1)));
                store.Ingest(Tenant, Header((ulong)i + 1, batch, time), batch, 10);
            }
        }

        Assert.Equal(1_000, Rows("usage"));
        Assert.Equal(1_000, Rows("meter_minute"));
        var from = _hour - (1_099 * Minute);
        var whole = Read(from, _hour + Minute);
        Assert.Equal((TimeSpan.FromHours(1), 0L, 1_100L),
            (whole.Resolution, whole.KeptFromMicros, Inferences(whole)));
        var kept = Read(_hour - (499 * Minute), _hour + Minute);
        Assert.Equal((TimeSpan.FromMinutes(1), _hour - (499 * Minute), 500L),
            (kept.Resolution, kept.KeptFromMicros, Inferences(kept)));
        // The count of rows that is kept beside them is right after a restart.
        Ingest(1_101, Of(Used(_hour, _hour + Minute, new UsageAmounts(1))));
        Assert.Equal(1_001, Rows("usage"));
        Assert.Equal(1_001, Counted("usage"));
        Assert.Equal(Rows("meter_minute"), Counted("meter_minute"));
        Assert.Equal(Rows("meter_hour"), Counted("meter_hour"));
    }

    [Fact]
    public void A_store_of_layout_3_is_brought_up()
    {
        Ingest(1, Of(Used(_hour, _hour + Minute, new UsageAmounts(1))));
        _fixture.Close();
        Execute(HubStoreFixture.DropLayout7 + "DROP TABLE usage; DROP TABLE meter_minute; DROP TABLE meter_hour; DROP TABLE decision; "
            + "DROP TABLE chart; ALTER TABLE channel DROP COLUMN folded; "
            + "DELETE FROM setting; PRAGMA user_version = 3;");
        Assert.Throws<HubStoreException>(() => HubStore.OpenReadOnly(_fixture.Path));
        Assert.Empty(Read(0, _fixture.Clock.GetUnixMicros()).Sums);
        Ingest(2, Of(Used(_hour, _hour + Minute, new UsageAmounts(5))));
        Assert.Equal(5, Inferences(Read(_hour, _hour + Minute)));
    }

    [Theory]
    [InlineData(999, 1_000, 1_000, "UsageRowsMax: 999")]
    [InlineData(1_000, 0, 1_000, "MeterMinuteRowsMax: 0")]
    [InlineData(1_000, 1_000, 1_000_000_001, "MeterHourRowsMax: 1000000001")]
    public void A_limit_outside_its_own_limits_is_named(long usage, long minutes, long hours, string fault)
    {
        var options = new HubStoreOptions
        {
            Path = _fixture.Path, UsageRowsMax = usage, MeterMinuteRowsMax = minutes, MeterHourRowsMax = hours,
        };
        Assert.Contains(fault, Assert.Throws<ArgumentException>(() => HubStore.Open(options, _fixture.Clock)).Message);
    }

    private static MeterSum Sum(NodeKind node, UsageAmounts used, long verdicts) =>
        new(Tenant, Device, Workload.Value, Model.Name, Model.Version, node, used, verdicts);

    private static Usage Used(long from, long to, UsageAmounts amounts) =>
        new(Workload, Model, NodeKind.Device, from, to, amounts);

    private static Verdict Verdict(long time, Place place) =>
        new(Workload, new ChannelName("drive-end"), Model, time, "normal", 0, place, 900, false);

    private static RecordBatch Of(Usage usage)
    {
        var batch = new RecordBatch(RecordClass.Event);
        batch.Usage.Add(usage);
        return batch;
    }

    private static RecordBatch With(params Verdict[] verdicts)
    {
        var batch = new RecordBatch(RecordClass.Event);
        batch.Verdicts.AddRange(verdicts);
        return batch;
    }

    private static BatchHeader Header(ulong sequence, RecordBatch batch, long created) =>
        new(Device, 1, sequence, sequence, batch.Class, batch.Count, created);

    private static IEnumerable<(long From, long Inferences)> ByStep(MeterReading reading) => reading.Sums
        .GroupBy(sum => sum.StepMicros).OrderBy(step => step.Key)
        .Select(step => (step.Key, step.Sum(sum => sum.Used.Inferences)));

    private static long Inferences(MeterReading reading) => reading.Sums.Sum(sum => sum.Used.Inferences);

    private static long Verdicts(MeterReading reading) => reading.Sums.Sum(sum => sum.Verdicts);

    private void Ingest(ulong sequence, RecordBatch batch) =>
        _fixture.Store.Ingest(Tenant, Header(sequence, batch, _hour), batch, 1000);

    private MeterReading Read(long from, long to, Func<MeterFilter, MeterFilter>? narrow = null)
    {
        var filter = new MeterFilter(from, to) { Tenant = Tenant };
        return _fixture.Store.ReadMeters(narrow is null ? filter : narrow(filter));
    }

    private long Rows(string table) => Scalar($"SELECT count(*) FROM {table}");

    private long Counted(string table) => Scalar($"SELECT value FROM setting WHERE key = 'rows:{table}'");

    private long Scalar(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_fixture.Path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_fixture.Path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
