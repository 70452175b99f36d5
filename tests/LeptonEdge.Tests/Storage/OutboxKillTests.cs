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
}
