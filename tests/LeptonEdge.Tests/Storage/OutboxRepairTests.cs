using LeptonEdge.Core.Records;
using LeptonEdge.Storage.Outboxes;
using LeptonEdge.Tests.Protocol;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Storage;

/// <summary>What an outbox does when the hub's word and its own do not fit together, and with batches that cannot be
/// sent.</summary>
public sealed class OutboxRepairTests : IDisposable
{
    private readonly OutboxFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void A_receipt_with_the_mark_of_its_own_batch_trims_and_with_another_does_not()
    {
        using var outbox = Filled(6);
        var all = OutboxFixture.All(outbox);
        Assert.Equal(BitConverter.ToUInt64(all[2].Sealed.AsSpan()[^8..]), all[2].SealMark);
        Assert.Equal(outbox.Epoch, all[2].Epoch);
        Assert.Equal(TrimResult.Forked, outbox.Trim(outbox.Epoch, 3, all[2].SealMark ^ 1));
        Assert.Equal(TrimResult.Stale, outbox.Trim(outbox.Epoch + 1, 3, all[2].SealMark));
        Assert.Equal(6, OutboxFixture.All(outbox).Count);
        Assert.Equal(TrimResult.Trimmed, outbox.Trim(outbox.Epoch, 3, all[2].SealMark));
        Assert.Equal(3, OutboxFixture.All(outbox).Count);
    }

    [Fact]
    public void A_hub_that_was_set_back_is_sent_a_gap_for_what_is_gone_and_then_the_rest()
    {
        using (var outbox = Filled(10))
        {
            OutboxFixture.Trim(outbox, 7);
            Assert.False(outbox.Rewind(outbox.Epoch, 7));
            Assert.False(outbox.Rewind(outbox.Epoch ^ 1, 4));
            Assert.True(outbox.Rewind(outbox.Epoch, 4));
            Assert.Equal(new OutboxPosition(outbox.Epoch, 4, 10), outbox.Position);
        }

        using var again = _fixture.Open();
        var all = OutboxFixture.All(again, after: 4);
        Assert.Equal([(5ul, 7ul), (8ul, 8ul), (9ul, 9ul), (10ul, 10ul)],
            all.Select(batch => (batch.FirstSequence, batch.Sequence)));
        var gap = Assert.Single(_fixture.Look(all[0]).Batch.Gaps);
        Assert.Equal((5ul, 7ul, 0L), (gap.FirstSequence, gap.LastSequence, gap.Records));
        Assert.Contains("only 4", gap.Reason);
        Assert.Equal(TrimResult.Trimmed, OutboxFixture.Trim(again, 10));
        Assert.True(again.Rewind(again.Epoch, 0));
        Assert.Equal((1ul, 10ul), OutboxFixture.All(again).Select(b => (b.FirstSequence, b.Sequence)).Single());
    }

    [Fact]
    public void A_fork_begins_a_new_epoch_that_says_what_was_left_behind_and_where()
    {
        ulong before, after;
        string kept;
        List<OutboxBatch> left;
        using (var outbox = Filled(5))
        {
            outbox.State.Set("desired", [7]);
            (before, left) = (outbox.Epoch, OutboxFixture.All(outbox));
            outbox.Fork("the hub holds other batches of this name");
            after = outbox.Epoch;
            Assert.NotEqual(before, after);
            Assert.Equal(new OutboxPosition(after, 0, 1), outbox.Position);
            var gap = Assert.Single(_fixture.Look(Assert.Single(OutboxFixture.All(outbox))).Batch.Gaps);
            Assert.Equal((RecordClass.Telemetry, 50L), (gap.Class, gap.Records));
            kept = gap.Reason[gap.Reason.IndexOf(_fixture.Path, StringComparison.Ordinal)..];
            Assert.Equal(2ul, _fixture.Append(outbox, RandomBatches.Readings(3)));
        }

        using (var again = _fixture.Open())
            Assert.Equal((after, 2ul, (byte)7), (again.Epoch, again.LastSequence, again.State.Get("desired")![0]));
        using var old = _fixture.Open(path: kept);
        Assert.Equal(before, old.Epoch);
        Assert.Equal(left.ConvertAll(batch => batch.Sealed), OutboxFixture.All(old).ConvertAll(batch => batch.Sealed));
    }

    [Fact]
    public void A_batch_that_cannot_be_sent_is_put_aside_and_a_gap_takes_its_place()
    {
        using var outbox = Filled(3);
        var second = OutboxFixture.All(outbox)[1];
        Assert.False(outbox.PutAside(outbox.Epoch, 9, "too large"));
        Assert.True(outbox.PutAside(outbox.Epoch, 2, "larger than the broker takes"));
        Assert.False(outbox.PutAside(outbox.Epoch, 2, "again"));
        var batch = OutboxFixture.All(outbox)[1];
        var gap = Assert.Single(_fixture.Look(batch).Batch.Gaps);
        Assert.Equal((2ul, 10L, RecordClass.Telemetry), (gap.FirstSequence, gap.Records, gap.Class));
        Assert.Contains("larger than the broker takes", gap.Reason);
        var file = Assert.Single(Directory.GetFiles(_fixture.Path + ".aside"));
        Assert.Contains(file, gap.Reason);
        Assert.Equal(second.Sealed, File.ReadAllBytes(file));
    }

    [Fact]
    public void What_is_put_aside_has_a_limit_and_nothing_there_is_deleted()
    {
        using var outbox = _fixture.Open(256 * 1024);
        for (var i = 0; i < 12; i++)
            outbox.Append(RecordClass.Bulk, 1, (_, _, target) => target.Advance(target.GetSpan(9000)[..9000].Length));
        for (ulong i = 1; i <= 12; i++)
            Assert.True(outbox.PutAside(outbox.Epoch, i, "no use"));
        // An eighth of the limit: three of 9,000 bytes.
        Assert.Equal(3, Directory.GetFiles(_fixture.Path + ".aside").Length);
        var gaps = OutboxFixture.All(outbox).ConvertAll(batch => _fixture.Look(batch).Batch.Gaps.Single().Reason);
        Assert.Equal(9, gaps.Count(reason => reason.Contains("not kept")));
    }

    [Fact]
    public void A_batch_whose_bytes_the_disk_changed_is_kept_aside_and_not_sent()
    {
        using (Filled(5))
        {
        }

        // Not replace(): it takes text, and does nothing where what it looks for begins with a zero byte.
        Execute("UPDATE batch SET sealed = CAST(substr(sealed, 1, 49) || x'0102030405060708' "
            + "|| substr(sealed, 58) AS BLOB) WHERE sequence = 3");
        var logger = new ListLogger();
        using var outbox = _fixture.Open(logger: logger);
        var all = OutboxFixture.All(outbox);
        Assert.Equal([1, 2, 3, 4, 5], all.Select(batch => (int)batch.Sequence));
        Assert.Contains("damaged on the disk", Assert.Single(_fixture.Look(all[2]).Batch.Gaps).Reason);
        Assert.Single(Directory.GetFiles(_fixture.Path + ".aside"));
        Assert.Contains(logger.Lines, line => line.Contains("Batch 3 is not sent"));
        Assert.Null(outbox.SetAside);
        Assert.Equal((5L, 41L), (outbox.Backlog.Batches, outbox.Backlog.Records));
    }

    [Fact]
    public void A_gap_that_was_given_out_keeps_its_name_when_more_is_shed()
    {
        using var outbox = _fixture.Open(256 * 1024);
        var random = new Random(4);
        ShedMore();
        var first = OutboxFixture.All(outbox)[0];
        Assert.NotEmpty(_fixture.Look(first).Batch.Gaps);
        ShedMore();
        ShedMore();
        var all = OutboxFixture.All(outbox);
        Assert.Equal(first, all[0] with { Sealed = first.Sealed });
        Assert.Equal(first.Sequence + 1, all[1].FirstSequence);
        // Not given out in between, both rounds of shedding are one gap.
        Assert.True(all[1].Sequence > all[1].FirstSequence);
        Assert.Empty(_fixture.Look(all[2]).Batch.Gaps);

        void ShedMore()
        {
            for (var goal = outbox.Backlog.ShedRecords + 1500; outbox.Backlog.ShedRecords < goal;)
            {
                var batch = new RecordBatch(RecordClass.Telemetry);
                for (var i = 0; i < 512; i++)
                    batch.AddReading(new("x"), i, random.NextDouble());
                _fixture.Append(outbox, batch);
            }
        }
    }

    [Fact]
    public void A_file_of_layout_1_is_brought_up_and_keeps_everything()
    {
        var sealedBytes = Enumerable.Range(1, 4).Select(i => Enumerable.Repeat((byte)i, 20_000).ToArray()).ToList();
        Execute("""
            PRAGMA journal_mode = WAL;
            CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
            CREATE TABLE batch (sequence INTEGER PRIMARY KEY, first INTEGER NOT NULL, class INTEGER NOT NULL,
                records INTEGER NOT NULL, bytes INTEGER NOT NULL, shed BLOB, sealed BLOB NOT NULL);
            CREATE TABLE state (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
            INSERT INTO meta VALUES ('epoch', -77), ('receipted', 2), ('shed_records', 11), ('clean', 0);
            INSERT INTO state VALUES ('desired', x'0102');
            PRAGMA application_id = 1279610712;
            PRAGMA user_version = 1;
            """ + string.Concat(sealedBytes.Select((bytes, i) =>
            $"INSERT INTO batch VALUES ({i + 3}, {i + 3}, 2, 5, {bytes.Length}, NULL, "
            + $"x'{Convert.ToHexString(bytes)}');")));
        var logger = new ListLogger();
        for (var start = 0; start < 2; start++)
        {
            using var outbox = _fixture.Open(logger: logger);
            Assert.Equal(new OutboxPosition(unchecked((ulong)-77), 2, 6), outbox.Position);
            Assert.Equal(new OutboxBacklog(4, 20, 80_000, 11), outbox.Backlog);
            Assert.Equal(sealedBytes, OutboxFixture.All(outbox).ConvertAll(batch => batch.Sealed));
            Assert.Equal((byte[])[1, 2], outbox.State.Get("desired"));
        }

        Assert.Contains("from layout 1 to 2", Assert.Single(logger.Lines));
    }

    private Outbox Filled(int batches)
    {
        var outbox = _fixture.Open();
        for (var i = 0; i < batches; i++)
            _fixture.Append(outbox, RandomBatches.Readings(10, i));
        return outbox;
    }

    private void Execute(string sql)
    {
        SQLitePCL.Batteries_V2.Init();
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={_fixture.Path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
