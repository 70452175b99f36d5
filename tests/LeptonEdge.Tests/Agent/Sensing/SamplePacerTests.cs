using LeptonEdge.Agent.Sensing;
using LeptonEdge.Core;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Agent.Sensing;

public class SamplePacerTests
{
    [Fact]
    public async Task A_minute_of_blocks_goes_out_at_the_true_rate_however_coarse_the_timers_are()
    {
        var clock = new ManualTimeProvider();
        var startMicros = clock.GetUnixMicros();
        using var pacer = new SamplePacer(12_000, 256, clock);
        var blocks = new List<(long Micros, long Skipped, long At)>();
        using var stop = new CancellationTokenSource();
        var run = Task.Run(async () =>
        {
            while (true)
            {
                var block = await pacer.NextAsync(stop.Token);
                lock (blocks)
                    blocks.Add((block.StartMicros, block.SkippedSamples, clock.GetUnixMicros()));
            }
        });
        await clock.HasTimerWithin(TimeSpan.FromMinutes(1));

        clock.Advance(TimeSpan.FromSeconds(60));

        // The last block's last sample is due at 60 s exactly or just before.
        const int Expected = 60 * 12_000 / 256;
        await Eventually.True(() => { lock (blocks) return blocks.Count >= Expected; }, $"{Expected} blocks");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.InRange(blocks.Count, Expected, Expected + 1);
        for (var i = 0; i < blocks.Count; i++)
        {
            Assert.Equal(startMicros + (i * 256 * 1e6 / 12_000), blocks[i].Micros, 1.0);
            Assert.Equal(0, blocks[i].Skipped);
        }
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

    [Fact]
    public async Task Against_the_real_clock_the_rate_is_true()
    {
        using var pacer = new SamplePacer(12_000, 256, TimeProvider.System);
        await pacer.NextAsync(CancellationToken.None);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        const int Blocks = 47;
        for (var i = 0; i < Blocks; i++)
            await pacer.NextAsync(CancellationToken.None);

        // One second of blocks; a busy machine may delay the last one, but never lets one go early.
        Assert.InRange(clock.Elapsed.TotalMilliseconds, Blocks * 256 / 12.0 - 25.0, (Blocks * 256 / 12.0) + 1_900);
        Assert.Equal(0, pacer.SkippedSamples);
    }
}
