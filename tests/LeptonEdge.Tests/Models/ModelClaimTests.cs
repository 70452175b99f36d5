using System.Globalization;
using System.Text.Json;
using LeptonEdge.Agent.Sensing.Replays;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Models;

/// <summary>What the manifests claim, measured again: C# transforms, the shipped files, recordings held out of
/// training.</summary>
public sealed class ModelClaimTests
{
    private const double Tolerance = 0.005;
    private static readonly ModelVariant[] Variants = [ModelVariant.Fp32, ModelVariant.Int8];

    public static TheoryData<string> Names => [.. ShippedModels.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Int8_is_claimed_to_keep_99_percent_of_the_accuracy_at_1_5_times_the_speed(string name)
    {
        var metrics = ShippedModels.Load(name).Manifest.Metrics!.Value;
        Assert.True(metrics.GetProperty("int8_speedup").GetDouble() >= 1.5);
        foreach (var split in metrics.GetProperty("splits").EnumerateArray())
            Assert.True(
                Claim(split, ModelVariant.Int8, "accuracy") >= 0.99 * Claim(split, ModelVariant.Fp32, "accuracy"));
    }

    [Fact]
    public void Both_bearing_models_take_the_same_window_and_the_same_number_of_values()
    {
        var (small, large) = (
            ShippedModels.Load("bearing-fault").Manifest, ShippedModels.Load("bearing-fault-large").Manifest);
        Assert.Equal(small.Input, large.Input);
        Assert.Equal(small.Classes, large.Classes);

        // One tensor must do for either place: the same transforms, to the last digit.
        Assert.Equal(JsonSerializer.Serialize(small.Transforms), JsonSerializer.Serialize(large.Transforms));
    }

    [DataFact("cwru")]
    public void Bearing_models_are_as_accurate_as_claimed_on_recordings_held_out_of_training()
    {
        foreach (var name in new[] { "bearing-fault", "bearing-fault-large" })
        {
            var bundle = ShippedModels.Load(name);
            var split = ShippedModels.Split(bundle, "load");
            foreach (var variant in Variants)
            {
                var (right, windows) = (0, 0);
                using var judge = new WindowJudge(bundle, variant);
                foreach (var label in split.GetProperty("test").EnumerateArray().Select(test => test.GetString()!))
                {
                    var samples = HeldOut(label);
                    var size = bundle.Manifest.WindowSamples;
                    for (var at = 0; at + size <= samples.Length; at += size, windows++)
                        right += judge.Judge(samples.AsSpan(at, size)).Label == TrueClass(label) ? 1 : 0;
                }

                Assert.Equal(split.GetProperty("windows").GetInt32(), windows);
                Assert.Equal(Claim(split, variant, "accuracy"), right / (double)windows, Tolerance);
            }
        }
    }

    [DataFact("nab")]
    public void The_host_model_raises_as_many_false_alarms_and_finds_as_many_steps_as_claimed()
    {
        var bundle = ShippedModels.Load("host-anomaly");
        var split = ShippedModels.Split(bundle, "nab");
        using var judge = new WindowJudge(bundle, ModelVariant.Int8);
        var (unlabelled, falseAlarms, changed, found) = (0, 0, 0, 0);
        var size = bundle.Manifest.WindowSamples;
        foreach (var file in split.GetProperty("test").EnumerateArray().Select(test => test.GetString()!))
        {
            var (values, labelled) = NabSeries.Load(file);
            var windowsOfFile = 0;
            for (var at = 0; at + size <= values.Length; at++)
            {
                if (labelled.AsSpan(at, size).Contains(true))
                    continue;
                falseAlarms += judge.Judge(values.AsSpan(at, size)).Label == ScoreRule.Anomaly ? 1 : 0;
                if (windowsOfFile++ % 8 != 0)
                    continue;
                var stepped = values.AsSpan(at, size).ToArray();
                foreach (ref var value in stepped.AsSpan(size - 8))
                    value += 0.4f;
                found += judge.Judge(stepped).Label == ScoreRule.Anomaly ? 1 : 0;
                changed++;
            }

            unlabelled += windowsOfFile;
        }

        Assert.Equal(split.GetProperty("windows").GetInt32(), unlabelled);
        Assert.Equal(Claim(split, ModelVariant.Int8, "false_alarm_rate"), falseAlarms / (double)unlabelled, Tolerance);
        Assert.Equal(Claim(split, ModelVariant.Int8, "step_found"), found / (double)changed, Tolerance);
    }

    private static double Claim(JsonElement split, ModelVariant variant, string what) =>
        split.GetProperty($"{(variant == ModelVariant.Int8 ? "int8" : "fp32")}_{what}").GetDouble();

    /// <summary>The whole recording, or the last third of it where the label says so.</summary>
    private static float[] HeldOut(string label)
    {
        using var file = NpyFile.Open(Requires.DataPath($"cwru/{label.Split(' ')[0]}"));
        var samples = new float[file.Count];
        Assert.Equal(samples.Length, file.Read(samples));
        return label.Contains("last third", StringComparison.Ordinal) ? samples[(samples.Length * 2 / 3)..] : samples;
    }

    private static string TrueClass(string label) => label.Split('_', '.')[1] switch
    {
        "Normal" => "normal",
        "IR" => "inner-race",
        "B" => "ball",
        _ => "outer-race",
    };
}

/// <summary>A series of the Numenta Anomaly Benchmark, as the ratio that the training scripts make of it.</summary>
internal static class NabSeries
{
    public static (float[] Values, bool[] Labelled) Load(string file)
    {
        var unit = file.Contains("TravelTime", StringComparison.Ordinal) ? 1000d : 100d;
        var rows = File.ReadAllLines(Requires.DataPath(file)).Skip(1).Select(line => line.Split(',')).ToArray();
        using var labels = JsonDocument.Parse(File.ReadAllBytes(Requires.DataPath("nab/windows.json")));
        var spans = labels.RootElement.GetProperty(file["nab/".Length..]).EnumerateArray()
            .Select(span => (First: Time(span[0].GetString()!), Last: Time(span[1].GetString()!))).ToArray();
        return (
            [.. rows.Select(row => (float)(double.Parse(row[1], CultureInfo.InvariantCulture) / unit))],
            [.. rows.Select(row => Time(row[0]))
                .Select(time => spans.Any(span => span.First <= time && time <= span.Last))]);
    }

    private static DateTime Time(string text) => DateTime.Parse(text, CultureInfo.InvariantCulture);
}
