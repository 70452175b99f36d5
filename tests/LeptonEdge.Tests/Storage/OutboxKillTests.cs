using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Storage;

/// <summary>Kills at any moment of a small outbox that sheds, trims and folds its log all the time.</summary>
public sealed class OutboxKillTests : IDisposable
{
    private readonly OutboxFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task A_kill_at_any_moment_never_looks_like_damage_and_loses_no_name()
    {
        var random = new Random(2);
        ulong last = 0;
        for (var round = 0; round < 8; round++)
        {
            using var child = ChildProcess.Start("churn-until-killed", _fixture.Path);
            var target = last + (ulong)random.Next(1, 60);
            for (ulong reported = 0; reported < target;)
            {
                if (await child.StandardOutput.ReadLineAsync() is not { } line)
                    Assert.Fail(await child.StandardError.ReadToEndAsync());
                else
                    reported = ulong.Parse(line);
            }

            child.Kill();
            await child.WaitForExitAsync();
            using var outbox = _fixture.Open(OutboxChild.ChurnBytesMax);
            Assert.Null(outbox.SetAside);
            Assert.True(outbox.LastSequence >= target);
            last = outbox.LastSequence;
            var next = outbox.ReceiptedThrough + 1;
            foreach (var batch in OutboxFixture.All(outbox))
            {
                Assert.InRange(batch.FirstSequence, 1ul, next);
                next = batch.Sequence + 1;
                if (batch.FirstSequence == batch.Sequence && batch.Sealed.Length >= OutboxChild.ContentBytesMin)
                    Assert.Equal(OutboxChild.Content(batch.Sequence), batch.Sealed);
            }

            Assert.Equal(last + 1, next);
        }
    }

    [Fact]
    public void A_commit_that_breaks_off_after_any_of_its_writes_is_no_damage()
    {
        const int Steps = 60;
        const long RoomForAll = 4 * 1024 * 1024;
        using var copies = new TempFolder();
        using var outbox = OutboxChild.OpenToChurn(_fixture.Path, RoomForAll);
        var (places, overOlder) = (0, 0);
        for (var step = 0; step < Steps; step++)
        {
            var (last, transactions) = (outbox.LastSequence, outbox.Transactions);
            var (file, log, mark) = (Read(""), Read("-wal"), Read(".mark"));
            OutboxChild.Churn(outbox, step);
            var after = Read("-wal");
            if (outbox.Transactions != transactions + 1)
                continue;
            foreach (var length in BreaksOff(log, after))
            {
                byte[] broken = [.. after.AsSpan(0, length), .. log.AsSpan(Math.Min(length, log.Length))];
                overOlder += length < log.Length ? 1 : 0;
                var path = copies.File($"copy-{places++}");
                File.WriteAllBytes(path, file);
                File.WriteAllBytes(path + "-wal", broken);
                File.WriteAllBytes(path + ".mark", mark);
                using var copy = _fixture.Open(RoomForAll, path);
                Assert.True(copy.SetAside is null, $"step {step}, {length} bytes: {copy.SetAside?.Reason}");
                Assert.InRange(copy.LastSequence, last, outbox.LastSequence);
            }
        }

        Assert.True(places > 100 && overOlder > 50, $"{places} places, {overOlder} of them over an older log");

        byte[] Read(string suffix)
        {
            using var stream = new FileStream(
                _fixture.Path + suffix, FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite);
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
    }

    // SQLite writes the log's header, and of each frame the header and the page, one after another.
    private static IEnumerable<int> BreaksOff(byte[] before, byte[] after)
    {
        const int Header = 32, FrameHeader = 24, Page = 4096;
        var from = before.AsSpan().CommonPrefixLength(after);
        for (var at = Header; at < after.Length; at += FrameHeader + Page)
        {
            foreach (var length in (int[])[at, at + FrameHeader])
            {
                if (length >= from && length < after.Length && !after.AsSpan(length).SequenceEqual(
                        before.AsSpan(Math.Min(length, before.Length))))
                    yield return length;
            }
        }
    }
}
