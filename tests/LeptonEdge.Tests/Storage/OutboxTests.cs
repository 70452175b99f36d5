using LeptonEdge.Core.Records;
using LeptonEdge.Storage.Outboxes;
using LeptonEdge.Tests.Protocol;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Storage;

public sealed class OutboxTests : IDisposable
{
    private readonly OutboxFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Sequences_start_at_one_and_have_no_gaps_across_reopening()
    {
        for (ulong i = 1; i <= 5; i++)
        {
            using var outbox = _fixture.Open();
            Assert.Equal(i, _fixture.Append(outbox, RandomBatches.Readings(10)));
            Assert.Equal(i, outbox.LastSequence);
        }

        using var again = _fixture.Open();
        Assert.Equal([1, 2, 3, 4, 5], OutboxFixture.All(again).Select(batch => (int)batch.Sequence));
    }

    [Fact]
    public void What_was_appended_is_read_back_opened_and_equal()
    {
        using var outbox = _fixture.Open();
        var batches = Enumerable.Range(0, 40).Select(RandomBatches.Make).ToList();
        foreach (var batch in batches)
            _fixture.Append(outbox, batch);
        var read = OutboxFixture.All(outbox).ConvertAll(batch => _fixture.Look(batch));
        Assert.Equal(
            batches.ConvertAll(RandomBatches.Print), read.ConvertAll(looked => RandomBatches.Print(looked.Batch)));
        Assert.All(read, looked => Assert.Equal(outbox.Epoch, looked.Header.Epoch));
    }

    [Fact]
    public void A_receipt_trims_and_the_sequence_goes_on_even_when_all_is_gone()
    {
        using (var outbox = _fixture.Open())
        {
            for (var i = 0; i < 5; i++)
                _fixture.Append(outbox, RandomBatches.Readings(10));
            Assert.Equal(TrimResult.Trimmed, OutboxFixture.Trim(outbox, 3));
            Assert.Equal(TrimResult.Stale, OutboxFixture.Trim(outbox, 2));
            Assert.Equal([4, 5], OutboxFixture.All(outbox).Select(batch => (int)batch.Sequence));
            Assert.Equal(3ul, outbox.ReceiptedThrough);
            Assert.Equal(TrimResult.Trimmed, OutboxFixture.Trim(outbox, 5));
            Assert.Equal(default, outbox.Backlog);
        }

        using var again = _fixture.Open();
        Assert.Equal((5ul, 5ul), (again.ReceiptedThrough, again.LastSequence));
        Assert.Equal(6ul, _fixture.Append(again, RandomBatches.Readings(1)));
    }

    [Fact]
    public void A_receipt_for_what_this_file_never_held_trims_nothing_and_is_logged()
    {
        var logger = new ListLogger();
        using var outbox = _fixture.Open(logger: logger);
        _fixture.Append(outbox, RandomBatches.Readings(1));
        Assert.Equal(TrimResult.Forked, OutboxFixture.Trim(outbox, 9));
        Assert.Single(OutboxFixture.All(outbox));
        Assert.Contains(logger.Lines, line => line.Contains("through 9"));
    }

    [Fact]
    public void Reading_keeps_to_its_limits_but_always_moves_on()
    {
        using var outbox = _fixture.Open();
        for (var i = 0; i < 6; i++)
            _fixture.Append(outbox, RandomBatches.Readings(100));
        var size = OutboxFixture.All(outbox)[0].Sealed.Length;
        var into = new List<OutboxBatch>();
        Assert.Equal(2, outbox.ReadAfter(1, 2, long.MaxValue, into));
        Assert.Equal(1, outbox.ReadAfter(0, 10, 1, into));
        Assert.Equal(3, outbox.ReadAfter(0, 10, 3 * size + size / 2, into));
        Assert.Equal(0, outbox.ReadAfter(6, 10, long.MaxValue, into));
        Assert.Equal([2, 3, 1, 1, 2, 3], into.Select(batch => (int)batch.Sequence));
    }

    [Fact]
    public void The_backlog_counts_what_waits()
    {
        using (var outbox = _fixture.Open())
        {
            for (var i = 1; i <= 4; i++)
                _fixture.Append(outbox, RandomBatches.Readings(i * 10));
            OutboxFixture.Trim(outbox, 1);
        }

        using var again = _fixture.Open();
        var bytes = OutboxFixture.All(again).Sum(batch => batch.Sealed.Length);
        Assert.Equal(new OutboxBacklog(3, 90, bytes, 0), again.Backlog);
    }

    [Fact]
    public void Epochs_of_two_files_differ()
    {
        using var one = _fixture.Open();
        using var two = _fixture.Open(path: Path.Combine(_fixture.Folder, "other.db"));
        Assert.NotEqual(one.Epoch, two.Epoch);
    }

    [Fact]
    public void A_second_agent_is_kept_out_with_a_clear_error()
    {
        using var outbox = _fixture.Open();
        var error = Assert.Throws<OutboxException>(() => _fixture.Open());
        Assert.Contains("another process holds it", error.Message);
        Assert.Equal(1ul, _fixture.Append(outbox, RandomBatches.Readings(1)));
    }

    [Fact]
    public void Threads_may_append_read_and_trim_at_once()
    {
        using var outbox = _fixture.Open();
        Parallel.For(0, 200, i =>
        {
            _fixture.Append(outbox, RandomBatches.Readings(5, i));
            if (i % 10 == 0)
                OutboxFixture.Trim(outbox, outbox.LastSequence / 2);
            OutboxFixture.All(outbox, outbox.LastSequence - 1);
        });
        Assert.Equal(200ul, outbox.LastSequence);
        var left = OutboxFixture.All(outbox);
        Assert.Equal(
            Enumerable.Range((int)outbox.ReceiptedThrough + 1, left.Count), left.Select(batch => (int)batch.Sequence));
        Assert.Equal(200, (int)outbox.ReceiptedThrough + left.Count);
    }

    [Fact]
    public void A_batch_whose_sealing_fails_leaves_no_trace()
    {
        using var outbox = _fixture.Open();
        Assert.Throws<InvalidOperationException>(
            () => outbox.Append(RecordClass.Alarm, 1, (_, _, _) => throw new InvalidOperationException()));
        Assert.Throws<OutboxException>(() => outbox.Append(RecordClass.Bulk, 1, (_, _, writer) =>
        {
            writer.GetSpan(9 * 1024 * 1024);
            writer.Advance(9 * 1024 * 1024);
        }));
        Assert.Equal(1ul, _fixture.Append(outbox, RandomBatches.Readings(1)));
        Assert.Single(OutboxFixture.All(outbox));
    }

    [Fact]
    public void State_is_kept_beside_the_batches()
    {
        using (var outbox = _fixture.Open())
        {
            Assert.Null(outbox.State.Get("desired"));
            outbox.State.Set("desired", [1, 2, 3]);
            outbox.State.Set("desired", [4, 5]);
            outbox.State.Set("empty", []);
        }

        using var again = _fixture.Open();
        Assert.Equal((byte[])[4, 5], again.State.Get("desired"));
        Assert.Equal((byte[])[], again.State.Get("empty"));
    }

    [Fact]
    public void Options_out_of_range_are_named_all_at_once()
    {
        var error = Assert.Throws<ArgumentException>(() => Outbox.Open(
            new OutboxOptions { Path = "", BytesMax = 1, SealGap = (_, _, _, _, _) => { } }, TimeProvider.System));
        Assert.Contains("Path", error.Message);
        Assert.Contains("BytesMax", error.Message);
    }

    [Fact]
    public void Several_batches_are_appended_all_or_none_under_names_that_follow()
    {
        using var outbox = _fixture.Open();
        var names = outbox.Append(Of(100), Of(200), Of(300));
        Assert.Equal(new AppendedBatches(outbox.Epoch, 1, 3), names);
        Assert.Throws<InvalidOperationException>(() => outbox.Append(
            Of(100), new PendingBatch(RecordClass.Bulk, 1, (_, _, _) => throw new InvalidOperationException())));
        Assert.Equal(new AppendedBatches(outbox.Epoch, 4, 4), outbox.Append(Of(400)));
        Assert.Equal([100, 200, 300, 400], OutboxFixture.All(outbox).Select(batch => batch.Sealed.Length));
    }

    [Fact]
    public async Task Appends_that_come_together_share_the_way_to_the_disk_and_each_gets_its_own_answer()
    {
        using var outbox = _fixture.Open();
        using var held = new ManualResetEventSlim();
        using var begun = new ManualResetEventSlim();
        // The first holds the disk's lock while the others queue up behind it.
        var first = Task.Run(() => outbox.Append(RecordClass.Bulk, 1, (_, _, target) =>
        {
            begun.Set();
            held.Wait();
            target.Advance(target.GetSpan(10)[..10].Length);
        }));
        begun.Wait();
        var threads = new List<Thread>();
        var sequences = new ulong[12];
        var faults = 0;
        for (var i = 0; i < sequences.Length; i++)
        {
            var number = i;
            threads.Add(new Thread(() =>
            {
                try
                {
                    sequences[number] = outbox.Append(RecordClass.Bulk, 1, (_, _, target) =>
                    {
                        if (number % 4 == 3)
                            throw new InvalidOperationException();
                        target.Advance(target.GetSpan(100 + number)[..(100 + number)].Length);
                    });
                }
                catch (InvalidOperationException)
                {
                    Interlocked.Increment(ref faults);
                }
            }));
            threads[^1].Start();
        }

        await Eventually.True(() => outbox.AppendsWaiting == sequences.Length, "all are queued");
        held.Set();
        await first;
        threads.ForEach(thread => thread.Join());
        var all = OutboxFixture.All(outbox);
        Assert.Equal((10, 3), (all.Count, faults));
        for (var i = 0; i < sequences.Length; i++)
        {
            if (i % 4 != 3)
                Assert.Equal(100 + i, all[(int)sequences[i] - 1].Sealed.Length);
        }

        // One to make the file, and one for all of them.
        Assert.Equal(2ul, outbox.Transactions);
    }

    private static PendingBatch Of(int bytes) => new(
        RecordClass.Telemetry, 1, (_, _, target) => target.Advance(target.GetSpan(bytes)[..bytes].Length));
}
