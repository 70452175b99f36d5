using System.Diagnostics;
using LeptonEdge.Benchmarks.Inferring;
using LeptonEdge.Core.Identity;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Inference.Graphs;
using LeptonEdge.Inference.Quantizing;
using LeptonEdge.Tests.Inference;

namespace LeptonEdge.Benchmarks.Quantizing;

/// <summary>What our quantizer keeps of fp32's accuracy on windows that neither training nor calibration saw, and what
/// it gains; beside the int8 models that the training scripts wrote.</summary>
internal sealed class QuantizeBenchmark : IBenchmark
{
    private const int Rounds = 15;
    private const int Calls = 1000;
    private const double ShareMin = 0.99;
    private const double ErrorMax = 1.01;

    public string Name => "quantize";

    public string Summary => "accuracy and speed of our int8 beside fp32 and the training scripts' int8 [--models DIR]";

    public Task<IReadOnlyList<Figure>> RunAsync(string[] args)
    {
        var models = args switch
        {
            [] => InferenceBenchmark.FindModels(),
            ["--models", var folder] => folder,
            _ => throw new BenchmarkException("options: --models DIR, a folder of bundles NAME/VERSION"),
        } ?? throw new BenchmarkException("no firmware-config/models above this program; name it: --models DIR");
        var data = Recordings.FindFolder();
        var figures = new List<Figure>();
        foreach (var name in new[] { "bearing-fault", "bearing-fault-large" })
        {
            var bundle = Load(models, name);

            // The shipped network is the first split's. Of the second, only what the quantizer sees is held out.
            figures.AddRange(Compare(bundle, ModelData.Bearing(bundle, "load", data), "split by load", speed: true));
            figures.AddRange(
                Compare(bundle, ModelData.Bearing(bundle, "diameter", data), "split by diameter", speed: false));
        }

        var turbofan = Load(models, "turbofan-wear");
        figures.AddRange(Compare(turbofan, ModelData.Turbofan(turbofan, data), "C-MAPSS FD001", speed: true));
        var pump = Load(models, "pump-anomaly");
        figures.AddRange(Compare(pump, ModelData.Pump(pump, data), "SKAB", speed: true));
        figures.AddRange(Check());
        return Task.FromResult<IReadOnlyList<Figure>>(figures);
    }

    /// <summary>What looking through a model of 10 MB costs whoever loads it.</summary>
    private static IEnumerable<Figure> Check()
    {
        var file = TinyOnnx.Mlp(width: 900, layers: 4, classes: 4);
        var (times, allocated) = (new double[Rounds], 0L);
        for (var round = 0; round < Rounds; round++)
        {
            var (before, start) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
            if (ModelCheck.FindFault(file) is { } fault)
                throw new BenchmarkException(fault);
            times[round] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        var size = $"check of a model of {file.Length / 1e6:0.0} MB";
        yield return Figure.AtMost($"{size}: median", Statistics.Median(times), "ms", 50);
        yield return Figure.AtMost($"{size}: first", times[0], "ms", 50);
        yield return new Figure($"{size}: allocated", allocated / 1024d, "KiB");
    }

    private static ModelBundle Load(string models, string name) =>
        ModelBundle.Load(models, new ModelReference(name, "1.0.0"));

    private static IEnumerable<Figure> Compare(ModelBundle bundle, ModelData data, string what, bool speed)
    {
        var fp32 = bundle.ReadModel(ModelVariant.Fp32);

        // The search sees calibration windows only: the test windows below stay blind.
        var made = Quantizer.Quantize(fp32, bundle.Folder, data.Calibration, data.Calibration, new QuantizerOptions());
        byte[][] files = [made.Model, fp32, bundle.ReadModel(ModelVariant.Int8)];
        var (input, output) = (bundle.Manifest.Input.Width, bundle.Manifest.Output.Width);
        var loaded = Array.ConvertAll(files, file => new BoundModel(file, input, output));
        try
        {
            var scores = Array.ConvertAll(loaded, model => Score(model, bundle.Manifest, data.Test));
            var (unit, isError) = bundle.Manifest.Score.Kind switch
            {
                ScoreKinds.Output => ("RMSE, flights", true),
                _ when bundle.Manifest.Classes.Contains(ScoreRule.Anomaly) => ("F1", false),
                _ => ("right", false),
            };
            var name = $"{bundle.Reference.Name}, {what}";
            yield return isError
                ? Figure.RatioAtMost($"{name}: int8", scores[0], unit, "fp32", scores[1], ErrorMax)
                : Figure.RatioAtLeast($"{name}: int8", scores[0], unit, "fp32", scores[1], ShareMin);
            yield return new Figure(
                $"{name}: int8", scores[0], unit, "training script's int8", scores[2], scores[0] / scores[2]);
            if (!speed)
                yield break;
            var micros = Times(loaded, data.Test);
            yield return new Figure(
                $"{bundle.Reference.Name}: int8, one thread", micros[0], "µs", "fp32", micros[1],
                micros[0] / micros[1]);
            yield return new Figure(
                $"{bundle.Reference.Name}: int8, one thread", micros[0], "µs", "training script's int8", micros[2],
                micros[0] / micros[2]);
        }
        finally
        {
            foreach (var model in loaded)
                model.Dispose();
        }
    }

    private static double[] Times(BoundModel[] models, WindowSet windows)
    {
        var times = new long[Calls];
        var micros = models.Select(_ => new double[Rounds]).ToArray();
        foreach (var model in models)
            model.Measure(windows, times);
        for (var round = 0; round < Rounds; round++)
        {
            // In turns, each first once: what else the machine does meets all.
            for (var turn = 0; turn < models.Length; turn++)
            {
                var which = (round + turn) % models.Length;
                micros[which][round] = models[which].Measure(windows, times);
            }
        }

        return [.. micros.Select(Statistics.Median)];
    }

    private static double Score(BoundModel model, ModelManifest manifest, WindowSet test)
    {
        var (right, hits, above, faulty, squares) = (0, 0, 0, 0, 0d);
        for (var i = 0; i < test.Count; i++)
        {
            var label = test.Labels![i];
            var finding = manifest.Score.Evaluate(test[i], model.Run(test[i]));
            right += manifest.Classes.Count > 0 && finding.Label == manifest.Classes[(int)label] ? 1 : 0;
            var isAbove = finding.Score > manifest.Score.Threshold;
            above += isAbove ? 1 : 0;
            faulty += label > 0.5 ? 1 : 0;
            hits += isAbove && label > 0.5 ? 1 : 0;
            squares += Math.Pow(125 * (finding.Score - label), 2);
        }

        return manifest.Score.Kind switch
        {
            ScoreKinds.Output => Math.Sqrt(squares / test.Count),
            _ when manifest.Classes.Contains(ScoreRule.Anomaly) => 2d * hits / Math.Max(1, above + faulty),
            _ => right / (double)test.Count,
        };
    }
}
