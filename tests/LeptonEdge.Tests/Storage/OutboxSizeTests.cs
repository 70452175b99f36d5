using LeptonEdge.Core.Records;
using LeptonEdge.Storage.Outboxes;

namespace LeptonEdge.Tests.Storage;

/// <summary>The byte limit is one on the disk: of the file, its log and what is put aside.</summary>
public sealed class OutboxSizeTests : IDisposable
{
    private readonly OutboxFixture _fixture = new();
    private readonly Random _random = new(8);

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(256 * 1024, 6_000)]
    [InlineData(1024 * 1024, 30_000)]
    [InlineData(8 * 1024 * 1024, 60_000)]
    [InlineData(384 * 1024, 900)]
    public void Filled_far_beyond_its_limit_it_stays_within_and_drained_it_gives_the_disk_back(
        int limit, int batchBytes)
    {
        using var outbox = _fixture.Open(limit);
        long written = 0, sizeMax = 0;
        while (written < 4L * limit)
        {
            // Bursts of several at once, of mixed classes and sizes.
            var burst = Enumerable.Range(0, _random.Next(1, 6)).Select(_ => Noise(batchBytes)).ToArray();
            written += burst.Sum(batch => batch.Bytes);
            outbox.Append(burst.Select(batch => batch.Pending).ToArray());
            sizeMax = Math.Max(sizeMax, SizeOnDisk());
            if (_random.Next(20) == 0)
                OutboxFixture.Trim(outbox, outbox.ReceiptedThrough + (ulong)_random.Next(1, 4));
        }

        Assert.True(outbox.Backlog.ShedRecords > 0);
        Assert.True(sizeMax <= 1.05 * limit, $"{sizeMax} bytes on the disk, the limit is {limit}");
        // And it is used: the limit is not kept by holding little.
        Assert.True(outbox.Backlog.Bytes > 0.4 * limit, $"only {outbox.Backlog.Bytes} of {limit} are held");
        var full = SizeOnDisk();
        while (outbox.ReceiptedThrough < outbox.LastSequence)
        {
            OutboxFixture.Trim(outbox, Math.Min(outbox.LastSequence, outbox.ReceiptedThrough + 16));
            Assert.True(SizeOnDisk() <= 1.05 * limit);
        }

        Assert.True(SizeOnDisk() <= Math.Max(limit / 4, 450_000), $"{full} bytes became only {SizeOnDisk()}");
        Assert.Equal(default, outbox.Backlog with { ShedRecords = 0 });
    }

    [Fact]
    public void A_class_keeps_its_reserve_while_another_can_give_way()
    {
        const long Limit = 1024 * 1024;
        using var outbox = Outbox.Open(
            new OutboxOptions
            {
                Path = _fixture.Path,
                BytesMax = Limit,
                Reserves = new OutboxReserves { Alarm = 0, Event = 0, Telemetry = 0.3, Bulk = 0 },
                SealGap = (_, _, _, _, target) => target.Advance(target.GetSpan(64)[..64].Length),
            }, TimeProvider.System);
        for (var i = 0; i < 60; i++)
            outbox.Append(Of(RecordClass.Telemetry, 10_000));
        for (var i = 0; i < 200; i++)
            outbox.Append(Of(RecordClass.Alarm, 10_000));
        var all = OutboxFixture.All(outbox).Where(batch => batch.Sealed.Length == 10_000).ToList();
        var telemetry = all.Where(batch => batch.Class == RecordClass.Telemetry).Sum(batch => batch.Sealed.Length);
        // Alarms rank above telemetry, but beyond its reserve telemetry is safe from them.
        Assert.InRange(telemetry, (0.3 * Limit) - 10_000, 0.3 * Limit);
        Assert.True(all.Count(batch => batch.Class == RecordClass.Alarm) > 20);
    }

    [Fact]
    public void Reserves_that_do_not_fit_are_named()
    {
        var faults = new OutboxReserves { Alarm = 0.5, Event = -0.1, Telemetry = 0.6 }.Faults().ToList();
        Assert.Equal(2, faults.Count);
        Assert.Contains("Event -0.1", faults[0]);
        Assert.Contains("add up", faults[1]);
        var error = Assert.Throws<ArgumentException>(() => Outbox.Open(
            new OutboxOptions
            {
                Path = _fixture.Path, Reserves = new OutboxReserves { Bulk = 0.8 }, SealGap = (_, _, _, _, _) => { },
            }, TimeProvider.System));
        Assert.Contains("Reserves: the shares add up", error.Message);
    }

    private (PendingBatch Pending, int Bytes) Noise(int batchBytes)
    {
        var bytes = _random.Next(batchBytes / 4, batchBytes * 2);
        return (Of((RecordClass)_random.Next(4), bytes), bytes);
    }

    private PendingBatch Of(RecordClass recordClass, int bytes) => new(recordClass, 7, (_, _, target) =>
    {
        _random.NextBytes(target.GetSpan(bytes)[..bytes]);
        target.Advance(bytes);
    });

    private long SizeOnDisk() => Directory.GetFiles(_fixture.Folder, "*", SearchOption.AllDirectories)
        .Sum(file => new FileInfo(file).Length);
}
