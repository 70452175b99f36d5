using System.Buffers;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Batches;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Sync.Hubs;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Sync;

/// <summary>What goes wrong at the ends of the line, over a real broker and real files.</summary>
public class DeliveryFaultTests
{
    private static readonly TenantId Tenant = new("acme");
    private static readonly DeviceId Device = new("press-7");
    private static readonly ChannelName Channel = new("spindle.current");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [PeerFact("mosquitto")]
    public async Task Batches_that_cannot_be_read_are_quarantined_reported_and_block_none_behind_them()
    {
        await using var line = await SyncLine.StartAsync(Tenant, Device);
        Add(line, 10);
        // Not an envelope at all; sealed for another hub; sealed here, but not a batch inside.
        line.Outbox.Append(RecordClass.Telemetry, 1, (_, _, target) => target.Write("no envelope, just text"u8));
        using var stranger = new BatchSealer(HubPrivateKey.Generate().Public, Tenant, Device);
        line.Outbox.Append(RecordClass.Telemetry, 1, (first, sequence, target) => stranger.Seal(
            new BatchHeader(Device, line.Outbox.Epoch, first, sequence, RecordClass.Telemetry, 1, 0), "x"u8, target));
        Add(line, 10);

        Assert.True(await line.Device.DrainAsync(Patience));

        Assert.Equal(line.Appended, line.StoredDigests());
        var quarantined = line.Store.Quarantined(new RecordFilter { Device = Device });
        Assert.Equal([2UL, 3UL], quarantined.Select(batch => batch.Sequence).Order());
        Assert.Contains(quarantined, batch => batch.Reason.Contains("does not hold", StringComparison.Ordinal));
        Assert.All(quarantined, batch => Assert.True(batch.Kept));
        await Eventually.True(() => line.Device.Quarantined >= 2, "the device was told");
    }

    [PeerFact("mosquitto")]
    public async Task A_hub_that_finds_a_lost_seal_key_takes_what_waited_in_quarantine_for_it()
    {
        await using var line = await SyncLine.StartAsync(Tenant, Device);
        using var lost = HubPrivateKey.Generate();
        using var sealer = new BatchSealer(lost.Public, Tenant, Device);
        var batch = new RecordBatch(RecordClass.Telemetry);
        batch.AddReading(Channel, 1_000, 42);
        var plaintext = new ArrayBufferWriter<byte>();
        BatchCodec.Encode(batch, plaintext);
        line.Outbox.Append(RecordClass.Telemetry, 1, (first, sequence, target) => sealer.Seal(
            new BatchHeader(Device, line.Outbox.Epoch, first, sequence, RecordClass.Telemetry, 1, 0),
            plaintext.WrittenSpan, target));
        line.Outbox.Append(RecordClass.Telemetry, 1, (_, _, target) => target.Write("no envelope, just text"u8));
        Assert.True(await line.Device.DrainAsync(Patience));
        Assert.Equal(2, line.Store.QuarantinedCount());
        Assert.Empty(line.Store.EnumerateBatches());

        await line.RestartHubAsync(() => line.FindKey(lost));

        await Eventually.True(() => line.Store.QuarantinedCount() == 1, "the batch left quarantine");
        var stored = Assert.Single(line.Store.EnumerateBatches());
        Assert.Equal((1UL, 42.0), (stored.Header.Sequence, stored.Records.Series[0].Values[0]));
        Assert.Equal(2UL, Assert.Single(line.Store.Quarantined(new RecordFilter())).Sequence);
    }

    [PeerFact("mosquitto")]
    public async Task A_batch_too_large_for_the_hub_goes_into_quarantine_unopened()
    {
        await using var line = await SyncLine.StartAsync(
            Tenant, Device, ingest: new IngestOptions { BatchBytesMax = 4_096 });
        Add(line, 5);
        AddLarge(line);
        Add(line, 5);
        Assert.True(await line.Device.DrainAsync(Patience));
        var batch = Assert.Single(line.Store.Quarantined(new RecordFilter { Device = Device }));
        Assert.Equal(2UL, batch.Sequence);
        Assert.Contains("more than 4096", batch.Reason, StringComparison.Ordinal);
        Assert.Equal([1UL, 3UL], line.Store.EnumerateBatches().Select(stored => stored.Header.Sequence).Order());
    }

    [PeerFact("mosquitto")]
    public async Task A_batch_too_large_for_the_broker_is_put_aside_on_the_device_and_named_by_a_gap()
    {
        await using var line = await SyncLine.StartAsync(Tenant, Device, "max_packet_size 8192");
        Add(line, 5);
        AddLarge(line);
        Add(line, 5);
        Assert.True(await line.Device.DrainAsync(Patience));
        var gap = Assert.Single(line.Store.Gaps(new RecordFilter { Device = Device }, 10)).Gap;
        Assert.Equal((2UL, 2UL, 2_000L), (gap.FirstSequence, gap.LastSequence, gap.Records));
        Assert.Contains("that the broker takes", gap.Reason, StringComparison.Ordinal);
        var kept = Assert.Single(Directory.GetFiles(line.OutboxPath + ".aside"));
        Assert.True(new FileInfo(kept).Length > 8_192);
        Assert.Equal(
            [1UL, 3UL],
            line.Store.EnumerateBatches().Where(stored => stored.Records.Gaps.Count == 0)
                .Select(stored => stored.Header.Sequence).Order());
    }

    [PeerFact("mosquitto")]
    public async Task A_hub_set_back_to_a_backup_gets_a_gap_for_what_nobody_has_any_more()
    {
        await using var line = await SyncLine.StartAsync(Tenant, Device);
        Add(line, 5);
        Add(line, 5);
        Assert.True(await line.Device.DrainAsync(Patience));
        var backup = line.StorePath + ".backup";
        await line.RestartHubAsync(() => Copy(line.StorePath, backup));
        await Eventually.True(() => line.Hub.Connected, "the hub is back");
        var kept = line.Appended;
        Add(line, 5);
        Add(line, 5);
        Assert.True(await line.Device.DrainAsync(Patience));
        var gone = line.Appended.Except(kept).ToArray();

        await line.RestartHubAsync(() => Copy(backup, line.StorePath));
        await Eventually.True(() => line.Hub.Connected, "the hub is back");
        Add(line, 5);
        Assert.True(await line.Device.DrainAsync(Patience));

        Assert.Equal([.. line.Appended.Except(gone)], line.StoredDigests());
        var gap = Assert.Single(line.Store.Gaps(new RecordFilter { Device = Device }, 10)).Gap;
        Assert.Equal((3UL, 4UL), (gap.FirstSequence, gap.LastSequence));
    }

    [PeerFact("mosquitto")]
    public async Task An_older_copy_of_an_outbox_begins_a_new_epoch_and_names_what_it_held()
    {
        await using var line = await SyncLine.StartAsync(Tenant, Device);
        Add(line, 5);
        Assert.True(await line.Device.DrainAsync(Patience));
        var image = line.OutboxPath + ".image";
        await line.RestartDeviceAsync(() => Copy(line.OutboxPath, image));
        Add(line, 5);
        Add(line, 5);
        Assert.True(await line.Device.DrainAsync(Patience));
        var epoch = line.Outbox.Epoch;
        var stored = line.Appended;

        // The old disk image comes back, and goes on where it had been, under names that are taken.
        line.Proxy.Refuse = true;
        await line.RestartDeviceAsync(() => Copy(image, line.OutboxPath));
        for (var i = 0; i < 4; i++)
            Add(line, 7);
        line.Proxy.Refuse = false;
        await Eventually.True(() => line.Outbox.Epoch != epoch, "a new epoch began");
        Assert.True(await line.Device.DrainAsync(Patience));
        Add(line, 5);
        Assert.True(await line.Device.DrainAsync(Patience));

        // What was stored stays, once; what was appended under taken names is named, and kept beside the outbox.
        Assert.Superset(stored.ToHashSet(), line.StoredDigests().ToHashSet());
        Assert.Equal(line.StoredDigests().Length, line.StoredDigests().Distinct().Count());
        var gap = Assert.Single(line.Store.Gaps(new RecordFilter { Device = Device }, 10));
        Assert.Equal((line.Outbox.Epoch, 28L), (gap.Epoch, gap.Gap.Records));
        Assert.Contains(
            Directory.GetFiles(Path.GetDirectoryName(line.OutboxPath)!),
            file => gap.Gap.Reason.Contains(Path.GetFileName(file), StringComparison.Ordinal));
    }

    private static void Add(SyncLine line, int readings)
    {
        var at = line.Appended.Length;
        for (var i = 0; i < readings; i++)
            line.Writer.AddReading(RecordClass.Telemetry, Channel, (at + i) * 1_000L, at + i);
        line.Writer.Flush();
    }

    // Values that no codec makes small.
    private static void AddLarge(SyncLine line)
    {
        var random = new Random(7);
        var plaintext = new RecordBatch(RecordClass.Telemetry);
        for (var i = 0; i < 2_000; i++)
            plaintext.AddReading(Channel, i * 1_000L, random.NextDouble() * 1e9);
        line.Append(plaintext);
    }

    private static void Copy(string from, string to)
    {
        foreach (var suffix in (string[])["", "-wal", ".mark"])
        {
            File.Delete(to + suffix);
            if (File.Exists(from + suffix))
                File.Copy(from + suffix, to + suffix);
        }

        File.Delete(to + "-shm");
    }
}
