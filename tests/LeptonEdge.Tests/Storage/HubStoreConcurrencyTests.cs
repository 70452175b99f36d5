using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Plans;
using LeptonEdge.Core.Records;
using LeptonEdge.Storage.Hubs;
using static LeptonEdge.Tests.Storage.HubStoreFixture;

namespace LeptonEdge.Tests.Storage;

public sealed class HubStoreConcurrencyTests : IDisposable
{
    private const int Batches = 300;
    private const int ReadingsPerBatch = 20;
    private const int ChunkStep = 1_000;
    private static readonly ChannelName Channel = new("drive-end.rms");
    private readonly HubStoreFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Readers_beside_a_writer_see_whole_batches_alone_and_are_never_locked_out()
    {
        var store = _fixture.Store;
        _fixture.Ingest(1, Batch(1));
        var done = 0;
        // Each throws what it meets, "database is locked" too.
        Func<int>[] looks =
        [
            () => LookAtBatches(store), () => LookAtReadings(store), () => LookAtVerdicts(store), LookFromOutside,
        ];
        var readers = looks.Select(look => Task.Factory.StartNew(
            () =>
            {
                var (times, seen) = (0, 0);
                do
                {
                    var now = look();
                    Assert.True(now >= seen, $"{seen} batches were seen, and then {now}");
                    (times, seen) = (times + 1, now);
                }
                while (Volatile.Read(ref done) == 0);
                return times;
            },
            TaskCreationOptions.LongRunning)).ToList();

        try
        {
            for (ulong sequence = 2; sequence <= Batches; sequence++)
            {
                Assert.Equal(new IngestOutcome.Stored(sequence), _fixture.Ingest(sequence, Batch(sequence)));
                store.PutReported(Tenant, Device, [(byte)sequence]);
            }
        }
        finally
        {
            Volatile.Write(ref done, 1);
        }

        var times = await Task.WhenAll(readers);
        Assert.All(times, count => Assert.True(count > 1, "a reader looked once alone"));
        Assert.All(looks, look => Assert.Equal(Batches, look()));
    }

    private static RecordBatch Batch(ulong sequence)
    {
        var batch = new RecordBatch(RecordClass.Telemetry);
        for (var i = 0; i < ReadingsPerBatch; i++)
            batch.AddReading(Channel, ((long)sequence * ChunkStep) + i, sequence);
        for (var i = 0; i < 3; i++)
        {
            batch.Verdicts.Add(
                new Verdict(new WorkloadId("bearing"), Channel, new ModelReference("bearing-fault", "1.0.0"),
                (long)sequence, "normal", 0, Place.Local, 100, false));
        }

        return batch;
    }

    private static int LookAtBatches(HubStore store)
    {
        ulong sequence = 0;
        foreach (var batch in store.EnumerateBatches())
        {
            Assert.Equal(++sequence, batch.Header.Sequence);
            Assert.Equal(ReadingsPerBatch + 3, batch.Header.Records);
            Assert.Equal(batch.Header.Records, batch.Records.Count);
        }

        return (int)sequence;
    }

    private static int LookAtReadings(HubStore store)
    {
        var buckets = store.ReadBuckets(Tenant, Device, Channel, 0, long.MaxValue, ChunkStep);
        Assert.All(buckets, bucket => Assert.Equal(ReadingsPerBatch, bucket.Count));
        var readings = store.ReadReadings(Tenant, Device, Channel, 0, long.MaxValue).Readings;
        Assert.True(readings.Count >= buckets.Count * ReadingsPerBatch);
        Assert.Equal(0, readings.Count % ReadingsPerBatch);
        var channel = Assert.Single(store.Channels(Tenant, Device));
        Assert.True(channel.Readings >= readings.Count);
        return buckets.Count;
    }

    private static int LookAtVerdicts(HubStore store)
    {
        var cursor = store.Cursor(Tenant, Device, 1);
        var verdicts = store.Verdicts(new RecordFilter { Device = Device }, limit: int.MaxValue);
        Assert.Equal(0, verdicts.Count % 3);
        // The cursor was read before: a batch that it counts is there with all that it held.
        Assert.True(
            verdicts.Count >= (int)cursor * 3, $"the cursor stands at {cursor}, {verdicts.Count} verdicts are there");
        return verdicts.Count / 3;
    }

    /// <summary>As another process does: a store opened, read and closed again.</summary>
    private int LookFromOutside()
    {
        using var store = HubStore.OpenReadOnly(_fixture.Path);
        return LookAtVerdicts(store);
    }
}
