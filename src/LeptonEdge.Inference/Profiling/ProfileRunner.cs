using LeptonEdge.Inference.Graphs;
using LeptonEdge.Inference.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace LeptonEdge.Inference.Profiling;

/// <summary>Runs a model as the product does, with and without ONNX Runtime's own profile.</summary>
internal sealed class ProfileRunner(
    byte[] model, IReadOnlyList<Tensor> inputs, ProfilerOptions options, TimeProvider clock, string scratch)
{
    private const double SecondsWanted = 1;
    private const int RunsMin = 10;
    private const int RunsMax = 500;

    // The runtime keeps a million events and drops the rest without a word.
    private const int EventsMax = 500_000;

    private int _nodes = 1;

    /// <summary>The graph that the runtime makes of the model.</summary>
    public ModelGraph Optimise(GraphOptimizationLevel level)
    {
        using var session = Open(level, out var file);
        return Read(file);
    }

    /// <summary>Median time of a run.</summary>
    /// <returns>The time, and how many runs are worth measuring.</returns>
    public (TimeSpan Median, int Runs) Wall(Action<double> progress)
    {
        using var session = Open(GraphOptimizationLevel.ORT_ENABLE_ALL, out var file);
        _nodes = Math.Max(Read(file).Order.Count, 1);
        using var values = new BoundInputs(inputs);
        using var run = new RunOptions();
        long Once()
        {
            var start = clock.GetTimestamp();
            using var results = session.Run(run, values.Names, values.Values, session.OutputNames);
            return clock.GetTimestamp() - start;
        }

        Once();
        var first = Math.Max(Once(), 1) / (double)clock.TimestampFrequency;
        var runs = options.Runs ?? (int)Math.Clamp(SecondsWanted / first, RunsMin, RunsMax);
        runs = Math.Max(1, Math.Min(runs, EventsMax / (_nodes * 3)));
        var ticks = new long[runs];
        for (var i = 0; i < runs; i++)
        {
            ticks[i] = Once();
            progress((i + 1d) / runs);
        }

        Array.Sort(ticks);
        return (TimeSpan.FromSeconds(ticks[runs / 2] / (double)clock.TimestampFrequency), runs);
    }

    /// <summary>Seconds of each kernel in one run, by the name of its node.</summary>
    public (ModelGraph Graph, Dictionary<string, double> Seconds) Kernels(int runs, Action<double> progress)
    {
        using var session = Open(GraphOptimizationLevel.ORT_ENABLE_ALL, out var file, profile: true);
        using var values = new BoundInputs(inputs);
        using var run = new RunOptions();
        const int Warm = 3;
        for (var i = 0; i < runs + Warm; i++)
        {
            using var results = session.Run(run, values.Names, values.Values, session.OutputNames);
            progress((i + 1d) / (runs + Warm));
        }

        return (Read(file), TraceReader.Read(session.EndProfiling(), Warm));
    }

    private static ModelGraph Read(string file) => ModelGraph.Link(GraphReader.Read(File.ReadAllBytes(file)).Graph);

    private InferenceSession Open(GraphOptimizationLevel level, out string file, bool profile = false)
    {
        file = Path.Combine(scratch, $"{level}.onnx");
        using var settings = new SessionOptions
        {
            IntraOpNumThreads = options.Threads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = level,
            OptimizedModelFilePath = file,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        settings.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        if (profile)
        {
            settings.ProfileOutputPathPrefix = Path.Combine(scratch, "profile");
            settings.EnableProfiling = true;
        }

        return new InferenceSession(model, settings);
    }
}
