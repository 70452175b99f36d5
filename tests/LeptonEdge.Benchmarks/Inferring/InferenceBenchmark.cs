using System.Globalization;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Tests.Inference;

namespace LeptonEdge.Benchmarks.Inferring;

/// <summary>What the agent's own way of running a model costs over ONNX Runtime itself, and what our quantizer gains on
/// a 1-D CNN. One thread.</summary>
internal sealed class InferenceBenchmark : IBenchmark
{
    private const double RatioMax = 1.10;
    private const double SpeedupMin = 2;
    private const int SmallestWidth = 32;

    public string Name => "inference";

    public string Summary => "one window in the agent, beside a bare loop over ONNX Runtime's C API [--models DIR]";

    public Task<IReadOnlyList<Figure>> RunAsync(string[] args)
    {
        var root = args switch
        {
            [] => FindModels(),
            ["--models", var folder] => folder,
            _ => throw new BenchmarkException("options: --models DIR, a folder of bundles NAME/VERSION"),
        };
        using var made = new MadeBundles();
        var figures = new List<Figure>();
        foreach (var bundle in Bundles(root).Where(bundle => args.Length > 0 || IsBearing(bundle)))
        {
            foreach (var variant in bundle.Manifest.Files.Keys.Order())
            {
                var race = InferenceRace.Run(made.Only(bundle, variant));
                figures.AddRange(Compare($"{bundle.Reference} {MadeBundles.Key(variant)}", race));
            }
        }

        figures.AddRange(CompareCnn(made));
        figures.AddRange(CompareSmallest(made));
        return Task.FromResult<IReadOnlyList<Figure>>(figures);
    }

    private static bool IsBearing(ModelBundle bundle) =>
        bundle.Reference.Name.StartsWith("bearing-fault", StringComparison.Ordinal);

    private static IEnumerable<Figure> Compare(string name, InferenceRace race) =>
    [
        Figure.RatioAtMost($"{name}: p50", race.Host.P50, "µs", "bare loop, OrtRun", race.Bare.P50, RatioMax),
        Figure.RatioAtMost(
            $"{name}: p50, bound", race.Host.P50, "µs", "bare loop, OrtRunWithBinding", race.BareBound.P50, RatioMax),
        new(
            $"{name}: p99", race.Host.P99, "µs", "bare loop, OrtRun", race.Bare.P99, race.Host.P99 / race.Bare.P99),
        Figure.AtMost($"{name}: allocated per call", race.BytesPerCall, "bytes", 0),
    ];

    private static IEnumerable<Figure> CompareCnn(MadeBundles made)
    {
        var cnn = MadeCnn.Make();
        var name = string.Create(CultureInfo.InvariantCulture, $"1-D CNN, {cnn.MultiplyAccumulates / 1e6:0.0} M MAC");
        var fp32 = InferenceRace.Run(made.Of("cnn", ModelVariant.Fp32, MadeCnn.Width, MadeCnn.Classes, cnn.Fp32));
        var int8 = InferenceRace.Run(
            made.Of("cnn", ModelVariant.Int8, MadeCnn.Width, MadeCnn.Classes, cnn.Quantized.Model));
        return
        [
            .. Compare($"{name} int8", int8), .. Compare($"{name} fp32", fp32),
            Figure.RatioAtLeast(
                $"{name}: int8, windows one by one", 1e6 / int8.Host.P50, "windows/s", "fp32", 1e6 / fp32.Host.P50,
                SpeedupMin),
            new(
                $"{name}: noise of int8 at its output", cnn.Quantized.Report.Noise * 1e6, "millionths of its variance"),
        ];
    }

    /// <summary>A model so small that what is measured is the way in and out.</summary>
    private static IEnumerable<Figure> CompareSmallest(MadeBundles made)
    {
        var race = InferenceRace.Run(made.Of(
            "smallest", ModelVariant.Fp32, SmallestWidth, 2, TinyOnnx.Mlp(SmallestWidth, layers: 2, classes: 2)));
        yield return new Figure(
            "smallest model: p50", race.Host.P50, "µs", "bare loop, OrtRun", race.Bare.P50,
            race.Host.P50 / race.Bare.P50);
    }

    internal static IEnumerable<ModelBundle> Bundles(string? root) => root is null
        ? []
        : Directory.EnumerateFiles(root, ModelBundle.ManifestName, SearchOption.AllDirectories).Order()
            .Select(manifest => ModelBundle.Load(Path.GetDirectoryName(manifest)!));

    internal static string? FindModels()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var models = Path.Combine(folder.FullName, "firmware-config", "models");
            if (Directory.Exists(models))
                return models;
        }

        return null;
    }
}
