using System.Text.Json;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Inference.Sessions;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Models;

/// <summary>C# against the NumPy transforms and the outputs that the training run wrote down.</summary>
public sealed class GoldenVectorTests
{
    // 32-bit transforms against 64-bit ones; a feature is of the order of 1.
    private const double FeatureTolerance = 2e-3;

    public static TheoryData<string> Names => [.. ShippedModels.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Transforms_give_the_features_that_the_model_was_trained_on(string name)
    {
        var bundle = ShippedModels.Load(name);
        var transforms = bundle.Manifest.CreateTransforms();
        var features = new float[transforms.OutputLength];
        foreach (var golden in Golden(name))
        {
            transforms.Apply(Values(golden, "samples"), features);
            AssertClose(Values(golden, "features"), features, FeatureTolerance);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Both_variants_answer_as_they_did_when_they_were_made(string name)
    {
        var bundle = ShippedModels.Load(name);
        foreach (var (variant, field, tolerance) in
            new[] { (ModelVariant.Fp32, "fp32", 1e-3), (ModelVariant.Int8, "int8", 0.05) })
        {
            using var session = ModelSession.Open(bundle, new ModelSessionOptions { Variant = variant });
            foreach (var golden in Golden(name))
            {
                Values(golden, "features").CopyTo(session.Input);
                session.Run();
                AssertClose(Values(golden, field), session.Output[..session.OutputWidth], tolerance);
            }
        }
    }

    [Fact]
    public void A_spike_and_a_step_on_a_host_channel_are_anomalies_and_a_calm_one_is_not()
    {
        using var judge = new WindowJudge(ShippedModels.Load("host-anomaly"), ModelVariant.Int8);
        var labels = Golden("host-anomaly").Select(golden => judge.Judge(Values(golden, "samples")).Label).ToArray();
        Assert.Equal([ScoreRule.Normal, ScoreRule.Anomaly, ScoreRule.Anomaly, ScoreRule.Normal], labels);
    }

    private static List<JsonElement> Golden(string name)
    {
        var path = Path.Combine(
            Requires.RepositoryRoot, "tests", "LeptonEdge.Tests", "Models", "golden", $"{name}.json");
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        return [.. document.RootElement.GetProperty("windows").EnumerateArray().Select(window => window.Clone())];
    }

    private static float[] Values(JsonElement golden, string field) =>
        [.. golden.GetProperty(field).EnumerateArray().Select(value => value.GetSingle())];

    private static void AssertClose(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(
                Math.Abs(expected[i] - actual[i]) <= tolerance,
                $"value {i} is {actual[i]}, expected {expected[i]} within {tolerance}");
        }
    }
}
