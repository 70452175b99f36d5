using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Tests.Protocol;
using static LeptonEdge.Tests.Storage.HubStoreFixture;

namespace LeptonEdge.Tests.Storage;

public sealed class HubQuarantineTests : IDisposable
{
    private const ulong Mark = 0xDEAD_BEEF_0000_0001;
    private readonly HubStoreFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void A_batch_that_cannot_be_read_moves_the_cursor_and_blocks_none_behind_it()
    {
        var outcomes = _fixture.Store.Ingest([Opened(1), Unreadable(2, "forged"), Opened(3)]);
        Assert.Equal<IngestOutcome>(
            [new IngestOutcome.Stored(1, Mark + 1), new IngestOutcome.Quarantined(2, 0, "forged"),
                new IngestOutcome.Stored(3, Mark + 3)], outcomes);
        var store = _fixture.Reopen();
        Assert.Equal(3ul, store.Cursor(Tenant, Device, 1));
        var kept = Assert.Single(store.Quarantined(new RecordFilter { Device = Device }));
        Assert.Equal((Tenant, Device, 1ul, 2ul, 2ul, "forged", 40, true), (kept.Tenant, kept.Device, kept.Epoch,
            kept.FirstSequence, kept.Sequence, kept.Reason, kept.SealedBytes, kept.Kept));
        Assert.Equal(Bytes(2), store.QuarantinedBytes(kept.Id));
        Assert.Null(store.QuarantinedBytes(kept.Id, new TenantId("globex")));
        Assert.Equal((1L, 0L), (store.QuarantinedCount(Tenant), store.QuarantinedCount(new TenantId("globex"))));
    }

    [Fact]
    public void Sent_again_it_is_answered_with_its_reason_and_kept_once()
    {
        _fixture.Store.Ingest([Opened(1), Unreadable(2, "cut short"), Opened(3)]);
        Assert.Equal<IngestOutcome>(
            [new IngestOutcome.Quarantined(3, Mark + 3, "cut short"),
                new IngestOutcome.Quarantined(3, Mark + 3, "cut short"), new IngestOutcome.AlreadyStored(3, Mark + 3),
                new IngestOutcome.AlreadyStored(3, Mark + 3)],
            _fixture.Store.Ingest([Unreadable(2, "another"), Opened(2), Unreadable(3, "another"), Opened(1)]));
        Assert.Equal("cut short", Assert.Single(_fixture.Store.Quarantined(new RecordFilter())).Reason);
    }

    [Fact]
    public void Ahead_of_the_cursor_it_is_not_kept()
    {
        Assert.Equal<IngestOutcome>(
            [new IngestOutcome.OutOfOrder(0)], _fixture.Store.Ingest([Unreadable(5, "forged")]));
        Assert.Equal(0, _fixture.Store.QuarantinedCount());
    }

    [Fact]
    public void Beyond_the_limit_the_reason_stays_and_the_bytes_go()
    {
        _fixture.Close();
        using var store = HubStore.Open(
            new HubStoreOptions { Path = _fixture.Path, QuarantineBytesMax = 100 }, TimeProvider.System);
        for (ulong sequence = 1; sequence <= 4; sequence++)
            store.Ingest([Unreadable(sequence, $"number {sequence}")]);
        var listed = store.Quarantined(new RecordFilter());
        Assert.Equal([(4ul, false), (3ul, false), (2ul, true), (1ul, true)],
            listed.Select(batch => (batch.Sequence, batch.Kept)));
        Assert.Null(store.QuarantinedBytes(listed[0].Id));
        Assert.Equal(Bytes(1), store.QuarantinedBytes(listed[^1].Id));
    }

    [Fact]
    public void The_seal_mark_at_the_cursor_is_answered_also_after_a_restart()
    {
        _fixture.Store.Ingest([Opened(1), Opened(2)]);
        Assert.Equal<IngestOutcome>(
            [new IngestOutcome.AlreadyStored(2, Mark + 2), new IngestOutcome.OutOfOrder(2, Mark + 2)],
            _fixture.Reopen().Ingest([Opened(1), Opened(9)]));
    }

    [Fact]
    public void A_batch_that_can_be_read_later_moves_into_the_store_once()
    {
        _fixture.Store.Ingest([Opened(1), Unreadable(2, "sealed to another key"), Opened(3)]);
        var (kept, sealedBytes) = Assert.Single(_fixture.Store.QuarantinedAfter(0, 10));
        Assert.Equal(Bytes(2), sealedBytes);
        Assert.False(_fixture.Store.Release(kept.Id + 1, Opened(2)));
        Assert.False(_fixture.Store.Release(kept.Id, Opened(4)));
        Assert.True(_fixture.Store.Release(kept.Id, Opened(2)));
        Assert.False(_fixture.Store.Release(kept.Id, Opened(2)));
        var store = _fixture.Reopen();
        Assert.Equal(0, store.QuarantinedCount());
        Assert.Equal(3ul, store.Cursor(Tenant, Device, 1));
        Assert.Equal([1ul, 2ul, 3ul], store.EnumerateBatches().Select(batch => batch.Header.Sequence).Order());
        Assert.IsType<IngestOutcome.AlreadyStored>(Assert.Single(store.Ingest([Opened(2)])));
    }

    [Theory]
    [InlineData(10, 0)]
    [InlineData(30, 1)]
    public void An_alarm_that_moves_in_late_sets_back_none_that_is_newer(long lateMicros, int active)
    {
        var (cleared, raised) = (Alarm(20, AlarmTransition.Cleared), Alarm(lateMicros, AlarmTransition.Raised));
        _fixture.Store.Ingest([Unreadable(1, "sealed to another key"), With(2, cleared)]);
        Assert.True(_fixture.Store.Release(_fixture.Store.QuarantinedAfter(0, 1)[0].Batch.Id, With(1, raised)));
        Assert.Equal(active, _fixture.Store.ActiveAlarms(Tenant, Device).Count);
    }

    [Fact]
    public void A_store_of_layout_1_is_brought_up_and_keeps_everything()
    {
        _fixture.Store.Ingest([Opened(1), Opened(2)]);
        _fixture.Close();
        Execute(HubStoreFixture.DropLayout7 + """
            CREATE TABLE cursor1 (device_id INTEGER NOT NULL, epoch INTEGER NOT NULL, through INTEGER NOT NULL,
                PRIMARY KEY (device_id, epoch)) WITHOUT ROWID;
            INSERT INTO cursor1 SELECT device_id, epoch, through FROM cursor;
            DROP TABLE cursor;
            ALTER TABLE cursor1 RENAME TO cursor;
            DROP TABLE quarantine; DROP TABLE job; DROP TABLE job_part; DROP TABLE job_input; DROP TABLE job_block;
            DROP TABLE usage; DROP TABLE meter_minute; DROP TABLE meter_hour; DROP TABLE decision;
            DROP TABLE chart; ALTER TABLE channel DROP COLUMN folded;
            PRAGMA user_version = 1;
            """);
        Assert.Throws<HubStoreException>(() => HubStore.OpenReadOnly(_fixture.Path));
        var store = _fixture.Reopen();
        Assert.Equal<IngestOutcome>(
            [new IngestOutcome.AlreadyStored(2), new IngestOutcome.Stored(3, Mark + 3),
                new IngestOutcome.Quarantined(4, 0, "forged")],
            store.Ingest([Opened(2), Opened(3), Unreadable(4, "forged")]));
        Assert.Equal([1ul, 2ul, 3ul], _fixture.Reopen().EnumerateBatches().Select(batch => batch.Header.Sequence));
    }

    private static ReceivedBatch Opened(ulong sequence)
    {
        var batch = RandomBatches.Readings(5, (int)sequence);
        return new ReceivedBatch(
            Tenant, new BatchHeader(Device, 1, sequence, sequence, batch.Class, batch.Count, 0), batch, 100,
            Mark + sequence);
    }

    private static ReceivedBatch With(ulong sequence, AlarmEvent alarm)
    {
        var batch = new RecordBatch(RecordClass.Event);
        batch.Alarms.Add(alarm);
        return new ReceivedBatch(Tenant, new BatchHeader(Device, 1, sequence, sequence, batch.Class, 1, 0), batch, 100);
    }

    private static AlarmEvent Alarm(long timeMicros, AlarmTransition transition) => new(
        "hot", new ChannelName("oven"), AlarmSeverity.Warning, transition, timeMicros, 1, "the oven is hot");

    private static UnreadableBatch Unreadable(ulong sequence, string reason) =>
        new(Tenant, Device, 1, sequence, sequence, reason, Bytes(sequence));

    private static byte[] Bytes(ulong sequence) => [.. Enumerable.Repeat((byte)sequence, 40)];

    private void Execute(string sql)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={_fixture.Path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
