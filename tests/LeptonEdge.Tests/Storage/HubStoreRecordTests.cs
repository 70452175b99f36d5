using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Plans;
using LeptonEdge.Core.Records;
using LeptonEdge.Storage.Hubs;
using static LeptonEdge.Tests.Storage.HubStoreFixture;

namespace LeptonEdge.Tests.Storage;

public sealed class HubStoreRecordTests : IDisposable
{
    private static readonly ChannelName DriveEnd = new("drive-end");
    private static readonly ChannelName FanEnd = new("fan-end");
    private static readonly DeviceId Lathe = new("edge-lathe");
    private readonly HubStoreFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void An_alarm_is_active_from_its_raising_to_its_clearing()
    {
        Alarms(1, null, Raised("hot", 10), Raised("loud", 20, channel: FanEnd), Raised("loud", 21));
        Assert.Equal(["loud 21", "loud 20", "hot 10"], Active());
        // The same rule on another channel, and on another device, is another alarm.
        Alarms(2, null, Cleared("loud", 30), Cleared("never-raised", 31));
        Alarms(1, Lathe, Raised("hot", 40), Cleared("loud", 41, channel: FanEnd));
        Assert.Equal(["hot 40", "loud 20", "hot 10"], Active());
        Alarms(3, null, Raised("hot", 50), Cleared("loud", 51, channel: FanEnd));
        Assert.Equal(["hot 50", "hot 40"], Active());
        _fixture.Reopen();
        Assert.Equal(["hot 50", "hot 40"], Active());
        Assert.Equal(["hot 40"], Print(_fixture.Store.ActiveAlarms(Tenant, Lathe)));
        Assert.Empty(_fixture.Store.ActiveAlarms(new TenantId("globex")));
        // Raised and cleared within one batch: never active, always in the history.
        Alarms(4, null, Raised("brief", 60), Cleared("brief", 61));
        Assert.Equal(["hot 50", "hot 40"], Active());
        Assert.Equal(["brief 61", "brief 60"], History(new RecordFilter { Rule = "brief" }));
    }

    [Fact]
    public void The_history_of_alarms_is_newest_first_and_narrows()
    {
        Alarms(1, null, Raised("hot", 10, AlarmSeverity.Critical), Raised("loud", 30, channel: FanEnd),
            Cleared("hot", 20));
        Alarms(1, Lathe, Raised("hot", 25, AlarmSeverity.Info));
        Assert.Equal(["loud 30", "hot 25", "hot 20", "hot 10"], History(new RecordFilter()));
        Assert.Equal(["loud 30", "hot 25"], Print(_fixture.Store.Alarms(new RecordFilter(), limit: 2)));
        Assert.Equal(["hot 25"], History(new RecordFilter { Device = Lathe }));
        Assert.Equal(["loud 30"], History(new RecordFilter { Channel = FanEnd }));
        Assert.Equal(["hot 25", "hot 20", "hot 10"], History(new RecordFilter { Rule = "hot" }));
        Assert.Equal(["hot 10"], History(new RecordFilter { SeverityMin = AlarmSeverity.Critical }));
        Assert.Equal(["hot 25", "hot 20"], History(new RecordFilter { FromMicros = 20, ToMicros = 30 }));
        Assert.Empty(History(new RecordFilter { Tenant = new TenantId("globex") }));
        var ids = _fixture.Store.Alarms(new RecordFilter()).Select(alarm => alarm.Id).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
    }

    [Fact]
    public void An_alarm_says_everything_that_it_said_on_the_device_and_when_it_came()
    {
        var alarm = new AlarmEvent("ünusual ∿", FanEnd, AlarmSeverity.Critical, AlarmTransition.Raised, -5,
            BitConverter.Int64BitsToDouble(0x7ff8_0000_dead_beef), "it's \"loud\"\nand hot");
        _fixture.Clock.Advance(TimeSpan.FromSeconds(5));
        Alarms(1, null, alarm);
        foreach (var stored in new[] { Assert.Single(_fixture.Store.Alarms(new RecordFilter())),
            Assert.Single(_fixture.Store.ActiveAlarms()) })
        {
            Assert.Equal(alarm with { Value = 0 }, stored.Event with { Value = 0 });
            Assert.Equal(
                BitConverter.DoubleToInt64Bits(alarm.Value), BitConverter.DoubleToInt64Bits(stored.Event.Value));
            Assert.Equal((Tenant, Device, Now), (stored.Tenant, stored.Device, stored.ReceivedMicros));
        }
    }

    [Fact]
    public void Verdicts_and_raw_windows_come_newest_first_and_narrow()
    {
        var batch = new RecordBatch(RecordClass.Event);
        var verdicts = Enumerable.Range(1, 6).Select(i => new Verdict(
            new WorkloadId(i % 2 == 0 ? "even" : "odd"), i > 3 ? FanEnd : DriveEnd,
            new ModelReference("bearing-fault", $"1.{i}.0"),
            i * 10, $"label {i}", i / 3f, i % 3 == 0 ? Place.Hub : Place.Local, i * 1000, i == 5)).ToList();
        batch.Verdicts.AddRange(verdicts);
        var windows = Enumerable.Range(1, 3).Select(i => new RawWindow(
            i == 2 ? FanEnd : DriveEnd, i * 10, 12_000.5, [i, float.NaN, -0f, float.NegativeInfinity], "hot")).ToList();
        batch.RawWindows.AddRange(windows);
        _fixture.Ingest(1, batch);

        Assert.Equal(verdicts.AsEnumerable().Reverse(), Verdicts(new RecordFilter()));
        Assert.Equal(
            [verdicts[5], verdicts[3], verdicts[1]], Verdicts(new RecordFilter { Workload = new WorkloadId("even") }));
        Assert.Equal([verdicts[2], verdicts[1]], Verdicts(new RecordFilter { Channel = DriveEnd, FromMicros = 20 }));
        Assert.Equal([verdicts[5]], _fixture.Store.Verdicts(new RecordFilter(), limit: 1).Select(v => v.Verdict));
        Assert.Empty(Verdicts(new RecordFilter { Device = Lathe }));

        var stored = _fixture.Store.RawWindows(new RecordFilter());
        Assert.Equal([30L, 20, 10], stored.Select(w => w.Window.StartMicros));
        foreach (var (expected, window) in windows.AsEnumerable().Reverse().Zip(stored))
        {
            Assert.Equal(expected.Samples.Select(BitConverter.SingleToInt32Bits),
                window.Window.Samples.Select(BitConverter.SingleToInt32Bits));
            // Arrays are compared above; a record compares theirs by reference.
            Assert.Equal(expected, window.Window with { Samples = expected.Samples });
        }

        Assert.Equal(
            20, Assert.Single(_fixture.Store.RawWindows(new RecordFilter { Channel = FanEnd })).Window.StartMicros);
    }

    [Fact]
    public void Reported_and_desired_states_plans_and_settings_survive_a_restart()
    {
        var store = _fixture.Store;
        Assert.Null(store.Reported(Tenant, Device));
        Assert.Null(store.Desired(Tenant, Device));
        Assert.Empty(store.Plans(Tenant));
        Assert.Null(store.Setting("planner"));

        store.PutReported(Tenant, Device, [1]);
        store.PutDesired(Tenant, Device, 3, [4, 5]);
        store.AppendPlan(Tenant, 1, [10]);
        store.PutSetting("planner", [7, 0, 7]);
        var then = Now;
        _fixture.Clock.Advance(TimeSpan.FromSeconds(9));
        store.PutReported(Tenant, Device, [2, 0, 255]);
        store.PutDesired(Tenant, Lathe, ulong.MaxValue, []);
        store.AppendPlan(Tenant, 2, [20]);
        store.AppendPlan(new TenantId("globex"), 9, [90]);
        store = _fixture.Reopen();

        var reported = Assert.Single(store.AllReported(Tenant));
        Assert.Equal([2, 0, 255], reported.Content);
        Assert.Equal(Now, reported.TimeMicros);
        Assert.Equal(reported.Content, store.Reported(Tenant, Device)!.Content);
        var desired = store.Desired(Tenant, Device)!;
        Assert.Equal([4, 5], desired.Content);
        Assert.Equal((3ul, then), (desired.Version, desired.TimeMicros));
        Assert.Equal([(Lathe, ulong.MaxValue), (Device, 3ul)], store.AllDesired().Select(d => (d.Device, d.Version)));
        Assert.Empty(store.Desired(Tenant, Lathe)!.Content);
        Assert.Equal([(2ul, 20), (1ul, 10)], store.Plans(Tenant, 10).Select(p => (p.Version, (int)p.Content.Single())));
        Assert.Equal(2ul, Assert.Single(store.Plans(Tenant)).Version);
        Assert.Equal([7, 0, 7], store.Setting("planner"));
        store.PutSetting("planner", []);
        Assert.Empty(store.Setting("planner")!);
    }

    [Fact]
    public void A_device_is_known_by_when_it_was_first_and_last_heard_of()
    {
        var first = Now;
        _fixture.Store.PutReported(Tenant, Device, [1]);
        _fixture.Clock.Advance(TimeSpan.FromSeconds(3));
        Alarms(1, null, Raised("hot", 1), Raised("loud", 2));
        var device = Assert.Single(_fixture.Store.Devices());
        Assert.Equal(new DeviceSummary(Tenant, Device, first, first + 3_000_000, 1, 2, 1000), device);
        Assert.Equal(first + 3_000_000, Assert.Single(_fixture.Store.EnumerateBatches()).ReceivedMicros);
    }

    private long Now => _fixture.Clock.GetUtcNow().ToUnixTimeMilliseconds() * 1000;

    private static AlarmEvent Raised(
        string rule, long time, AlarmSeverity severity = AlarmSeverity.Warning, ChannelName? channel = null) =>
        new(rule, channel ?? DriveEnd, severity, AlarmTransition.Raised, time, time / 2.0, $"{rule} at {time}");

    private static AlarmEvent Cleared(string rule, long time, ChannelName? channel = null) =>
        Raised(rule, time, channel: channel) with { Transition = AlarmTransition.Cleared };

    private void Alarms(ulong sequence, DeviceId? device, params AlarmEvent[] alarms)
    {
        var batch = new RecordBatch(RecordClass.Alarm);
        batch.Alarms.AddRange(alarms);
        Assert.IsType<IngestOutcome.Stored>(_fixture.Ingest(sequence, batch, device: device));
    }

    private List<string> Active() => Print(_fixture.Store.ActiveAlarms());

    private List<string> History(RecordFilter filter) => Print(_fixture.Store.Alarms(filter));

    private List<Verdict> Verdicts(RecordFilter filter) => [.. _fixture.Store.Verdicts(filter).Select(v => v.Verdict)];

    private static List<string> Print(IReadOnlyList<StoredAlarm> alarms) =>
        [.. alarms.Select(alarm => $"{alarm.Event.Rule} {alarm.Event.TimeMicros}")];
}
