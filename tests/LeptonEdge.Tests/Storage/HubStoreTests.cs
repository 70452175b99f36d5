using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Tests.Protocol;
using static LeptonEdge.Tests.Storage.HubStoreFixture;

namespace LeptonEdge.Tests.Storage;

public sealed class HubStoreTests : IDisposable
{
    private readonly HubStoreFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_batch_received_twice_is_stored_once(bool hubStartsAnewBetween)
    {
        var batch = RandomBatches.Make(3);
        var first = Assert.IsType<IngestOutcome.Stored>(_fixture.Ingest(1, batch));
        var before = Contents();
        if (hubStartsAnewBetween)
            _fixture.Reopen();
        var again = Assert.IsType<IngestOutcome.AlreadyStored>(_fixture.Ingest(1, batch));
        Assert.Equal(first.Through, again.Through);
        Assert.Equal(1ul, again.Through);
        Assert.Equal(before, Contents());
        var device = Assert.Single(_fixture.Store.Devices());
        Assert.Equal((1L, (long)batch.Count, 1000L), (device.Batches, device.Records, device.SealedBytes));
    }

    [Fact]
    public void A_batch_received_twice_within_one_transaction_is_stored_once()
    {
        var batch = RandomBatches.Make(3);
        var received = new ReceivedBatch(
            Tenant, new BatchHeader(Device, 1, 1, 1, batch.Class, batch.Count, 0), batch, 1000);
        Assert.Equal<IngestOutcome>(
            [new IngestOutcome.Stored(1), new IngestOutcome.AlreadyStored(1)],
            _fixture.Store.Ingest([received, received]));
        Assert.Single(_fixture.Store.EnumerateBatches());
    }

    [Fact]
    public void A_batch_out_of_order_is_refused_and_the_cursor_named()
    {
        Assert.Equal(new IngestOutcome.OutOfOrder(0), _fixture.Ingest(2, RandomBatches.Readings(5)));
        _fixture.Ingest(1, RandomBatches.Readings(5));
        _fixture.Ingest(2, RandomBatches.Readings(5));
        var before = Contents();
        Assert.Equal(new IngestOutcome.OutOfOrder(2), _fixture.Ingest(4, RandomBatches.Readings(5)));
        Assert.Equal(before, Contents());
        Assert.Equal(new IngestOutcome.Stored(3), _fixture.Ingest(3, RandomBatches.Readings(5)));
        Assert.Equal(new IngestOutcome.Stored(4), _fixture.Ingest(4, RandomBatches.Readings(5)));
    }

    [Fact]
    public void A_gap_batch_moves_the_cursor_over_what_was_shed()
    {
        _fixture.Ingest(1, RandomBatches.Readings(5));
        Assert.Equal(new IngestOutcome.Stored(6), _fixture.Ingest(6, GapBatch(2, 6), first: 2));
        Assert.Equal(6ul, _fixture.Store.Cursor(Tenant, Device, 1));
        var gap = Assert.Single(_fixture.Store.Gaps(new RecordFilter()));
        Assert.Equal((Tenant, Device, 1ul), (gap.Tenant, gap.Device, gap.Epoch));
        Assert.Equal(GapBatch(2, 6).Gaps[0], gap.Gap);
        Assert.Equal(new IngestOutcome.AlreadyStored(6), _fixture.Ingest(4, RandomBatches.Readings(5)));
        Assert.Equal(new IngestOutcome.Stored(7), _fixture.Ingest(7, RandomBatches.Readings(5)));
    }

    [Fact]
    public void A_gap_batch_that_overlaps_what_is_stored_names_only_what_is_missing()
    {
        for (ulong sequence = 1; sequence <= 4; sequence++)
            _fixture.Ingest(sequence, RandomBatches.Readings(5, (int)sequence));
        var before = Contents();
        // The receipt for 3 and 4 was lost, and then the device's outbox ran full.
        Assert.Equal(new IngestOutcome.Stored(9), _fixture.Ingest(9, GapBatch(3, 9), first: 3));
        Assert.Equal(9ul, _fixture.Store.Cursor(Tenant, Device, 1));
        Assert.Equal(before, Contents()[..before.Count]);
        Assert.Equal((5ul, 9ul), _fixture.Store.Gaps(new RecordFilter())
            .Select(g => (g.Gap.FirstSequence, g.Gap.LastSequence)).Single());
        // Wholly behind the cursor, or wholly beyond it: nothing to do, and nothing to skip.
        Assert.Equal(new IngestOutcome.AlreadyStored(9), _fixture.Ingest(8, GapBatch(3, 8), first: 3));
        Assert.Equal(new IngestOutcome.OutOfOrder(9), _fixture.Ingest(14, GapBatch(11, 14), first: 11));
        Assert.Single(_fixture.Store.Gaps(new RecordFilter()));
    }

    [Fact]
    public void Epochs_devices_and_tenants_have_cursors_of_their_own()
    {
        var (otherDevice, otherTenant) = (new DeviceId("edge-lathe"), new TenantId("globex"));
        for (ulong sequence = 1; sequence <= 3; sequence++)
            _fixture.Ingest(sequence, RandomBatches.Readings(2), epoch: ulong.MaxValue);
        Assert.Equal(new IngestOutcome.Stored(1), _fixture.Ingest(1, RandomBatches.Readings(2), epoch: 5));
        Assert.Equal(new IngestOutcome.Stored(1),
            _fixture.Ingest(1, RandomBatches.Readings(2), ulong.MaxValue, device: otherDevice));
        Assert.Equal(new IngestOutcome.Stored(1),
            _fixture.Ingest(1, RandomBatches.Readings(2), ulong.MaxValue, tenant: otherTenant));
        var store = _fixture.Reopen();
        Assert.Equal(3ul, store.Cursor(Tenant, Device, ulong.MaxValue));
        Assert.Equal(1ul, store.Cursor(Tenant, Device, 5));
        Assert.Equal(0ul, store.Cursor(Tenant, Device, 6));
        Assert.Equal(1ul, store.Cursor(Tenant, otherDevice, ulong.MaxValue));
        Assert.Equal(1ul, store.Cursor(otherTenant, Device, ulong.MaxValue));
        Assert.Equal([4L, 1L], store.Devices(Tenant).OrderByDescending(d => d.Batches).Select(d => d.Batches));
        Assert.Single(store.EnumerateBatches(otherTenant));
        Assert.Single(store.EnumerateBatches(Tenant, otherDevice));
    }

    [Fact]
    public void Every_record_comes_back_exactly_as_it_was_received()
    {
        const int Batches = 300;
        for (var i = 1; i <= Batches; i++)
            Assert.IsType<IngestOutcome.Stored>(_fixture.Ingest((ulong)i, Batch(i)));
        var sequence = 0ul;
        foreach (var stored in _fixture.Reopen().EnumerateBatches())
        {
            var expected = Batch((int)++sequence);
            Assert.Equal(new BatchName(Device, 1, sequence), stored.Name);
            Assert.Equal(new BatchHeader(
                Device, 1, sequence, sequence, expected.Class, expected.Count, (long)sequence * 10), stored.Header);
            Assert.Equal((Tenant, 1000), (stored.Tenant, stored.SealedBytes));
            Assert.Equal(
                RecordDigest.Compute(stored.Name, expected).Order(),
                RecordDigest.Compute(stored.Name, stored.Records).Order());
        }

        Assert.Equal((ulong)Batches, sequence);
        // Chance must have made every kind, or the comparison says little.
        var all = Enumerable.Range(1, Batches).Select(Batch).ToList();
        Assert.All<Func<RecordBatch, int>>(
            [b => b.Series.Count, b => b.Verdicts.Count, b => b.Alarms.Count, b => b.RawWindows.Count,
                b => b.Gaps.Count, b => b.Usage.Count],
            kind => Assert.True(all.Sum(kind) > 50));
        var values = all.SelectMany(b => b.Series).SelectMany(s => s.Values).ToList();
        Assert.All<Predicate<double>>(
            [double.IsNaN, double.IsPositiveInfinity, double.IsNegativeInfinity, v => v == 0 && double.IsNegative(v)],
            odd => Assert.Contains(values, odd));

        static RecordBatch Batch(int i) => RandomBatches.Make(i);
    }

    [Fact]
    public void A_transaction_that_fails_leaves_nothing_and_the_cursor_where_it_was()
    {
        _fixture.Ingest(1, RandomBatches.Make(1));
        var before = Contents();
        var bad = new RecordBatch(RecordClass.Telemetry);
        bad.AddReading(new ChannelName("never-stored"), 1, 1);
        bad.Gaps.Add(new Gap(RecordClass.Bulk, 1, 1, 1, 1, Reason: null!));
        var good = RandomBatches.Make(2);
        var error = Assert.Throws<HubStoreException>(() => _fixture.Store.Ingest(
        [
            new ReceivedBatch(Tenant, new BatchHeader(Device, 1, 2, 2, good.Class, good.Count, 0), good, 10),
            new ReceivedBatch(Tenant, new BatchHeader(Device, 1, 3, 3, bad.Class, bad.Count, 0), bad, 10),
        ]));
        Assert.Equal((HubStoreFault.Refused, false), (error.Fault, error.WillHeal));
        Assert.Equal(before, Contents());
        Assert.Equal(1ul, _fixture.Store.Cursor(Tenant, Device, 1));
        Assert.DoesNotContain(_fixture.Store.Channels(Tenant, Device), c => c.Channel.Value == "never-stored");
        // What the writer remembered of the failed transaction is forgotten too.
        Assert.Equal(new IngestOutcome.Stored(2), _fixture.Ingest(2, good));
        var name = new BatchName(Device, 1, 2);
        Assert.Equal(
            RecordDigest.Compute(name, good).Order(),
            RecordDigest.Compute(name, _fixture.Store.EnumerateBatches().Last().Records).Order());
    }

    private static RecordBatch GapBatch(ulong first, ulong last)
    {
        var batch = new RecordBatch(RecordClass.Telemetry);
        batch.Gaps.Add(new Gap(RecordClass.Telemetry, first, last, 4096, 1_700_000_000_000_000, "the outbox is full"));
        return batch;
    }

    /// <summary>Every stored batch, bit by bit.</summary>
    private List<string> Contents() =>
        [.. _fixture.Store.EnumerateBatches()
            .Select(b => $"{b.Tenant} {b.Header} {b.ReceivedMicros} {RandomBatches.Print(b.Records)}")];
}
