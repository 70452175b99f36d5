using LeptonEdge.Core.Signals;

namespace LeptonEdge.Tests.Core.Signals;

public class FftTests
{
    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(16)]
    [InlineData(64)]
    [InlineData(1024)]
    public void A_real_transform_equals_the_sum_that_defines_it(int size)
    {
        var window = Noise(size, seed: size);
        var fft = new RealFft(size);
        var re = new float[fft.BinCount];
        var im = new float[fft.BinCount];

        fft.Transform(window, re, im);

        for (var k = 0; k < fft.BinCount; k++)
        {
            double expectedRe = 0;
            double expectedIm = 0;
            for (var n = 0; n < size; n++)
            {
                var (sin, cos) = Math.SinCos(-2 * Math.PI * k * n / size);
                expectedRe += window[n] * cos;
                expectedIm += window[n] * sin;
            }

            Assert.Equal(expectedRe, re[k], 1e-5 * size);
            Assert.Equal(expectedIm, im[k], 1e-5 * size);
        }
    }

    [Theory]
    [InlineData(256)]
    [InlineData(16384)]
    public void Power_is_the_same_in_time_and_in_frequency(int size)
    {
        var window = Noise(size, seed: 7);
        var fft = new RealFft(size);
        var re = new float[fft.BinCount];
        var im = new float[fft.BinCount];

        fft.Transform(window, re, im);

        var inTime = window.Sum(x => (double)x * x);
        var inFrequency = Enumerable.Range(0, fft.BinCount)
            .Sum(k => (k == 0 || k == size / 2 ? 1 : 2) * (((double)re[k] * re[k]) + ((double)im[k] * im[k]))) / size;
        Assert.Equal(inTime, inFrequency, inTime * 1e-5);
    }

    [Fact]
    public void The_inverse_brings_the_window_back()
    {
        var re = Noise(512, seed: 1);
        var im = Noise(512, seed: 2);
        var (re0, im0) = (re.ToArray(), im.ToArray());
        var fft = new ComplexFft(512);

        fft.Forward(re, im);
        fft.Inverse(re, im);

        for (var i = 0; i < 512; i++)
        {
            Assert.Equal(re0[i], re[i] / 512, 1e-5);
            Assert.Equal(im0[i], im[i] / 512, 1e-5);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(1000)]
    [InlineData(1 << 21)]
    public void A_length_that_is_no_power_of_two_in_range_is_refused(int size) =>
        Assert.Throws<ArgumentException>(() => new RealFft(size));

    internal static float[] Noise(int count, int seed)
    {
        var random = new Random(seed);
        return Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 2) - 1)).ToArray();
    }
}
