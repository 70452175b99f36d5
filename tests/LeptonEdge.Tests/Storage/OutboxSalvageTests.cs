using LeptonEdge.Core.Records;
using LeptonEdge.Storage.Outboxes;
using LeptonEdge.Tests.Protocol;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Storage;

/// <summary>Real files, damaged at seeded places: whatever was waiting is read back bit by bit or named by a gap, and
/// the damaged file is kept as it was.</summary>
public sealed class OutboxSalvageTests : IDisposable
{
    private readonly OutboxFixture _fixture = new();
    private readonly TempFolder _copies = new();

    public void Dispose()
    {
        _copies.Dispose();
        _fixture.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Flipped_bits_lose_nothing_that_is_not_named(int seed)
    {
        var original = Fill(killed: seed % 2 == 1);
        var random = new Random(seed);
        var damaged = 0;
        for (var i = 0; i < 60; i++)
        {
            var copy = original.Copy(_copies, $"{seed}-{i}");
            var target = i % 4 == 3 && original.Log.Length > 0 ? copy + "-wal" : copy;
            var bytes = File.ReadAllBytes(target);
            // Every fourth hits the header or the tree's top, where one bit matters most.
            var within = i % 4 == 1 ? Math.Min(bytes.Length, 512) : bytes.Length;
            for (var flips = random.Next(1, 4); flips > 0; flips--)
                bytes[random.Next(within)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(target, bytes);
            damaged += Check(original, copy, $"seed {seed}, copy {i}") ? 1 : 0;
        }

        Assert.True(damaged > 5, $"only {damaged} files were noticed to be damaged");
    }

    [Fact]
    public void A_log_cut_short_is_noticed_and_what_it_held_is_named()
    {
        var original = Fill(killed: true);
        var random = new Random(6);
        var noticed = 0;
        for (var i = 0; i < 30; i++)
        {
            var copy = original.Copy(_copies, $"log-cut-{i}");
            using (var log = new FileStream(copy + "-wal", FileMode.Open))
                // At a frame's end as well as within one: there SQLite sees nothing amiss.
                log.SetLength(i % 2 == 0 ? random.Next((int)log.Length) : 32 + (random.Next((int)log.Length / 4120) * 4120L));
            noticed += Check(original, copy, $"log cut {i}") ? 1 : 0;
        }

        // Frames that were folded into the file already may be cut off without harm.
        Assert.True(noticed > 15, $"only {noticed} were noticed");
    }

    [Fact]
    public void A_mark_of_another_epoch_or_one_that_is_damaged_or_gone_says_nothing()
    {
        var original = Fill(killed: false);
        foreach (var mark in (byte[][])[[], [1, 2, 3], new byte[20], [.. original.Mark.Select(b => (byte)~b)]])
        {
            var copy = original.Copy(_copies, $"mark-{mark.Length}-{Guid.NewGuid():N}");
            File.WriteAllBytes(copy + ".mark", mark);
            using var outbox = _fixture.Open(path: copy);
            Assert.Null(outbox.SetAside);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_truncated_file_gives_what_it_still_holds(bool killed)
    {
        var original = Fill(killed);
        var random = new Random(5);
        for (var i = 0; i < 20; i++)
        {
            var copy = original.Copy(_copies, $"cut-{i}");
            using (var file = new FileStream(copy, FileMode.Open))
                file.SetLength(i switch { 0 => 0, 1 => 1, 2 => 99, 3 => 4095, _ => random.Next((int)file.Length) });
            Assert.True(Check(original, copy, $"cut {i}"), $"cut {i} was not noticed");
        }
    }

    [Fact]
    public void Whole_pages_of_noise_lose_only_what_was_on_them()
    {
        var original = Fill(killed: false);
        var pages = (int)(original.File.Length / 4096);
        for (var page = 0; page < pages; page += page < 12 ? 1 : 5)
        {
            var copy = original.Copy(_copies, $"page-{page}");
            var bytes = File.ReadAllBytes(copy);
            new Random(page).NextBytes(bytes.AsSpan(page * 4096, 4096));
            File.WriteAllBytes(copy, bytes);
            Check(original, copy, $"page {page}", lostMax: 12);
        }
    }

    [Fact]
    public void Damage_that_shows_only_while_it_runs_is_salvaged_then_and_appending_goes_on()
    {
        var original = Fill(killed: false);
        var copy = original.Copy(_copies, "running");
        using var outbox = _fixture.Open(path: copy);
        var last = outbox.LastSequence;
        // Behind the outbox's back: the file is not held against writers of bytes.
        using (var file = new FileStream(copy, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            for (var page = 4; page < file.Length / 4096; page += 2)
            {
                file.Position = page * 4096;
                file.Write(new byte[4096]);
            }
        }

        var read = OutboxFixture.All(outbox);
        Assert.NotNull(outbox.SetAside);
        Assert.True(outbox.LastSequence > last + (1u << 31));
        Assert.Equal(outbox.LastSequence + 1, _fixture.Append(outbox, RandomBatches.Readings(3)));
        AssertCovered(original, outbox, OutboxFixture.All(outbox), "running");
        Assert.NotEmpty(read);
    }

    [Fact]
    public void A_replacement_that_was_cut_off_is_ended_at_the_next_start()
    {
        var original = Fill(killed: false);
        var copy = original.Copy(_copies, "replaced");
        // As a kill between the two renames leaves it.
        File.Move(copy, copy + ".damaged-1");
        File.Copy(copy + ".damaged-1", copy + ".new");
        using (var outbox = _fixture.Open(path: copy))
            AssertCovered(original, outbox, OutboxFixture.All(outbox), "replaced");
        Assert.False(File.Exists(copy + ".new"));
        // One that was never finished is dropped.
        File.WriteAllText(copy + ".new", "half");
        using (var outbox = _fixture.Open(path: copy))
            Assert.Null(outbox.SetAside);
        Assert.False(File.Exists(copy + ".new"));
    }

    /// <returns>Whether the damage was noticed: one that hits a free page does no harm.</returns>
    private bool Check(Original original, string copy, string what, int lostMax = int.MaxValue)
    {
        var before = (File.ReadAllBytes(copy), Log(copy));
        using var outbox = _fixture.Open(path: copy);
        if (outbox.SetAside is { } found)
        {
            Assert.True(
                before.Item1.AsSpan().SequenceEqual(File.ReadAllBytes(found.KeptAs)), $"{what}: not kept as it was");
            Assert.True(before.Item2.AsSpan().SequenceEqual(Log(found.KeptAs)), $"{what}: its log is not kept");
        }

        var read = OutboxFixture.All(outbox);
        AssertCovered(original, outbox, read, what, lostMax);
        // The name that comes next was never given before.
        var next = _fixture.Append(outbox, RandomBatches.Readings(1));
        Assert.True(
            outbox.Epoch != original.Epoch || next > original.Batches.Keys.Max(), $"{what}: {next} was given twice");
        return outbox.SetAside is { } aside
            ? File.Exists(aside.KeptAs)
            : read.Any(batch => _fixture.Look(batch).Batch.Gaps.Any(gap => gap.Reason.StartsWith("damaged")));
    }

    private static byte[] Log(string path) => File.Exists(path + "-wal") ? File.ReadAllBytes(path + "-wal") : [];

    private void AssertCovered(
        Original original, Outbox outbox, List<OutboxBatch> read, string what, int lostMax = int.MaxValue)
    {
        if (outbox.Epoch != original.Epoch)
        {
            Assert.NotNull(outbox.SetAside);
            Assert.True(_fixture.Look(read[0]).Batch.Gaps.Count > 0, $"{what}: the new epoch names no gap");
            return;
        }

        var next = read[0].FirstSequence;
        Assert.True(next <= original.Receipted + 1, $"{what}: {next} does not follow the receipt");
        var lost = 0;
        foreach (var batch in read)
        {
            Assert.Equal(next, batch.FirstSequence);
            next = batch.Sequence + 1;
            var isGap = _fixture.Look(batch).Batch.Gaps.Count > 0;
            if (!isGap && original.Batches.TryGetValue(batch.Sequence, out var expected))
                Assert.True(expected.AsSpan().SequenceEqual(batch.Sealed), $"{what}: {batch.Sequence} changed");
            if (isGap)
                lost += original.Batches.Keys.Count(s => s >= batch.FirstSequence && s <= batch.Sequence);
        }

        Assert.Equal(outbox.LastSequence, next - 1);
        Assert.True(outbox.LastSequence >= original.Batches.Keys.Max(), $"{what}: the end is missing");
        Assert.True(lost <= lostMax, $"{what}: {lost} batches were lost");
    }

    /// <param name="killed">Copied while it was open, as a kill leaves it, the log unfolded.</param>
    private Original Fill(bool killed)
    {
        var path = _copies.File($"original-{Guid.NewGuid():N}");
        var random = new Random(9);
        var outbox = _fixture.Open(1024 * 1024, path);
        // Enough to shed, so that there are gaps and pages that were used before.
        for (var i = 0; i < 90; i++)
        {
            var batch = new RecordBatch((RecordClass)(i % 4));
            for (var reading = random.Next(10, 4_000); reading > 0; reading--)
                batch.AddReading(new("x"), reading, random.NextDouble());
            _fixture.Append(outbox, batch);
            outbox.State.Set($"key {i % 3}", BitConverter.GetBytes(i));
        }

        OutboxFixture.Trim(outbox, 30);
        for (var i = 0; i < 6; i++)
            _fixture.Append(outbox, RandomBatches.Readings(100));
        Assert.True(outbox.Backlog.ShedRecords > 0);
        var batches = OutboxFixture.All(outbox).Where(batch => _fixture.Look(batch).Batch.Gaps.Count == 0)
            .ToDictionary(batch => batch.Sequence, batch => batch.Sealed);
        if (!killed)
            outbox.Dispose();
        var original = new Original(
            outbox.Epoch, 30, batches, ReadShared(path), killed ? ReadShared(path + "-wal") : [],
            ReadShared(path + ".mark"));
        Assert.Equal(killed, original.Log.Length > 0);
        outbox.Dispose();
        return original;
    }

    private static byte[] ReadShared(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private sealed record Original(
        ulong Epoch, ulong Receipted, Dictionary<ulong, byte[]> Batches, byte[] File, byte[] Log, byte[] Mark)
    {
        public string Copy(TempFolder folder, string name)
        {
            var path = folder.File(name);
            System.IO.File.WriteAllBytes(path, File);
            System.IO.File.WriteAllBytes(path + ".mark", Mark);
            if (Log.Length > 0)
                System.IO.File.WriteAllBytes(path + "-wal", Log);
            return path;
        }
    }
}
