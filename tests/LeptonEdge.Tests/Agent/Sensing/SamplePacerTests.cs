using LeptonEdge.Agent.Sensing;
using LeptonEdge.Core;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Agent.Sensing;

public class SamplePacerTests
{
    [Fact]
    public async Task Ten_seconds_of_blocks_go_out_at_the_true_rate_however_coarse_the_timers_are()
    {
        var clock = new ManualTimeProvider();
        var startMicros = clock.GetUnixMicros();
        using var pacer = new SamplePacer(12_000, 256, clock);
        const int Expected = 10 * 12_000 / 256;
        for (var i = 0; i < Expected; i++)
        {
            var block = await NextAsync(pacer, clock, step: TimeSpan.FromMilliseconds(7));

            Assert.Equal(startMicros + (i * 256 * 1e6 / 12_000), block.StartMicros, 1.0);
            Assert.Equal(0, block.SkippedSamples);
            var due = startMicros + ((((i + 1) * 256) - 1) * 1e6 / 12_000);
            Assert.True(clock.GetUnixMicros() >= due - 1, $"block {i} went out before its last sample");
        }
    }

    [Fact]
    public async Task A_pacer_that_is_gone_lets_nobody_wait()
    {
        var clock = new ManualTimeProvider();
        var pacer = new SamplePacer(12_000, 256, clock);
        var waiting = pacer.NextAsync(CancellationToken.None);

        pacer.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting.AsTask());
    }

    /// <summary>Moves the clock in steps as coarse as a board's timers until the next block is due.</summary>
    private static async Task<PacedBlock> NextAsync(SamplePacer pacer, ManualTimeProvider clock, TimeSpan step)
    {
        var next = pacer.NextAsync(CancellationToken.None).AsTask();
        while (!next.IsCompleted)
        {
            clock.Advance(step);
            // The pacer looks at the clock on a thread of its own; a step that it misses is followed by another.
            await Task.WhenAny(next, Task.Delay(1));
        }

        return await next;
    }

    [Fact]
    public async Task After_a_short_stall_every_block_follows_at_once()
    {
        var clock = new ManualTimeProvider();
        using var pacer = new SamplePacer(1_000, 100, clock);
        clock.Advance(TimeSpan.FromSeconds(1.5));
        var startMicros = clock.GetUnixMicros() - 1_500_000;
        for (var i = 0; i < 15; i++)
            Assert.Equal(new PacedBlock(startMicros + (i * 100_000), 0),
                await pacer.NextAsync(CancellationToken.None));
    }

    [Fact]
    public async Task After_a_long_stall_what_is_too_late_is_left_out_and_counted()
    {
        var clock = new ManualTimeProvider();
        var startMicros = clock.GetUnixMicros();
        using var pacer = new SamplePacer(1_000, 100, clock, catchUpMax: TimeSpan.FromSeconds(1));
        clock.Advance(TimeSpan.FromSeconds(10));

        var block = await pacer.NextAsync(CancellationToken.None);

        Assert.Equal(9_900, block.SkippedSamples);
        Assert.Equal(startMicros + 9_900_000, block.StartMicros);
        Assert.Equal(9_900, pacer.SkippedSamples);
    }

    [Fact]
    public async Task Time_stamps_follow_a_wall_clock_that_is_set_anew()
    {
        var clock = new ManualTimeProvider();
        var startMicros = clock.GetUnixMicros();
        using var pacer = new SamplePacer(1_000, 100, clock);
        clock.Advance(TimeSpan.FromMilliseconds(250));
        await pacer.NextAsync(CancellationToken.None);

        clock.StepWallClock(TimeSpan.FromHours(1));

        Assert.Equal(startMicros + 3_600_100_000, (await pacer.NextAsync(CancellationToken.None)).StartMicros);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Against_the_real_clock_no_block_goes_out_before_its_time(bool ownThread)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        using var pacer = new SamplePacer(
            12_000, 256, TimeProvider.System, catchUpMax: TimeSpan.FromMinutes(1), ownThread);
        for (var i = 1; i <= 47; i++)
        {
            await pacer.NextAsync(CancellationToken.None);

            // However late it is on a busy machine.
            var due = ((i * 256) - 1) / 12.0;
            Assert.True(clock.Elapsed.TotalMilliseconds >= due - 0.01, $"block {i} went out before its last sample");
        }
    }

    [Fact]
    public async Task A_pacer_that_holds_its_thread_lets_it_go_when_it_is_told_to()
    {
        using var pacer = new SamplePacer(1, 3_600, TimeProvider.System, ownThread: true);
        using var stop = new CancellationTokenSource();
        var waiting = SamplePacer.OnOwnThreadAsync(async () => await pacer.NextAsync(stop.Token));

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }
}
