using LeptonEdge.Agent.Sensing;
using LeptonEdge.Agent.Sensing.Bearings;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Signals;
using LeptonEdge.Core.Windows;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Inference.Sessions;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Agent.Sensing;

public class BearingTests
{
    private static readonly SimulatedBearingDriverOptions Healthy = new()
    {
        HealthyFor = TimeSpan.FromDays(1), GrowingFor = default, SevereFor = default,
    };

    private static readonly SimulatedBearingDriverOptions Severe = new()
    {
        HealthyFor = default, GrowingFor = default, SevereFor = TimeSpan.FromDays(1),
    };

    [Fact]
    public void The_geometry_gives_the_frequencies_that_are_published_for_the_6205()
    {
        var bearing = BearingGeometry.Skf6205;
        Assert.Equal(5.4152, bearing.InnerRacePerTurn, 1e-3);
        Assert.Equal(3.5848, bearing.OuterRacePerTurn, 1e-3);
        Assert.Equal(0.39828, bearing.CagePerTurn, 1e-3);
        Assert.Equal(4.7135, 2 * bearing.BallSpinPerTurn, 5e-3);
    }

    [Fact]
    public void A_healthy_bearing_hums_as_quietly_as_a_recorded_one()
    {
        var figures = Figures(Healthy);
        Assert.InRange(figures.Average(f => f.Rms), 0.068, 0.080);
        Assert.InRange(figures.Average(f => f.Kurtosis), 2.5, 3.0);
    }

    [Theory]
    [InlineData(BearingFault.InnerRace, 0.24, 0.36, 5, 9)]
    [InlineData(BearingFault.OuterRace, 0.4, 0.75, 5, 9)]
    [InlineData(BearingFault.Ball, 0.11, 0.2, 2.7, 4.5)]
    public void A_severe_fault_is_as_loud_and_as_sharp_as_a_recorded_one(
        BearingFault fault, double rmsMin, double rmsMax, double kurtosisMin, double kurtosisMax)
    {
        var figures = Figures(Severe with { Fault = fault });
        Assert.InRange(figures.Average(f => f.Rms), rmsMin, rmsMax);
        Assert.InRange(figures.Average(f => f.Kurtosis), kurtosisMin, kurtosisMax);
    }

    [Fact]
    public void The_envelope_of_a_severe_fault_shows_the_ball_pass_frequency()
    {
        const int Size = 16_384;
        var signal = new BearingSignal(Severe);
        var window = new float[Size];
        signal.Fill(window);
        var chain = TransformChain.Create(
            [
                new() { Kind = "envelope", LowHz = 2_000, HighHz = 4_500 }, new() { Kind = "detrend" },
                new() { Kind = "window", Function = "hann" }, new() { Kind = "rfft_magnitude" },
            ],
            Size, 12_000);
        var spectrum = new float[chain.OutputLength];
        chain.Apply(window, spectrum);

        var expectedHz = BearingGeometry.Skf6205.InnerRacePerTurn * Severe.ShaftHz;
        var loudest = Enumerable.Range(100, 900).MaxBy(k => spectrum[k]) * 12_000.0 / Size;
        Assert.InRange(loudest, expectedHz * 0.97, expectedHz * 1.03);
    }

    [Theory]
    [InlineData(BearingFault.InnerRace, "inner-race")]
    [InlineData(BearingFault.OuterRace, "outer-race")]
    [InlineData(BearingFault.Ball, "ball")]
    public void The_shipped_model_trained_on_real_bearings_names_the_simulated_fault(BearingFault fault, string label)
    {
        var bundle = ShippedModel();
        using var session = ModelSession.Open(bundle, new ModelSessionOptions());
        var chain = TransformChain.Create(bundle.Manifest.Transforms, 1024, 12_000);
        List<Finding> Judge(SimulatedBearingDriverOptions options) =>
        [
            .. Take(options, 101 * 1024).Chunk(1024).Skip(1).Select(window =>
            {
                chain.Apply(window, session.Input);
                session.Run();
                return session.Evaluate();
            }),
        ];

        Assert.All(Judge(Healthy with { Fault = fault }), finding => Assert.Equal("normal", finding.Label));
        var severe = Judge(Severe with { Fault = fault });
        var labels = severe.Select(finding => finding.Label).ToList();
        Assert.True(labels.Count(named => named == label) >= 80, string.Join(' ', labels));
        Assert.True(labels.Count(named => named != "normal") >= 97);
    }

    [Fact]
    public void The_same_seed_gives_the_same_signal_and_another_seed_another()
    {
        Assert.Equal(Take(Severe, 5_000), Take(Severe, 5_000));
        Assert.NotEqual(Take(Severe, 5_000), Take(Severe with { Seed = 2 }, 5_000));
    }

    [Fact]
    public void The_fault_grows_stays_and_is_repaired_in_a_cycle()
    {
        var signal = new BearingSignal(new SimulatedBearingDriverOptions
        {
            HealthyFor = TimeSpan.FromSeconds(10), GrowingFor = TimeSpan.FromSeconds(10),
            SevereFor = TimeSpan.FromSeconds(5),
        });
        Assert.Equal([0, 0, 0.5, 1, 1, 0, 0.5],
            new[] { 0, 9.9, 15, 20, 24.9, 25.1, 40 }.Select(t => Math.Round(signal.SeverityAt(t), 3)));
    }

    [Fact]
    public void Making_samples_allocates_nothing()
    {
        var signal = new BearingSignal(Severe);
        var block = new float[512];
        signal.Fill(block);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 50; i++)
            signal.Fill(block);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_minute_of_vibration_from_sample_to_features_costs_far_less_than_a_twentieth_of_a_core()
    {
        var bundle = ShippedModel();
        var chain = TransformChain.Create(bundle.Manifest.Transforms, 1024, 12_000);
        var features = new float[chain.OutputLength];
        double rms = 0;
        var windows = new WindowAssembler(1024, 1024, 12_000, window =>
        {
            rms += WindowStatistics.Compute(window.Samples).Rms;
            chain.Apply(window.Samples, features);
        });
        var signal = new BearingSignal(Severe);
        var block = new float[256];
        var clock = System.Diagnostics.Stopwatch.StartNew();

        for (var i = 0; i < 60 * 12_000 / 256; i++)
        {
            signal.Fill(block);
            windows.Push(i * 256 * 1_000_000L / 12_000, block);
        }

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(3), $"60 s of samples took {clock.Elapsed}");
        Assert.InRange(rms / windows.WindowCount, 0.2, 0.4);
    }

    [Fact]
    public async Task The_driver_plays_at_the_true_rate_and_says_that_it_is_simulated()
    {
        var clock = new ManualTimeProvider();
        var driver = DriverFactory.Create(new SimulatedBearingDriverOptions(), clock);
        var channel = Assert.Single(driver.Channels);
        Assert.True(channel.Simulated);
        Assert.Contains("simulated", channel.Source, StringComparison.Ordinal);

        var recorder = await Recorder.Run(driver, clock, 4, TimeSpan.FromSeconds(1), r => r.Samples.Length, 11_700);

        Assert.InRange(recorder.Samples.Length, 48_000 - 256, 48_000);
        Assert.All(recorder.Samples, sample => Assert.True(float.IsFinite(sample)));
    }

    private static ModelBundle ShippedModel() => ModelBundle.Load(
        Path.Combine(Requires.RepositoryRoot, "firmware-config", "models"),
        new ModelReference("bearing-fault", "1.0.0"));

    private static List<WindowStatistics> Figures(SimulatedBearingDriverOptions options) =>
        [.. Take(options, 100 * 1024).Chunk(1024).Skip(1).Select(window => WindowStatistics.Compute(window))];

    private static float[] Take(SimulatedBearingDriverOptions options, int count)
    {
        var samples = new float[count];
        new BearingSignal(options).Fill(samples);
        return samples;
    }
}
