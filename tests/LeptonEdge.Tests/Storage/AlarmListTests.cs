using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Storage.Hubs.Alarms;

namespace LeptonEdge.Tests.Storage;

/// <summary>Each order of the list of alarms with each set of filters, page by page, against all alarms sorted here.</summary>
public sealed class AlarmListTests : IDisposable
{
    private static readonly ChannelName Channel = new("oil");
    private static readonly AlarmFilter All = new(HubStoreFixture.Tenant);
    private static readonly DeviceId[] Devices = [new("b"), new("a"), new("c")];
    private readonly HubStoreFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Pages_of_every_order_and_filter_hold_each_alarm_once_and_in_order()
    {
        Fill();
        var all = _fixture.Store.AlarmStates(All, 1000);
        Assert.Equal(60, all.Count);
        foreach (var (name, filter, belongs) in Filters())
        {
            foreach (var order in Enum.GetValues<AlarmOrder>())
            {
                foreach (var down in (bool[])[false, true])
                {
                    var expected = Sorted(all.Where(belongs), order, down).Select(alarm => alarm.Id);
                    Assert.True(expected.SequenceEqual(Pages(filter, order, down)), $"{name} by {order}, down {down}");
                }
            }
        }
    }

    [Fact]
    public void A_list_goes_on_behind_its_last_alarm_while_others_come_and_change()
    {
        Fill();
        var page = AlarmPage.Newest(10);
        var first = _fixture.Store.AlarmStates(All, page);
        Ingest(1000, Devices[0], "new", AlarmSeverity.Info, AlarmTransition.Raised, 99_999);
        _fixture.Store.ChangeAlarm(HubStoreFixture.Tenant, first[9].Id, new AlarmChange("ann", Acknowledged: true));
        var second = _fixture.Store.AlarmStates(All, page with { After = AlarmPlace.Of(first[9]) });
        Assert.Equal(10, second.Count);
        Assert.All(second, alarm => Assert.DoesNotContain(alarm.Id, first.Select(other => other.Id)));
        Assert.True(second[0].RaisedMicros <= first[9].RaisedMicros);
    }

    private static IEnumerable<(string Name, AlarmFilter Filter, Func<AlarmState, bool> Belongs)> Filters() =>
    [
        ("all", All, _ => true),
        ("active", All with { Active = true }, alarm => alarm.ClearedMicros is null),
        ("cleared", All with { Active = false }, alarm => alarm.ClearedMicros is not null),
        ("acknowledged", All with { Acknowledged = true }, alarm => alarm.AcknowledgedMicros is not null),
        ("not seen", All with { Acknowledged = false }, alarm => alarm.AcknowledgedMicros is null),
        ("warning", All with { SeverityMin = AlarmSeverity.Warning }, alarm => alarm.Severity >= AlarmSeverity.Warning),
        ("critical", All with { SeverityMin = AlarmSeverity.Critical }, alarm => alarm.Severity == AlarmSeverity.Critical),
        ("device", All with { Device = new("a") }, alarm => alarm.Device.Value == "a"),
        ("few", All with { Devices = new([new("a"), new("c")], true) }, alarm => alarm.Device.Value != "b"),
        ("many", All with { Devices = new([new("a"), new("c")], false) }, alarm => alarm.Device.Value != "b"),
        ("rule", All with { Rule = "r1" }, alarm => alarm.Rule == "r1"),
        ("ann's", All with { Assignee = "ann" }, alarm => alarm.Assignee == "ann"),
        ("nobody's", All with { Assignee = "" }, alarm => alarm.Assignee is null),
        ("text", All with { Text = "R2 OIL" }, alarm => alarm.Rule == "r2"),
        ("range", All with { FromMicros = 100, ToMicros = 300 }, alarm => alarm.RaisedMicros is >= 100 and < 300),
        ("several", All with { Active = true, Acknowledged = false, Device = new("a"), Rule = "r0", Channel = "oil" },
            alarm => alarm is { ClearedMicros: null, AcknowledgedMicros: null, Device.Value: "a", Rule: "r0" }),
        ("ann's critical", All with { Assignee = "ann", SeverityMin = AlarmSeverity.Critical, Active = false },
            alarm => alarm is { Assignee: "ann", Severity: AlarmSeverity.Critical, ClearedMicros: not null }),
    ];

    private static IEnumerable<AlarmState> Sorted(IEnumerable<AlarmState> alarms, AlarmOrder order, bool down)
    {
        var up = order switch
        {
            AlarmOrder.Changed => alarms.OrderBy(alarm => alarm.ChangedMicros),
            AlarmOrder.Severity => alarms.OrderBy(alarm => alarm.Severity).ThenBy(alarm => alarm.RaisedMicros),
            AlarmOrder.Device =>
                alarms.OrderBy(alarm => alarm.Device.Value, StringComparer.Ordinal).ThenBy(alarm => alarm.RaisedMicros),
            _ => alarms.OrderBy(alarm => alarm.RaisedMicros),
        };
        var sorted = up.ThenBy(alarm => alarm.Id);
        return down ? sorted.Reverse() : sorted;
    }

    private List<long> Pages(AlarmFilter filter, AlarmOrder order, bool down)
    {
        var found = new List<long>();
        var page = new AlarmPage(order, down, 7);
        while (_fixture.Store.AlarmStates(filter, page) is { Count: > 0 } some)
        {
            found.AddRange(some.Select(alarm => alarm.Id));
            page = page with { After = AlarmPlace.Of(some[^1]) };
        }

        return found;
    }

    private void Fill()
    {
        var sequence = 0ul;
        for (var at = 0; at < 60; at++)
        {
            // Several at one time, so that the number decides.
            var (device, rule, time) = (Devices[at % 3], $"r{at % 5}", 10L * (at / 2));
            Ingest(++sequence, device, rule, (AlarmSeverity)(at % 7 % 3), AlarmTransition.Raised, time);
            _fixture.Clock.Advance(TimeSpan.FromMicroseconds(at % 4));
            var alarm = _fixture.Store.AlarmStates(All with { Device = device, Rule = rule, Active = true }, 1)[0];
            if (at % 4 == 0)
                _fixture.Store.ChangeAlarm(
                    HubStoreFixture.Tenant, alarm.Id, new AlarmChange("ann", Acknowledged: true, Assignee: at % 8 == 0 ? "ann" : null));
            // The last of each stand.
            if (at < 45)
                Ingest(++sequence, device, rule, alarm.Severity, AlarmTransition.Cleared, time + 1);
        }
    }

    private void Ingest(
        ulong sequence, DeviceId device, string rule, AlarmSeverity severity, AlarmTransition transition, long time)
    {
        var batch = new RecordBatch(RecordClass.Event);
        batch.Alarms.Add(new AlarmEvent(rule, Channel, severity, transition, time, time, rule));
        _fixture.Ingest(sequence, batch, first: 1, device: device);
    }
}
