using LeptonEdge.Benchmarks.Footprint;

namespace LeptonEdge.Tests.Benchmarks;

/// <summary>An hour of samples, one every five seconds, of processes that do and do not grow.</summary>
public sealed class GrowthCheckTests
{
    [Fact]
    public void A_steady_process_does_not_grow()
    {
        var check = Check(_ => 30);

        Assert.True(check.Judged);
        Assert.False(check.Grew);
        Assert.Equal(0, check.Gained, 9);
        Assert.Equal((30, 30, 30, 30), (check.FirstMinute, check.Warm, check.End, check.Maximum));
    }

    [Fact]
    public void A_saw_tooth_of_noise_and_a_lone_peak_are_no_growth()
    {
        var random = new Random(7);
        var check = Check(minute => 30 + (minute % 0.2 * 10) + (random.NextDouble() * 0.5)
            + (minute is > 40 and < 40.1 ? 20 : 0));

        Assert.False(check.Grew, $"gained {check.Gained:0.00} MiB");
        Assert.True(check.Maximum > 50);
    }

    [Theory]
    [InlineData(26)]
    [InlineData(41)]
    [InlineData(60)]
    public void Heaps_that_rise_until_they_are_compacted_are_no_growth_in_a_run_of_any_length(double minutes)
    {
        var check = GrowthCheck.Of([.. Samples(minutes, minute => 30 + (minute % 2.5))]);

        Assert.True(check.Judged);
        Assert.False(check.Grew, $"gained {check.Gained:0.00} MiB");
    }

    [Fact]
    public void What_is_gained_in_the_warm_up_does_not_count_and_is_told()
    {
        var check = Check(minute => 30 + Math.Min(8, minute));

        Assert.False(check.Grew);
        Assert.Equal(10, check.LeftOutMinutes, 2);
        Assert.Equal(30.5, check.FirstMinute, 1);
        Assert.Equal(38, check.Warm, 6);
    }

    [Fact]
    public void A_slope_is_growth()
    {
        var random = new Random(7);
        var check = Check(minute => 30 + (minute * 0.05) + random.NextDouble());

        Assert.True(check.Grew);
        // From the middle of the first block to the middle of the last one.
        Assert.Equal(45 * 0.05, check.Gained, 0.2);
        Assert.Equal(55, check.HighestAtMinute, 1);
    }

    [Theory]
    [InlineData(16, 60)]
    [InlineData(30, 60)]
    [InlineData(56, 60)]
    [InlineData(56, 59.9)]
    [InlineData(27, 30)]
    public void A_step_is_growth_wherever_it_lies(double at, double minutes)
    {
        var check = GrowthCheck.Of([.. Samples(minutes, minute => minute < at ? 30 : 31.5)]);

        Assert.True(check.Grew, $"a step at minute {at} was not seen");
        Assert.Equal(1.5, check.Gained, 6);
    }

    [Fact]
    public void A_step_that_was_taken_back_before_the_end_is_growth()
    {
        var check = Check(minute => minute is > 20 and < 40 ? 33 : 30);

        Assert.True(check.Grew);
        Assert.Equal(30, check.End, 6);
    }

    [Fact]
    public void A_process_that_shrinks_does_not_grow()
    {
        var check = Check(minute => 40 - (minute * 0.1));

        Assert.False(check.Grew);
        Assert.Equal(10, check.HighestAtMinute, 1);
    }

    [Fact]
    public void Two_minutes_are_too_short_to_say_anything()
    {
        var check = GrowthCheck.Of([.. Samples(2, minute => 30 + minute)]);

        Assert.False(check.Judged);
        Assert.Equal(2 / 6.0, check.LeftOutMinutes, 3);
    }

    [Fact]
    public void One_sample_is_enough_for_a_figure() =>
        Assert.Equal(30, GrowthCheck.Of([(0.1, 30)]).Warm);

    private static GrowthCheck Check(Func<double, double> of) => GrowthCheck.Of([.. Samples(60, of)]);

    private static IEnumerable<(double Minutes, double MiB)> Samples(double minutes, Func<double, double> of)
    {
        for (var i = 1; i <= minutes * 12; i++)
            yield return (i / 12.0, of(i / 12.0));
    }
}
