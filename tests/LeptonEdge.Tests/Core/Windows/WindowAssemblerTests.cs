using LeptonEdge.Core.Windows;

namespace LeptonEdge.Tests.Core.Windows;

public class WindowAssemblerTests
{
    private const long Start = 1_700_000_000_000_000;

    [Theory]
    [InlineData(8, 8, 3)]
    [InlineData(8, 4, 5)]
    [InlineData(8, 20, 7)]
    [InlineData(8, 1, 64)]
    public void Windows_are_cut_at_every_hop_whatever_the_blocks_were(int size, int hop, int block)
    {
        var windows = new List<(float First, float Last, long Start)>();
        var assembler = new WindowAssembler(size, hop, 1000,
            w => windows.Add((w.Samples[0], w.Samples[^1], w.StartMicros)));
        float[] samples = [.. Enumerable.Range(0, 100).Select(i => (float)i)];

        for (var i = 0; i < samples.Length; i += block)
            assembler.Push(Start + (i * 1000), samples.AsSpan(i, Math.Min(block, samples.Length - i)));

        var expected = Enumerable.Range(0, ((100 - size) / hop) + 1)
            .Select(k => ((float)(k * hop), (float)((k * hop) + size - 1), Start + (k * hop * 1000L)));
        Assert.Equal(expected, windows);
        Assert.Equal(0, assembler.BreakCount);
    }

    [Fact]
    public void A_jump_in_time_starts_a_new_window()
    {
        var starts = new List<long>();
        var assembler = new WindowAssembler(4, 4, 1000, w => starts.Add(w.StartMicros));

        assembler.Push(Start, [1, 2, 3]);
        assembler.Push(Start + 50_000, [4, 5, 6, 7]);

        Assert.Equal([Start + 50_000], starts);
        Assert.Equal(1, assembler.BreakCount);
        Assert.Equal(3, assembler.DiscardedSamples);
    }

    [Fact]
    public void Samples_seen_in_the_window_before_do_not_count_as_discarded()
    {
        var assembler = new WindowAssembler(4, 2, 1000, _ => { });
        assembler.Push(Start, [1, 2, 3, 4, 5]);
        assembler.Push(Start + 1_000_000, [6]);
        Assert.Equal(1, assembler.DiscardedSamples);
    }

    [Fact]
    public void A_sensor_clock_that_is_a_little_off_breaks_no_window()
    {
        var assembler = new WindowAssembler(1024, 512, 12_000, _ => { });
        var block = new float[256];
        for (var i = 0; i < 2000; i++)
            assembler.Push(Start + (long)(i * 256 * 1e6 / 12_000 * 1.001), block);
        Assert.Equal(0, assembler.BreakCount);
        Assert.Equal(((2000 * 256) - 1024) / 512 + 1, assembler.WindowCount);
    }

    [Fact]
    public void Invalid_samples_are_counted_in_every_window_they_touch()
    {
        var counts = new List<int>();
        var assembler = new WindowAssembler(4, 2, 1000, w => counts.Add(w.InvalidCount));
        assembler.Push(Start, [1, 2, 3, float.NaN, 5, 6, float.NegativeInfinity, 8]);
        Assert.Equal([1, 1, 1], counts);
    }

    [Fact]
    public void Pushing_allocates_nothing()
    {
        long count = 0;
        var assembler = new WindowAssembler(1024, 256, 12_000, w => count += w.Samples.Length);
        var block = new float[300];
        assembler.Push(Start, block);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 1; i < 100; i++)
            assembler.Push(Start + (i * 25_000), block);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(count > 0);
    }
}
