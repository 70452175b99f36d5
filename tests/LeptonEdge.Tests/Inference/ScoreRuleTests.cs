using System.Text;
using System.Text.Json.Nodes;
using LeptonEdge.Inference;
using LeptonEdge.Inference.Bundles;

namespace LeptonEdge.Tests.Inference;

public class ScoreRuleTests
{
    [Fact]
    public void A_classification_takes_the_highest_class_and_scores_what_is_not_normal()
    {
        var rule = Rule(manifest => { });
        var finding = rule.Evaluate([0, 0, 0], [0, MathF.Log(3)]);
        Assert.Equal("ball", finding.Label);
        Assert.Equal(0.75f, finding.Score, 1e-6f);

        // Logits that would overflow an exponential.
        finding = rule.Evaluate([0, 0, 0], [5000, -5000]);
        Assert.Equal(("normal", 0f), (finding.Label, finding.Score));
    }

    [Theory]
    [InlineData("mahalanobis", new float[] { 3, 4, 0, 0 }, 2.5f)]
    [InlineData("reconstruction_error", new float[] { 1, 2, 3, 8 }, 2f)]
    [InlineData("output", new float[] { 7, 0, 0, 0 }, 7f)]
    public void An_anomaly_score_is_that_of_its_kind(string kind, float[] output, float score)
    {
        var rule = Rule(manifest =>
        {
            manifest["task"] = "anomaly";
            manifest["input"] = TestBundle.Tensor("input", 4);
            manifest["output"] = TestBundle.Tensor("output", 4);
            manifest["transforms"] = new JsonArray();
            manifest["score"] = new JsonObject { ["kind"] = kind, ["threshold"] = 2.25 };
        });
        var finding = rule.Evaluate([1, 2, 3, 4], output);
        Assert.Equal(score, finding.Score, 1e-6f);
        Assert.Equal(score > 2.25 ? "anomaly" : "normal", finding.Label);
    }

    [Fact]
    public void An_output_that_is_not_finite_is_unknown_not_normal()
    {
        var finding = Rule(manifest => { }).Evaluate([0, 0, 0], [0, float.NaN]);
        Assert.Equal("unknown", finding.Label);
        Assert.True(float.IsNaN(finding.Score));
    }

    [Theory]
    [InlineData("score.kind", "{\"kind\":\"vibes\",\"threshold\":1}")]
    [InlineData("score.threshold", "{\"kind\":\"output\"}")]
    [InlineData("score.index", "{\"kind\":\"output\",\"threshold\":1,\"index\":2}")]
    [InlineData("score.kind", "{\"kind\":\"reconstruction_error\",\"threshold\":1}")]
    public void A_score_that_does_not_fit_is_named(string field, string json)
    {
        var error = Assert.Throws<ModelBundleException>(() => Rule(manifest =>
        {
            manifest["task"] = "anomaly";
            manifest["score"] = JsonNode.Parse(json);
        }));
        Assert.StartsWith($"manifest.json: {field}: ", Assert.Single(error.Faults));
    }

    [Fact]
    public void The_first_value_that_is_not_finite_is_found_wherever_it_is()
    {
        for (var length = 0; length < 70; length++)
        {
            var values = Enumerable.Range(0, length).Select(i => (i - 30) * 1e36f).ToArray();
            Assert.Equal(-1, FiniteValues.FirstNonFinite(values));
            for (var bad = 0; bad < length; bad++)
            {
                var spoilt = (float[])values.Clone();
                spoilt[bad] = (bad % 3) switch
                {
                    0 => float.NaN, 1 => float.PositiveInfinity, _ => float.NegativeInfinity,
                };
                Assert.Equal(bad, FiniteValues.FirstNonFinite(spoilt));
            }
        }
    }

    private static ScoreRule Rule(Action<JsonObject> change)
    {
        var manifest = TestBundle.Manifest([1], [1]);
        change(manifest);
        return ModelManifest.Parse(Encoding.UTF8.GetBytes(manifest.ToJsonString()), "test").Score;
    }
}
