using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Storage.Outboxes;
using LeptonEdge.Sync.Uplink;
using LeptonEdge.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace LeptonEdge.Tests.Sync;

public sealed class RecordWriterTests : IDisposable
{
    private static readonly ChannelName Channel = new("line.pressure");
    private readonly TempFolder _folder = new();
    private readonly HubPrivateKey _key = HubPrivateKey.Generate();
    private readonly List<(BatchName Name, RecordClass Class, int Records, int SealedBytes)> _appended = [];

    public void Dispose()
    {
        _key.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_flush_appends_one_batch_of_each_class_and_names_each()
    {
        using var sealer = Sealer();
        using var outbox = Open(sealer);
        using var writer = Writer(outbox, sealer, 1_000);
        for (var i = 0; i < 10; i++)
            writer.AddReading(RecordClass.Telemetry, Channel, i, i);
        writer.AddAlarm(new AlarmEvent("high", Channel, AlarmSeverity.Warning, AlarmTransition.Raised, 1, 2, "high"));
        writer.AddRawWindow(new RawWindow(Channel, 0, 1_000, [1f, 2f], "high"));
        writer.Flush();

        var read = new List<OutboxBatch>();
        outbox.ReadAfter(0, 10, long.MaxValue, read);
        Assert.Equal([RecordClass.Alarm, RecordClass.Telemetry, RecordClass.Bulk], read.Select(batch => batch.Class));
        Assert.Equal(read.Select(batch => batch.Sequence), _appended.Select(one => one.Name.Sequence));
        Assert.Equal(read.Select(batch => batch.Sealed.Length), _appended.Select(one => one.SealedBytes));
        Assert.Equal([1, 10, 1], _appended.Select(one => one.Records));
    }

    [SmallDiskFact]
    public void What_a_full_disk_refuses_is_appended_first_once_there_is_room()
    {
        using var disk = new SmallDisk(4);
        using var sealer = Sealer();
        using var outbox = Open(sealer, disk.File("outbox.db"));
        using var writer = Writer(outbox, sealer, 4);
        var added = 0;
        using (disk.FillUp())
        {
            // SQLite may have pages of its own left.
            for (var before = -1; _appended.Count > before && added < 1_000_000; added += 4)
            {
                before = _appended.Count;
                Add(writer, added, 4);
            }

            Assert.Equal((added / 4) - 1, _appended.Count);
            Add(writer, added, 2);
        }

        writer.Flush();
        Assert.Equal(0, writer.ShedRecords);
        Assert.Equal(added + 2, _appended.Sum(one => one.Records));
        Assert.Equal(2, _appended[^1].Records);
    }

    [Fact]
    public async Task A_batch_is_appended_when_its_age_has_come_and_what_is_nearly_due_goes_along()
    {
        var clock = new ManualTimeProvider();
        using var sealer = Sealer();
        using var outbox = Open(sealer);
        using var writer = Writer(outbox, sealer, 1_000, clock);
        using var stop = new CancellationTokenSource();
        writer.AddReading(RecordClass.Telemetry, Channel, 0, 0);
        var running = Task.Run(() => writer.RunAsync(stop.Token));
        await clock.HasTimerWithin(TimeSpan.FromMilliseconds(500));

        clock.Advance(TimeSpan.FromMilliseconds(100));
        writer.AddReading(RecordClass.Event, Channel, 0, 0);
        clock.Advance(TimeSpan.FromMilliseconds(200));
        writer.AddReading(RecordClass.Bulk, Channel, 0, 0);
        clock.Advance(TimeSpan.FromMilliseconds(200));
        await Eventually.True(() => outbox.Backlog.Batches == 2, "two batches in the outbox");

        // The third is due 300 ms later, not a whole age.
        await clock.HasTimerWithin(TimeSpan.FromMilliseconds(300));
        clock.Advance(TimeSpan.FromMilliseconds(300));
        await Eventually.True(() => outbox.Backlog.Batches == 3, "the third batch in the outbox");
        await stop.CancelAsync();
        await running;
        Assert.Equal(
            [RecordClass.Event, RecordClass.Telemetry, RecordClass.Bulk], _appended.Select(one => one.Class));
    }

    private static void Add(RecordWriter writer, int first, int count)
    {
        for (var i = first; i < first + count; i++)
            writer.AddReading(RecordClass.Telemetry, Channel, i, i);
    }

    private BatchSealer Sealer() => new(_key.Public, new TenantId("acme"), new DeviceId("press-7"));

    private Outbox Open(BatchSealer sealer, string? path = null) => Outbox.Open(
        new OutboxOptions
        {
            Path = path ?? _folder.File("outbox.db"),
            SealGap = GapSealer.Create(sealer, TimeProvider.System),
        }, TimeProvider.System);

    private RecordWriter Writer(
        Outbox outbox, BatchSealer sealer, int batchRecords, TimeProvider? clock = null) => new(
        outbox, sealer, new RecordWriterOptions { BatchRecords = batchRecords }, clock ?? TimeProvider.System,
        NullLogger<RecordWriter>.Instance,
        (name, batch, sealedBytes) => _appended.Add((name, batch.Class, batch.Count, sealedBytes)));
}
