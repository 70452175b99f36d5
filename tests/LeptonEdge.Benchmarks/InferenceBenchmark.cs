using System.Diagnostics;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Inference.Sessions;
using LeptonEdge.Tests.Inference;

namespace LeptonEdge.Benchmarks;

/// <summary>What <see cref="ModelSession"/> costs over ONNX Runtime itself: time of one run, bytes allocated by
/// it.</summary>
internal sealed class InferenceBenchmark : IBenchmark
{
    private const int Rounds = 15;
    private const double RatioMax = 1.05;

    public string Name => "inference";

    public string Summary => "one run of a model, beside a bare loop over ONNX Runtime's C API [--models DIR]";

    public Task<IReadOnlyList<Figure>> RunAsync(string[] args)
    {
        var root = args switch
        {
            [] => FindModels(),
            ["--models", var folder] => folder,
            _ => throw new BenchmarkException("options: --models DIR, a folder of bundles NAME/VERSION"),
        };
        using var made = new MadeBundle();
        var figures = new List<Figure>();
        foreach (var bundle in new[] { made.Bundle }.Concat(Bundles(root)))
        {
            foreach (var variant in bundle.Manifest.Files.Keys.Order())
                figures.AddRange(Compare(bundle, variant));
        }

        return Task.FromResult<IReadOnlyList<Figure>>(figures);
    }

    private static IEnumerable<Figure> Compare(ModelBundle bundle, ModelVariant variant)
    {
        var manifest = bundle.Manifest;
        using var ours = ModelSession.Open(bundle, new ModelSessionOptions { Variant = variant });
        var bare = new BareOnnxRuntime(
            bundle.ReadModel(variant), manifest.Input.Name, manifest.Output.Name, manifest.Input.Width,
            manifest.Output.Width);
        Fill(ours, bare);

        var calls = Calls(ours);
        var times = new long[calls];
        Action[] loops = [() => ours.Run(), bare.Run, bare.RunBound];
        foreach (var loop in loops)
            Measure(loop, times);
        Check(ours, bare);

        var micros = loops.Select(_ => new double[Rounds]).ToArray();
        var bytesMax = 0d;
        for (var round = 0; round < Rounds; round++)
        {
            // Side by side, each first in turn: what else the machine does meets all.
            for (var turn = 0; turn < loops.Length; turn++)
            {
                var which = (round + turn) % loops.Length;
                var before = GC.GetAllocatedBytesForCurrentThread();
                micros[which][round] = Measure(loops[which], times);
                if (which == 0)
                    bytesMax = Math.Max(
                        bytesMax, (GC.GetAllocatedBytesForCurrentThread() - before) / (double)calls);
            }
        }

        var name = $"{manifest.Reference} {variant.ToString().ToLowerInvariant()}";
        var p50 = micros.Select(Statistics.Median).ToArray();
        yield return Figure.RatioAtMost(
            $"{name}: p50", p50[0], "µs", "bare C API loop, OrtRun", p50[1], RatioMax);
        yield return Figure.RatioAtMost(
            $"{name}: p50, bound", p50[0], "µs", "bare C API loop, OrtRunWithBinding", p50[2], RatioMax);
        yield return Figure.AtMost($"{name}: allocated per run", bytesMax, "bytes", 0);
    }

    /// <summary>Median microseconds of one call. The delegate costs all loops the same nanosecond.</summary>
    private static double Measure(Action run, long[] times)
    {
        for (var i = 0; i < times.Length; i++)
        {
            var start = Stopwatch.GetTimestamp();
            run();
            times[i] = Stopwatch.GetTimestamp() - start;
        }

        return Statistics.Percentile(times, 0.5) * 1e6 / Stopwatch.Frequency;
    }

    /// <summary>Enough calls for a fifth of a second, so that a round outlasts a time slice.</summary>
    private static int Calls(ModelSession session)
    {
        session.Run();
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < 20; i++)
            session.Run();
        return Math.Clamp((int)(0.2 * 20 / clock.Elapsed.TotalSeconds), 50, 20_000);
    }

    private static unsafe void Fill(ModelSession ours, BareOnnxRuntime bare)
    {
        var random = new Random(7);
        for (var i = 0; i < ours.InputWidth; i++)
            ours.Input[i] = bare.Input[i] = (float)((random.NextDouble() * 2) - 1);
    }

    private static unsafe void Check(ModelSession ours, BareOnnxRuntime bare)
    {
        if (!ours.Output[..ours.OutputWidth].SequenceEqual(new ReadOnlySpan<float>(bare.Output, ours.OutputWidth)))
            throw new BenchmarkException($"{ours.Model}: the two loops do not compute the same");
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

    /// <summary>A model so small that what is measured is the way in and out.</summary>
    private sealed class MadeBundle : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("lepton-bench-").FullName;

        public MadeBundle()
        {
            TestBundle.Write(_folder, manifest =>
            {
                manifest["name"] = "smallest";
                manifest["input"] = TestBundle.Tensor("input", 32);
                manifest["window_samples"] = 32;
                manifest["transforms"]!.AsArray().Clear();
                manifest["files"]!.AsObject().Remove("int8");
            }, TinyOnnx.Mlp(width: 32, layers: 2, classes: 2));
            Bundle = ModelBundle.Load(_folder);
        }

        public ModelBundle Bundle { get; }

        public void Dispose() => Directory.Delete(_folder, recursive: true);
    }
}
