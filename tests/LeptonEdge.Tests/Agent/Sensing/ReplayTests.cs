using LeptonEdge.Agent.Sensing;
using LeptonEdge.Agent.Sensing.Replays;
using LeptonEdge.Core;
using LeptonEdge.Core.Identity;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Agent.Sensing;

public class ReplayTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Recordings_play_one_after_another_and_over_again_as_one_stream()
    {
        using var folder = new TempFolder();
        var files = new[] { folder.File("a.npy"), folder.File("b.npy") };
        File.WriteAllBytes(files[0], Npy.Of(1, 2, 3, float.NaN));
        File.WriteAllBytes(files[1], Npy.OfDoubles(5.5, 6.5));
        var clock = new ManualTimeProvider();
        var start = clock.GetUnixMicros();
        var driver = DriverFactory.Create(Options(files, rateHz: 10, block: 5), clock);

        var recorder = await Recorder.Run(driver, clock, 3, Second, r => r.Blocks.Count, 2);

        Assert.Equal([1, 2, 3, float.NaN, 5.5f, 6.5f, 1, 2, 3, float.NaN, 5.5f, 6.5f, 1, 2, 3],
            recorder.Samples[..15]);
        Assert.Equal(
            [start, start + 500_000, start + 1_000_000], recorder.Blocks.Take(3).Select(block => block.Micros));
        var channel = Assert.Single(driver.Channels);
        Assert.Equal(("drive-end", "g", 10.0, true, false, "replay of a.npy, b.npy"),
            (channel.Name.Value, channel.Unit, channel.RateHz, channel.Waveform, channel.Simulated, channel.Source));
    }

    [Fact]
    public async Task A_single_recording_starts_anew_at_its_end()
    {
        using var folder = new TempFolder();
        File.WriteAllBytes(folder.File("a.npy"), Npy.Of(1, 2, 3));
        var clock = new ManualTimeProvider();
        var driver = DriverFactory.Create(Options([folder.File("a.npy")], rateHz: 8, block: 4), clock);
        var recorder = await Recorder.Run(driver, clock, 2, Second, r => r.Blocks.Count, 2);
        Assert.Equal([1, 2, 3, 1, 2, 3, 1, 2], recorder.Samples[..8]);
    }

    [Fact]
    public async Task A_recording_that_is_cut_off_while_it_plays_is_left_out_and_the_others_go_on()
    {
        using var folder = new TempFolder();
        var files = new[] { folder.File("a.npy"), folder.File("b.npy") };
        File.WriteAllBytes(files[0], Npy.Of(Enumerable.Repeat(1f, 100_000).ToArray()));
        File.WriteAllBytes(files[1], Npy.Of(2, 2, 2, 2));
        var clock = new ManualTimeProvider();
        var driver = DriverFactory.Create(Options(files, rateHz: 4, block: 4), clock);
        File.WriteAllBytes(files[0], [1, 2, 3]);

        var recorder = await Recorder.Run(driver, clock, 3, Second, r => r.Blocks.Count, 1);

        Assert.All(recorder.Samples, sample => Assert.Equal(2, sample));
    }

    [Theory]
    [MemberData(nameof(Malformed))]
    public void A_malformed_recording_is_named_together_with_what_is_wrong(byte[] bytes, string fault)
    {
        using var folder = new TempFolder();
        var path = folder.File("broken.npy");
        File.WriteAllBytes(path, bytes);

        var error = Assert.Throws<SensorException>(() => NpyFile.Open(path));

        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(fault, error.Message, StringComparison.Ordinal);
    }

    public static TheoryData<byte[], string> Malformed()
    {
        var four = new byte[4];
        byte[] endless = [0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4];
        byte[] future = Npy.Of(1);
        future[6] = 9;
        return new()
        {
            { [], "is no .npy file" },
            { "RIFFxxxxWAVE"u8.ToArray(), "is no .npy file" },
            { future, "version 9.0" },
            { Npy.Of(1, 2)[..20], "ends within its header" },
            { [.. Npy.File("", [], major: 2)[..8], .. endless], "claims a header of 4294967295 bytes" },
            { Npy.File("not a dictionary", four), "has a header that is not" },
            { Npy.File(Npy.Header(">f4", "1,"), four), "holds '>f4' values" },
            { Npy.File(Npy.Header("<i2", "2,"), four), "holds '<i2' values" },
            { Npy.File(Npy.Header("|O", "1,"), four), "holds '|O' values" },
            { Npy.File(Npy.Header("<f4", "1, 1"), four), "has 2 dimensions" },
            { Npy.File(Npy.Header("<f4", ""), four), "has 0 dimensions" },
            { Npy.File(Npy.Header("<f4", "0,"), []), "has 0 samples" },
            { Npy.File(Npy.Header("<f4", "99999999999999999999,"), four), "has 99999999999999999999 samples" },
            { Npy.File(Npy.Header("<f8", "9223372036854775807,"), four), "claims 9223372036854775807 samples" },
            { Npy.File(Npy.Header("<f4", "2,"), four), "was cut off" },
            { Npy.File(Npy.Header("<f4", "1,"), new byte[5]), "holds 1 bytes more" },
        };
    }

    [Fact]
    public void A_missing_recording_or_option_out_of_its_limits_is_named_by_its_key()
    {
        var error = Assert.Throws<SensorException>(() => DriverFactory.Create(
            Options(["/nowhere/x.npy"], rateHz: 0, block: 0), TimeProvider.System));
        string[] faults = ["rate_hz: is 0", "block_samples: is 0", "files[0]: '/nowhere/x.npy' does not exist"];
        Assert.All(faults, fault => Assert.Contains(fault, error.Message, StringComparison.Ordinal));
    }

    [DataFact("cwru")]
    public void A_recording_of_a_real_bearing_reads_as_it_is_described()
    {
        using var file = NpyFile.Open(Requires.DataPath("cwru/1797_Normal.npy"));
        var samples = new float[file.Count];
        Assert.Equal(243_938, file.Read(samples));
        var figures = LeptonEdge.Core.Signals.WindowStatistics.Compute(samples);
        Assert.InRange(figures.Rms, 0.07, 0.08);
        Assert.InRange(figures.Kurtosis, 2.6, 3.0);
    }

    [Fact]
    public async Task Rows_of_a_table_play_at_the_set_rate_one_channel_per_column()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("rig.csv"),
            "datetime;Pressure;Volume Flow RateRMS;anomaly\n2020;1.5;2;0\n2020;;x;1\nshort;1\n2020;-3e-1;7;0\n");
        var clock = new ManualTimeProvider();
        var start = clock.GetUnixMicros();
        var driver = DriverFactory.Create(
            new CsvDriverOptions
            {
                File = folder.File("rig.csv"), RateHz = 2, Prefix = "rig",
                Columns = ["Volume Flow RateRMS", "Pressure"],
            },
            clock);

        var recorder = await Recorder.Run(driver, clock, 2, Second, r => r.Readings.Count, 4);

        var names = driver.Channels.Select(channel => channel.Name.Value);
        Assert.Equal(["rig.volume_flow_raterms", "rig.pressure"], names);
        Assert.Equal(
            [(0, start, 2.0), (1, start, 1.5), (0, start + 500_000, double.NaN), (1, start + 500_000, double.NaN),
             (0, start + 1_000_000, 7.0), (1, start + 1_000_000, -0.3),
             (0, start + 1_500_000, 2.0), (1, start + 1_500_000, 1.5)],
            recorder.Readings.Take(8));
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("time\n1\n", "no ',' or ';' or tab")]
    [InlineData("time,value\n", "not one row")]
    [InlineData("time,other\n1,2\n", "has no column 'value'")]
    public void A_table_that_cannot_be_read_is_named_together_with_what_is_wrong(string text, string fault)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("t.csv"), text);
        var error = Assert.Throws<SensorException>(() => DriverFactory.Create(
            new CsvDriverOptions { File = folder.File("t.csv"), Columns = ["value"] }, TimeProvider.System));
        Assert.Contains("t.csv", error.Message, StringComparison.Ordinal);
        Assert.Contains(fault, error.Message, StringComparison.Ordinal);
    }

    [DataFact("nab")]
    public void A_table_of_the_anomaly_benchmark_gives_its_value_column()
    {
        var driver = DriverFactory.Create(
            new CsvDriverOptions { File = Requires.DataPath("nab/artificialNoAnomaly/art_daily_small_noise.csv") },
            TimeProvider.System);
        Assert.Equal(new ChannelName("value"), Assert.Single(driver.Channels).Name);
    }

    private static ReplayDriverOptions Options(string[] files, double rateHz, int block) => new()
    {
        Channel = new ChannelName("drive-end"), Files = files, RateHz = rateHz, BlockSamples = block,
    };
}
