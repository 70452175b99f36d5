using System.Diagnostics;
using LeptonEdge.Agent.Configuration;
using LeptonEdge.Agent.Pipeline;
using LeptonEdge.Core.Metrics;
using LeptonEdge.Inference.Bundles;

namespace LeptonEdge.Benchmarks.Inferring;

/// <summary>One model on the agent's way and in two bare loops, round after round side by side.</summary>
internal sealed class InferenceRace
{
    private const int Rounds = 15;

    private readonly double[] _p50;
    private readonly double[] _p99;

    private InferenceRace(double[][] p50, double[][] p99, double bytesPerCall)
    {
        (_p50, _p99, BytesPerCall) =
            ([.. p50.Select(Statistics.Median)], [.. p99.Select(Statistics.Median)], bytesPerCall);
    }

    public (double P50, double P99) Host => (_p50[0], _p99[0]);

    /// <summary>OrtRun: names and values with each call.</summary>
    public (double P50, double P99) Bare => (_p50[1], _p99[1]);

    /// <summary>OrtRunWithBinding: names and values bound beforehand.</summary>
    public (double P50, double P99) BareBound => (_p50[2], _p99[2]);

    public double BytesPerCall { get; }

    /// <param name="bundle">Of one variant.</param>
    public static InferenceRace Run(ModelBundle bundle)
    {
        var manifest = bundle.Manifest;
        using var host = new LocalModel(bundle, new LaneSettings()) { Meter = new WorkCounter() };
        var bare = new BareOnnxRuntime(
            bundle.ReadModel(manifest.Files.Keys.Single()), manifest.Input.Name, manifest.Output.Name,
            manifest.Input.Width, manifest.Output.Width);
        var features = Fill(bare, manifest.Input.Width);
        Action[] loops = [() => Infer(host, features), bare.Run, bare.RunBound];
        var calls = Calls(bare.Run);
        var times = new long[calls];
        foreach (var loop in loops)
            Measure(loop, times);
        Check(host, features, bare, manifest);

        double[][] p50 = [.. loops.Select(_ => new double[Rounds])], p99 = [.. loops.Select(_ => new double[Rounds])];
        var bytes = 0d;
        for (var round = 0; round < Rounds; round++)
        {
            // Side by side, each first in turn: what else the machine does meets all.
            for (var turn = 0; turn < loops.Length; turn++)
            {
                var which = (round + turn) % loops.Length;
                var before = GC.GetAllocatedBytesForCurrentThread();
                (p50[which][round], p99[which][round]) = Measure(loops[which], times);
                if (which == 0)
                    bytes = Math.Max(bytes, (GC.GetAllocatedBytesForCurrentThread() - before) / (double)calls);
            }
        }

        return new InferenceRace(p50, p99, bytes);
    }

    // As a window's slot does it on the lane.
    private static void Infer(LocalModel host, float[] features)
    {
        if (!host.TryEnter())
            throw new BenchmarkException("the model was let go");
        host.Infer(features);
        host.Leave();
    }

    /// <summary>Microseconds of one call. The delegate costs all loops the same nanosecond.</summary>
    private static (double P50, double P99) Measure(Action run, long[] times)
    {
        for (var i = 0; i < times.Length; i++)
        {
            var start = Stopwatch.GetTimestamp();
            run();
            times[i] = Stopwatch.GetTimestamp() - start;
        }

        var micros = 1e6 / Stopwatch.Frequency;
        return (Statistics.Percentile(times, 0.5) * micros, Statistics.Percentile(times, 0.99) * micros);
    }

    /// <summary>Enough calls for a fifth of a second, so that a round outlasts a time slice.</summary>
    private static int Calls(Action run)
    {
        run();
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < 20; i++)
            run();
        return Math.Clamp((int)(0.2 * 20 / clock.Elapsed.TotalSeconds), 50, 20_000);
    }

    private static unsafe float[] Fill(BareOnnxRuntime bare, int width)
    {
        var random = new Random(7);
        var features = new float[width];
        for (var i = 0; i < width; i++)
            features[i] = bare.Input[i] = (float)((random.NextDouble() * 2) - 1);
        return features;
    }

    private static unsafe void Check(
        LocalModel host, float[] features, BareOnnxRuntime bare, ModelManifest manifest)
    {
        var expected = manifest.Score.Evaluate(
            features, new ReadOnlySpan<float>(bare.Output, manifest.Output.Width));
        if (host.Infer(features) != expected)
            throw new BenchmarkException($"{manifest.Reference}: the loops do not compute the same");
    }
}
