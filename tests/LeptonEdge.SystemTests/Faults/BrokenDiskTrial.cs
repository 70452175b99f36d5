using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Storage.Outboxes;
using LeptonEdge.SystemTests.Support;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.SystemTests.Faults;

/// <summary>An outbox and a hub's store on one disk that gives up while both are written to; what they had reported as done
/// must be there when it is mounted anew.</summary>
/// <param name="appendsBefore">After so many batches in the outbox the disk breaks.</param>
internal sealed class BrokenDiskTrial(int appendsBefore)
{
    private const int BatchBytes = 12 * 1024;
    private static readonly TenantId s_tenant = new("plant");
    private static readonly DeviceId s_device = new("press-7");

    private long _appended;
    private long _stored;

    public async Task RunAsync()
    {
        using var disk = SmallDisk.Image(32);
        using (var outbox = OpenOutbox(disk))
        using (var store = OpenStore(disk))
        {
            var writing = Task.WhenAll(Task.Run(() => Append(outbox)), Task.Run(() => Store(store)));
            await Eventually.True(
                () => Interlocked.Read(ref _appended) >= appendsBefore, "the outbox takes batches");
            await disk.BreakAsync();
            await writing;
        }

        await disk.RepairAsync();
        using var outboxAgain = OpenOutbox(disk);
        using var storeAgain = OpenStore(disk);
        Assert.True(
            (long)outboxAgain.LastSequence >= _appended,
            $"the outbox reported batch {_appended} as appended and ends at {outboxAgain.LastSequence}");
        var through = (long)storeAgain.Cursor(s_tenant, s_device, 1);
        Assert.True(through >= _stored, $"the store reported batch {_stored} as stored and ends at {through}");
    }

    private void Append(Outbox outbox)
    {
        try
        {
            while (true)
                Interlocked.Exchange(
                    ref _appended,
                    (long)outbox.Append(RecordClass.Event, 1, static (_, _, output) =>
                    {
                        output.GetSpan(BatchBytes)[..BatchBytes].Fill(1);
                        output.Advance(BatchBytes);
                    }));
        }
        catch (OutboxException)
        {
            // The disk refuses: what was reported until now counts.
        }
    }

    private void Store(HubStore store)
    {
        var batch = new RecordBatch(RecordClass.Event);
        for (var i = 0; i < 500; i++)
            batch.AddReading(new ChannelName("drive-end"), i, i * 0.37);
        try
        {
            for (var sequence = 1UL; ; sequence++)
            {
                var header = new BatchHeader(
                    s_device, 1, sequence, sequence, RecordClass.Event, batch.Count, (long)sequence);
                store.Ingest(s_tenant, header, batch, BatchBytes);
                Interlocked.Exchange(ref _stored, (long)sequence);
            }
        }
        catch (HubStoreException)
        {
            // As above.
        }
    }

    private static Outbox OpenOutbox(SmallDisk disk) => Outbox.Open(
        new OutboxOptions
        {
            Path = Path.Combine(disk.View, "outbox.db"),
            SealGap = static (_, _, _, _, _) => throw new InvalidOperationException("nothing is shed here"),
        },
        TimeProvider.System);

    private static HubStore OpenStore(SmallDisk disk) =>
        HubStore.Open(new HubStoreOptions { Path = Path.Combine(disk.View, "hub.db") }, TimeProvider.System);
}
