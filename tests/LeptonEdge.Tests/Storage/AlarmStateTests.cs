using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Storage.Hubs.Alarms;
using LeptonEdge.Storage.Hubs.Documents;
using Microsoft.Data.Sqlite;

namespace LeptonEdge.Tests.Storage;

public sealed class AlarmStateTests : IDisposable
{
    private static readonly ChannelName Channel = new("oil");
    private static readonly AlarmFilter All = new(HubStoreFixture.Tenant);
    private readonly HubStoreFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void An_alarm_is_one_from_raising_to_clearing()
    {
        Ingest(1, AlarmTransition.Raised, 10);
        Ingest(2, AlarmTransition.Raised, 20);
        var standing = Assert.Single(_fixture.Store.AlarmStates(All with { Active = true }, 10));
        Assert.Equal((10, 2, 20.0), (standing.RaisedMicros, standing.Raised, standing.Value));
        Ingest(3, AlarmTransition.Cleared, 30);
        Assert.Empty(_fixture.Store.AlarmStates(All with { Active = true }, 10));
        Ingest(4, AlarmTransition.Raised, 40);
        Assert.Equal([(40L, (long?)null), (10, 30)],
            _fixture.Store.AlarmStates(All, 10).Select(alarm => (alarm.RaisedMicros, alarm.ClearedMicros)));
    }

    [Fact]
    public void What_people_do_about_an_alarm_outlives_the_hub()
    {
        Ingest(1, AlarmTransition.Raised, 10);
        var alarm = Assert.Single(_fixture.Store.AlarmStates(All, 10));
        var (done, after) = _fixture.Store.ChangeAlarm(
            HubStoreFixture.Tenant, alarm.Id,
            new AlarmChange("ann", Acknowledged: true, Assignee: "bob", Comment: "on my way", IfVersion: alarm.Version));
        Assert.Equal((AlarmChanged.Done, "ann", "bob"), (done, after!.AcknowledgedBy, after.Assignee));
        Assert.Equal(AlarmChanged.Differs, _fixture.Store.ChangeAlarm(
            HubStoreFixture.Tenant, alarm.Id, new AlarmChange("eve", Acknowledged: false, IfVersion: alarm.Version)).Outcome);
        Assert.Equal(AlarmChanged.Unknown, _fixture.Store.ChangeAlarm(
            new TenantId("other"), alarm.Id, new AlarmChange("eve", Acknowledged: false)).Outcome);
        var again = Assert.Single(_fixture.Reopen().AlarmStates(All with { Acknowledged = true, Assignee = "bob" }, 10));
        Assert.Equal(1, again.Comments);
        Assert.Equal("on my way", Assert.Single(_fixture.Store.AlarmComments(alarm.Id, 10)).Text);
    }

    [Fact]
    public void A_store_of_layout_7_is_brought_up_with_the_alarms_that_stand()
    {
        Ingest(1, AlarmTransition.Raised, 10);
        _fixture.Close();
        using (var connection = new SqliteConnection($"Data Source={_fixture.Path};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = HubStoreFixture.DropLayout8 + "PRAGMA user_version = 7;";
            command.ExecuteNonQuery();
        }

        Assert.Throws<HubStoreException>(() => HubStore.OpenReadOnly(_fixture.Path));
        Assert.Equal(10, Assert.Single(_fixture.Store.AlarmStates(All with { Active = true }, 10)).RaisedMicros);
        Ingest(2, AlarmTransition.Cleared, 20);
        Assert.Empty(_fixture.Store.AlarmStates(All with { Active = true }, 10));
    }

    [Fact]
    public void A_document_is_written_over_its_own_version_alone()
    {
        var (store, tenant) = (_fixture.Store, HubStoreFixture.Tenant);
        Assert.Equal(1, store.PutDocument(tenant, "site", "hall", [1], 0)!.Version);
        Assert.Null(store.PutDocument(tenant, "site", "hall", [2], 0));
        Assert.Equal(2, store.PutDocument(tenant, "site", "hall", [3], 1)!.Version);
        Assert.Equal([3], _fixture.Reopen().Document(tenant, "site", "hall")!.Content);
        Assert.Null(_fixture.Store.Document(new TenantId("other"), "site", "hall"));
        Assert.False(_fixture.Store.DeleteDocument(tenant, "site", "hall", 1));
        Assert.True(_fixture.Store.DeleteDocument(tenant, "site", "hall", 2));
    }

    private void Ingest(ulong sequence, AlarmTransition transition, long time)
    {
        var batch = new RecordBatch(RecordClass.Event);
        batch.Alarms.Add(new AlarmEvent("hot", Channel, AlarmSeverity.Warning, transition, time, time, "hot"));
        _fixture.Ingest(sequence, batch);
    }
}
