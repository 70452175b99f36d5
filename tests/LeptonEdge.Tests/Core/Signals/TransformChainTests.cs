using System.Text.Json;
using LeptonEdge.Core.Signals;

namespace LeptonEdge.Tests.Core.Signals;

public class TransformChainTests
{
    private const double RateHz = 12_000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_sine_reads_its_amplitude_in_the_spectrum(bool windowed)
    {
        List<TransformSpec> specs = [new() { Kind = "rfft_magnitude" }];
        if (windowed)
            specs.Insert(0, new() { Kind = "window", Function = "hann" });
        var spectrum = Run(specs, Sine(1024, bin: 100, amplitude: 0.7));

        Assert.Equal(513, spectrum.Length);
        Assert.Equal(0.7, spectrum[100], 1e-4);
        Assert.True(spectrum[200] < 1e-5);
    }

    [Fact]
    public void A_constant_reads_its_own_value_at_frequency_zero()
    {
        var spectrum = Run([new() { Kind = "rfft_magnitude" }], Enumerable.Repeat(2.5f, 1024).ToArray());
        Assert.Equal(2.5, spectrum[0], 1e-5);
    }

    [Fact]
    public void Detrending_takes_the_mean_or_the_line_away()
    {
        var ramp = Enumerable.Range(0, 64).Select(i => 3f + (0.25f * i)).ToArray();

        Assert.Equal(0, Run([new() { Kind = "detrend" }], ramp).Sum(), 1e-3);
        Assert.All(Run([new() { Kind = "detrend", Order = 1 }], ramp), x => Assert.Equal(0, x, 1e-4));
    }

    [Fact]
    public void An_envelope_shows_how_a_carrier_in_the_band_is_modulated_and_nothing_from_outside_it()
    {
        var window = new float[1024];
        for (var i = 0; i < window.Length; i++)
        {
            var modulation = 1 + (0.5 * Math.Cos(2 * Math.PI * 8 * i / 1024));
            var carrier = Math.Sin(2 * Math.PI * 256 * i / 1024);
            window[i] = (float)((modulation * carrier) + (5 * Math.Sin(2 * Math.PI * 20 * i / 1024)));
        }

        var envelope = Run([new() { Kind = "envelope", LowHz = 2_000, HighHz = 5_000 }], window);

        for (var i = 0; i < window.Length; i++)
            Assert.Equal(1 + (0.5 * Math.Cos(2 * Math.PI * 8 * i / 1024)), envelope[i], 1e-4);
    }

    [Fact]
    public void The_small_transforms_do_what_their_names_say()
    {
        float[] window = [1, -1, 3, -3];

        Assert.Equal([MathF.Log(1.5f), MathF.Log(2.5f)], Run([new() { Kind = "log", Epsilon = 0.5 }], [1, 2]));
        Assert.Equal([0f, -1f, 1f, -2f], Run([new() { Kind = "standardise", Mean = [1], Scale = [2] }], window));
        Assert.Equal([-1f, 3f], Run([new() { Kind = "take", Start = 1, Count = 2 }], window));
        Assert.Equal([0f, 0f], Run([new() { Kind = "mean_pool", Size = 2 }], window));
        Assert.Equal(Math.Sqrt(5), window[2] / Run([new() { Kind = "rms_normalise" }], window)[2], 1e-6);
        Assert.All(Run([new() { Kind = "rms_normalise" }], new float[8]), x => Assert.Equal(0, x));
    }

    [Fact]
    public void A_spike_moves_neither_middle_nor_spread_of_a_robustly_normalised_window()
    {
        // Median 2.5; distances 1.5 0.5 0.5 97.5, their median 1.
        var values = Run([new() { Kind = "robust_normalise", Epsilon = 1e-6, Limit = 8 }], [1, 2, 3, 100]);
        float[] expected = [-1.5f / 1.4826f, -0.5f / 1.4826f, 0.5f / 1.4826f, 8];
        Assert.Equal(expected, values, (a, b) => Math.Abs(a - b) < 1e-5);
        Assert.Equal(0, Run([new() { Kind = "robust_normalise", Epsilon = 1, Limit = 8 }], [4, 5, 6])[1]);
    }

    [Fact]
    public void Branches_start_from_the_same_input_and_stand_one_after_another()
    {
        var features = Run(
            [
                new() { Kind = "detrend" },
                new()
                {
                    Kind = "concat",
                    Branches =
                    [
                        [new() { Kind = "take", Count = 1 }], [new() { Kind = "take", Start = 3, Count = 1 }], [],
                    ],
                },
            ],
            [1, 2, 3, 6]);

        Assert.Equal([-2f, 3f, -2f, -1f, 0f, 3f], features);
    }

    [Fact]
    public void A_chain_with_logarithm_and_standardising_equals_the_same_sums_in_double_precision()
    {
        var window = FftTests.Noise(1024, seed: 3);
        float[] mean = [.. Enumerable.Range(0, 512).Select(i => i * 0.01f)];
        float[] scale = [.. Enumerable.Range(0, 512).Select(i => 0.5f + (i * 0.002f))];
        var features = Run(BearingChain(mean, scale), window);

        var centred = window.Select(x => x - window.Average(v => (double)v)).ToArray();
        var rms = Math.Sqrt(centred.Average(x => x * x));
        var hann = Enumerable.Range(0, 1024).Select(n => 0.5 - (0.5 * Math.Cos(2 * Math.PI * n / 1024))).ToArray();
        for (var k = 1; k < 512; k += 37)
        {
            double re = 0;
            double im = 0;
            for (var n = 0; n < 1024; n++)
            {
                var (sin, cos) = Math.SinCos(-2 * Math.PI * k * n / 1024);
                re += centred[n] / rms * hann[n] * cos;
                im += centred[n] / rms * hann[n] * sin;
            }

            var magnitude = 2 / hann.Sum() * Math.Sqrt((re * re) + (im * im));
            Assert.Equal((Math.Log(magnitude + 1e-3) - mean[k]) / scale[k], features[k], 2e-3);
        }
    }

    [Fact]
    public void Applying_a_chain_allocates_nothing()
    {
        List<TransformSpec> specs = BearingChain([0], [1]);
        specs.Add(new() { Kind = "concat", Branches = [[new() { Kind = "mean_pool", Size = 8 }], []] });
        specs.Add(new() { Kind = "robust_normalise", Epsilon = 1e-3, Limit = 8 });
        specs.InsertRange(0, [new() { Kind = "envelope", LowHz = 500, HighHz = 5_500 }]);
        var chain = TransformChain.Create(specs, 1024, RateHz);
        var window = FftTests.Noise(1024, seed: 4);
        var features = new float[chain.OutputLength];
        chain.Apply(window, features);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            chain.Apply(window, features);
            _ = WindowStatistics.Compute(window);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Every_fault_is_reported_with_its_transform_and_field()
    {
        var error = Assert.Throws<TransformException>(() => TransformChain.Create(
            [
                new() { Kind = "detrend", Order = 7 },
                new() { Kind = "window", Function = "kaiser", Epsilon = 1 },
                new() { Kind = "log" },
                new() { Kind = "standardise", Mean = new float[100], Scale = [0] },
                new() { Kind = "envelope", LowHz = 5_000, HighHz = 4_000 },
                new() { Kind = "concat", Branches = [[new() { Kind = "fft" }]] },
            ],
            1024, RateHz));

        string[] places =
        [
            "transforms[0].order: is 7", "transforms[1].epsilon: window takes no such field",
            "transforms[1].function: 'kaiser'",
            "transforms[2].epsilon: is missing",
            "transforms[3].mean: has 100 values, but this transform's input has 1024",
            "transforms[3].scale: holds 0", "transforms[4].high_hz: is 4000",
            "transforms[5].branches[0][0].kind: 'fft' is not known",
        ];
        Assert.All(places, place =>
            Assert.Contains(error.Faults, fault => fault.StartsWith(place, StringComparison.Ordinal)));
        Assert.Equal(places.Length, error.Faults.Count);
    }

    [Fact]
    public void A_spectrum_of_a_length_that_is_no_power_of_two_is_refused_when_the_chain_is_made()
    {
        var error = Assert.Throws<TransformException>(() => TransformChain.Create(
            [new() { Kind = "take", Count = 1000 }, new() { Kind = "rfft_magnitude" }], 1024, RateHz));
        Assert.Equal(["transforms[1].kind: rfft_magnitude needs a power of two of at least 4 values, but gets 1000"],
            error.Faults);
    }

    [Fact]
    public void A_specification_is_read_from_the_json_that_manifests_use()
    {
        var specs = JsonSerializer.Deserialize<List<TransformSpec>>("""
            [ { "kind": "envelope", "low_hz": 2000, "high_hz": 5000 }, { "kind": "take", "start": 0, "count": 128 } ]
            """)!;
        Assert.Equal(128, TransformChain.Create(specs, 1024, RateHz).OutputLength);
    }

    private static List<TransformSpec> BearingChain(float[] mean, float[] scale) =>
    [
        new() { Kind = "detrend", Order = 0 },
        new() { Kind = "rms_normalise" },
        new() { Kind = "window", Function = "hann" },
        new() { Kind = "rfft_magnitude" },
        new() { Kind = "take", Start = 0, Count = 512 },
        new() { Kind = "log", Epsilon = 1e-3 },
        new() { Kind = "standardise", Mean = mean, Scale = scale },
    ];

    private static float[] Run(List<TransformSpec> specs, float[] window)
    {
        var chain = TransformChain.Create(specs, window.Length, RateHz);
        var features = new float[chain.OutputLength];
        chain.Apply(window, features);
        return features;
    }

    private static float[] Sine(int count, int bin, double amplitude) =>
    [
        .. Enumerable.Range(0, count).Select(i => (float)(amplitude * Math.Sin((2 * Math.PI * bin * i / count) + 0.3))),
    ];
}
