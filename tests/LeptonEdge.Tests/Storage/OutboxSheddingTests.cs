using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Storage.Outboxes;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Storage;

public sealed class OutboxSheddingTests : IDisposable
{
    private const long Limit = 256 * 1024;
    private readonly OutboxFixture _fixture = new();
    private readonly Random _random = new(3);

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void A_full_outbox_sheds_the_oldest_of_the_lowest_class_and_leaves_a_gap()
    {
        using var outbox = _fixture.Open(Limit);
        for (var i = 0; i < 40; i++)
            _fixture.Append(outbox, Noise(i % 4 == 0 ? RecordClass.Alarm : RecordClass.Telemetry));
        Assert.InRange(outbox.Backlog.Bytes, 1, Limit);
        var all = OutboxFixture.All(outbox);
        AssertUnbroken(all, 40);
        var gaps = all.Where(
            batch => batch.FirstSequence < batch.Sequence || _fixture.Look(batch).Batch.Gaps.Count > 0).ToList();
        Assert.NotEmpty(gaps);
        // Every alarm is still there, and so is the newest telemetry.
        Assert.Equal(10, all.Count(batch => batch.Class == RecordClass.Alarm));
        Assert.Equal(RecordClass.Telemetry, all[^1].Class);
        var shed = gaps.SelectMany(batch => _fixture.Look(batch).Batch.Gaps).ToList();
        Assert.All(shed, gap => Assert.Equal(RecordClass.Telemetry, gap.Class));
        Assert.Equal(outbox.Backlog.ShedRecords, shed.Sum(gap => gap.Records));
    }

    [Fact]
    public void Neighbouring_gaps_become_one_range_with_the_count_of_every_class()
    {
        using var outbox = _fixture.Open(Limit);
        for (var i = 0; i < 400; i++)
            _fixture.Append(outbox, Noise((RecordClass)(i % 4)));
        var all = OutboxFixture.All(outbox);
        AssertUnbroken(all, 400);
        Assert.InRange(outbox.Backlog.Bytes, 1, Limit);
        var first = _fixture.Look(all[0]);
        Assert.Equal(1ul, first.Header.FirstSequence);
        Assert.True(first.Header.Sequence > 100);
        Assert.Equal([RecordClass.Alarm, RecordClass.Event, RecordClass.Telemetry, RecordClass.Bulk],
            first.Batch.Gaps.Select(gap => gap.Class));
        Assert.All(first.Batch.Gaps, gap => Assert.InRange(gap.LastSequence, gap.FirstSequence, first.Header.Sequence));
        var kept = all.Where(batch => _fixture.Look(batch).Batch.Gaps.Count == 0).Sum(batch => batch.Records);
        Assert.Equal(400 * 512, kept + outbox.Backlog.ShedRecords);
        Assert.Equal(outbox.Backlog.ShedRecords,
            all.SelectMany(batch => _fixture.Look(batch).Batch.Gaps).Sum(gap => gap.Records));
    }

    [Fact]
    public void The_totals_are_the_same_after_reopening()
    {
        OutboxBacklog before;
        using (var outbox = _fixture.Open(Limit))
        {
            for (var i = 0; i < 100; i++)
                _fixture.Append(outbox, Noise((RecordClass)(i % 3)));
            OutboxFixture.Trim(outbox, 40);
            before = outbox.Backlog;
        }

        using var again = _fixture.Open(Limit);
        Assert.Equal(before, again.Backlog);
        Assert.Equal(100ul, again.LastSequence);
        for (var i = 0; i < 100; i++)
            _fixture.Append(again, Noise((RecordClass)(i % 3)));
        AssertUnbroken(OutboxFixture.All(again), 200, OutboxFixture.All(again)[0].FirstSequence);
        Assert.InRange(again.Backlog.Bytes, 1, Limit);
    }

    [Fact]
    public void A_receipt_within_a_gap_leaves_the_gap()
    {
        using var outbox = _fixture.Open(Limit);
        for (var i = 0; i < 60; i++)
            _fixture.Append(outbox, Noise(RecordClass.Bulk));
        var gap = OutboxFixture.All(outbox)[0];
        Assert.True(gap.Sequence > gap.FirstSequence);
        Assert.Equal(TrimResult.Trimmed, OutboxFixture.Trim(outbox, gap.Sequence - 1));
        Assert.Equal(gap.Sequence, OutboxFixture.All(outbox, outbox.ReceiptedThrough)[0].Sequence);
        Assert.Equal(TrimResult.Trimmed, OutboxFixture.Trim(outbox, gap.Sequence));
        Assert.Equal(gap.Sequence + 1, OutboxFixture.All(outbox)[0].Sequence);
    }

    [Fact]
    public void What_outranks_everything_is_shed_last_and_the_new_batch_first_when_it_ranks_lowest()
    {
        using var outbox = _fixture.Open(Limit);
        while (outbox.Backlog.ShedRecords == 0)
            _fixture.Append(outbox, Noise(RecordClass.Alarm));
        var (shed, alarms) = (outbox.Backlog.ShedRecords, outbox.LastSequence);
        // What was shed may have made room for one more.
        ulong last;
        do
        {
            last = _fixture.Append(outbox, Noise(RecordClass.Bulk));
        }
        while (outbox.Backlog.ShedRecords == shed);
        Assert.InRange(last, 1ul, alarms + 3);
        var all = OutboxFixture.All(outbox);
        var batch = _fixture.Look(all[^1]);
        Assert.Equal(last, batch.Header.Sequence);
        Assert.Equal(RecordClass.Bulk, Assert.Single(batch.Batch.Gaps).Class);
        // Of the alarms that were there before the first bulk batch came at most one made room, for the gap itself.
        Assert.InRange(all.Count(b => b.Class == RecordClass.Alarm) + (shed / 512), (long)alarms - 1, (long)alarms);
    }

    private static void AssertUnbroken(List<OutboxBatch> all, ulong last, ulong first = 1)
    {
        foreach (var batch in all)
        {
            Assert.Equal(first, batch.FirstSequence);
            first = batch.Sequence + 1;
        }

        Assert.Equal(last, all[^1].Sequence);
    }

    // About 4 KiB sealed: noise does not compress.
    private RecordBatch Noise(RecordClass recordClass)
    {
        var batch = new RecordBatch(recordClass);
        for (var i = 0; i < 512; i++)
            batch.AddReading(new ChannelName("x"), i, _random.NextDouble());
        return batch;
    }
}
