using LeptonEdge.Core.Signals;

namespace LeptonEdge.Tests.Core.Signals;

public class WindowStatisticsTests
{
    [Fact]
    public void A_sine_has_the_figures_that_textbooks_give()
    {
        float[] sine = [.. Enumerable.Range(0, 1000).Select(i => (float)(2 * Math.Sin(2 * Math.PI * 10 * i / 1000)))];
        var figures = WindowStatistics.Compute(sine);

        Assert.Equal(0, figures.Mean, 1e-6);
        Assert.Equal(Math.Sqrt(2), figures.Rms, 1e-5);
        Assert.Equal(2, figures.Peak, 1e-5);
        Assert.Equal(Math.Sqrt(2), figures.CrestFactor, 1e-5);
        Assert.Equal(1.5, figures.Kurtosis, 1e-4);
        Assert.Equal(0, figures.Skewness, 1e-4);
        Assert.Equal(0, figures.InvalidCount);
    }

    [Fact]
    public void Invalid_samples_are_counted_and_left_out()
    {
        var figures = WindowStatistics.Compute([1, float.NaN, 1, float.PositiveInfinity, 4]);

        Assert.Equal(2, figures.InvalidCount);
        Assert.Equal(2, figures.Mean);
        Assert.Equal(4, figures.Peak);
        Assert.Equal(0.707107, figures.Skewness, 1e-5);
    }

    [Fact]
    public void A_window_that_says_nothing_has_no_figures()
    {
        Assert.True(double.IsNaN(WindowStatistics.Compute([float.NaN, float.NaN]).Rms));
        var flat = WindowStatistics.Compute([0.1f, 0.1f, 0.1f]);
        Assert.Equal(0.1, flat.Rms, 1e-6);
        Assert.True(double.IsNaN(flat.Kurtosis));
        Assert.True(double.IsNaN(WindowStatistics.Compute([0, 0]).CrestFactor));
    }
}
