using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Storage.Outboxes;
using LeptonEdge.Tests.Protocol;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Storage;

/// <summary>Disks that are full or cannot be written: nothing that was reported is lost, and it goes on by itself when
/// the cause is gone.</summary>
public sealed class FullDiskTests
{
    [SmallDiskFact]
    public void An_outbox_on_a_full_disk_refuses_and_goes_on_by_itself_when_there_is_room()
    {
        using var disk = new SmallDisk(8);
        using var fixture = new OutboxFixture();
        using var outbox = fixture.Open(path: disk.File("outbox.db"));
        for (var i = 0; i < 20; i++)
            fixture.Append(outbox, RandomBatches.Readings(500, i));
        OutboxException error;
        ulong last;
        using (disk.FillUp())
        {
            error = Assert.Throws<OutboxException>(() => AppendUntilRefused(fixture, outbox));
            last = outbox.LastSequence;
            // What is there can be sent, and the receipt taken.
            Assert.Equal((int)last, OutboxFixture.All(outbox).Count);
            Assert.Equal(TrimResult.Trimmed, OutboxFixture.Trim(outbox, 10));
        }

        Assert.Contains("the disk is full", error.Message);
        Assert.Equal(last + 1, fixture.Append(outbox, RandomBatches.Readings(500)));
        Assert.Null(outbox.SetAside);
        outbox.Dispose();
        using var again = fixture.Open(path: disk.File("outbox.db"));
        Assert.Equal((10ul, last + 1), (again.ReceiptedThrough, again.LastSequence));
        Assert.Equal((int)last + 1 - 10, OutboxFixture.All(again).Count);
    }

    [SmallDiskFact]
    public void An_outbox_whose_limit_is_larger_than_its_disk_loses_nothing_that_it_reported()
    {
        using var disk = new SmallDisk(4);
        using var fixture = new OutboxFixture();
        using var outbox = fixture.Open(path: disk.File("outbox.db"));
        Assert.Throws<OutboxException>(() => AppendUntilRefused(fixture, outbox));
        var last = outbox.LastSequence;
        Assert.True(last > 20);
        // Trimming makes room in the file itself.
        OutboxFixture.Trim(outbox, last - 5);
        Assert.Equal(last + 1, fixture.Append(outbox, RandomBatches.Readings(500)));
        Assert.Equal(6, OutboxFixture.All(outbox).Count);
    }

    [SmallDiskFact]
    public void An_outbox_on_a_disk_that_became_read_only_reads_on_and_heals()
    {
        using var disk = new SmallDisk(8);
        using var fixture = new OutboxFixture();
        ulong last;
        using (var outbox = fixture.Open(path: disk.File("outbox.db")))
        {
            for (var i = 0; i < 20; i++)
                fixture.Append(outbox, RandomBatches.Readings(500, i));
        }

        disk.Remount(readOnly: true);
        Assert.Throws<OutboxException>(() => fixture.Open(path: disk.File("outbox.db")));
        disk.Remount(readOnly: false);
        using var again = fixture.Open(path: disk.File("outbox.db"));
        last = again.LastSequence;
        Assert.Equal((20ul, 20), (last, OutboxFixture.All(again).Count));
        Assert.Equal(21ul, fixture.Append(again, RandomBatches.Readings(5)));
    }

    [SmallDiskFact]
    public void A_hub_whose_disk_is_full_says_so_and_goes_on_by_itself_when_there_is_room()
    {
        using var disk = new SmallDisk(8);
        using var store = HubStoreFixture.Open(disk.File("hub.db"));
        ulong stored = 0;
        using (disk.FillUp())
        {
            var error = Assert.Throws<HubStoreException>(() =>
            {
                for (var i = 0; i < 10_000; i++)
                    stored = Ingest(store, stored + 1);
            });
            Assert.Equal((HubStoreFault.Full, true), (error.Fault, error.WillHeal));
            Assert.Equal(stored, store.Cursor(HubStoreFixture.Tenant, HubStoreFixture.Device, 1));
            Assert.Throws<HubStoreException>(() => Ingest(store, stored + 1));
        }

        for (var i = 0; i < 3; i++)
            stored = Ingest(store, stored + 1);
        Assert.Equal((int)stored, store.EnumerateBatches().Count());
    }

    private static void AppendUntilRefused(OutboxFixture fixture, Outbox outbox)
    {
        for (var i = 0; i < 10_000; i++)
            fixture.Append(outbox, RandomBatches.Readings(500, i));
    }

    private static ulong Ingest(HubStore store, ulong sequence)
    {
        var batch = RandomBatches.Readings(500, (int)sequence);
        var header = new BatchHeader(HubStoreFixture.Device, 1, sequence, sequence, batch.Class, batch.Count, 0);
        var outcome = store.Ingest(HubStoreFixture.Tenant, header, batch, 1000);
        return Assert.IsType<IngestOutcome.Stored>(outcome).Through;
    }
}
