using System.Diagnostics;
using LeptonEdge.Benchmarks.Inferring;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Inference.Sessions;

namespace LeptonEdge.Benchmarks;

/// <summary>What quantizing gains: each shipped model's int8 variant beside its fp32 one, one window, one
/// thread.</summary>
internal sealed class ModelsBenchmark : IBenchmark
{
    private const int Rounds = 15;
    private const int Calls = 2000;
    private const double SpeedupMin = 1.5;

    public string Name => "models";

    public string Summary => "each shipped model, int8 beside fp32, one thread [--models DIR]";

    public Task<IReadOnlyList<Figure>> RunAsync(string[] args)
    {
        var root = args switch
        {
            [] => InferenceBenchmark.FindModels(),
            ["--models", var folder] => folder,
            _ => throw new BenchmarkException("options: --models DIR, a folder of bundles NAME/VERSION"),
        };
        if (root is null)
            throw new BenchmarkException("no firmware-config/models above this program; name the folder: --models DIR");
        return Task.FromResult<IReadOnlyList<Figure>>(
            [.. InferenceBenchmark.Bundles(root).Where(bundle => bundle.Manifest.Files.Count == 2).Select(Compare)]);
    }

    private static Figure Compare(ModelBundle bundle)
    {
        using var int8 = Open(bundle, ModelVariant.Int8);
        using var fp32 = Open(bundle, ModelVariant.Fp32);
        var times = new long[Calls];
        Measure(int8, times);
        Measure(fp32, times);
        var (quick, plain) = (new double[Rounds], new double[Rounds]);
        for (var round = 0; round < Rounds; round++)
        {
            // In turns: what else the machine does meets both.
            quick[round] = Measure(int8, times);
            plain[round] = Measure(fp32, times);
        }

        return Figure.RatioAtLeast(
            $"{bundle.Reference}: int8, windows one by one", 1e6 / Statistics.Median(quick), "windows/s", "fp32",
            1e6 / Statistics.Median(plain), SpeedupMin);
    }

    private static ModelSession Open(ModelBundle bundle, ModelVariant variant)
    {
        var session = ModelSession.Open(bundle, new ModelSessionOptions { Variant = variant });
        var random = new Random(7);
        foreach (ref var value in session.Input)
            value = (float)((random.NextDouble() * 4) - 2);
        return session;
    }

    private static double Measure(ModelSession session, long[] times)
    {
        for (var i = 0; i < times.Length; i++)
        {
            var start = Stopwatch.GetTimestamp();
            session.Run();
            times[i] = Stopwatch.GetTimestamp() - start;
        }

        return Statistics.Percentile(times, 0.5) * 1e6 / Stopwatch.Frequency;
    }
}
