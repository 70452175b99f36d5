using LeptonEdge.Agent.Sensing;
using LeptonEdge.Agent.Sensing.Bearings;
using LeptonEdge.Inference.Bundles;

namespace LeptonEdge.Tests.Models;

/// <summary>The simulated bearing, on which the product is tried without a sensor, in the eyes of the shipped
/// models.</summary>
public sealed class SimulatedBearingTests
{
    [Theory]
    [InlineData("bearing-fault", BearingFault.InnerRace)]
    [InlineData("bearing-fault", BearingFault.OuterRace)]
    [InlineData("bearing-fault-large", BearingFault.InnerRace)]
    [InlineData("bearing-fault-large", BearingFault.OuterRace)]
    public void A_simulated_bearing_is_normal_while_healthy_and_damaged_when_severe(string model, BearingFault fault)
    {
        var options = new SimulatedBearingDriverOptions { Fault = fault };
        var signal = new BearingSignal(options);
        using var judge = new WindowJudge(ShippedModels.Load(model), ModelVariant.Int8);

        var healthy = Labels(signal, judge, windows: 100);
        signal.Skip((long)((options.HealthyFor + options.GrowingFor).TotalSeconds * options.RateHz));
        var severe = Labels(signal, judge, windows: 100);

        Assert.True(healthy.GetValueOrDefault(ScoreRule.Normal) >= 95, $"healthy reads {Text(healthy)}");
        Assert.True(severe.GetValueOrDefault(ScoreRule.Normal) <= 5, $"severe {fault} reads {Text(severe)}");
    }

    private static Dictionary<string, int> Labels(BearingSignal signal, WindowJudge judge, int windows)
    {
        var counts = new Dictionary<string, int>();
        var window = new float[judge.Session.Manifest.WindowSamples];
        for (var i = 0; i < windows; i++)
        {
            signal.Fill(window);
            var label = judge.Judge(window).Label;
            counts[label] = counts.GetValueOrDefault(label) + 1;
        }

        return counts;
    }

    private static string Text(Dictionary<string, int> counts) =>
        string.Join(", ", counts.Select(pair => $"{pair.Key} {pair.Value}"));
}
