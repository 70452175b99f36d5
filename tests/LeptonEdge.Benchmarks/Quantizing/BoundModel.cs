using System.Diagnostics;
using LeptonEdge.Inference.Quantizing;
using Microsoft.ML.OnnxRuntime;

namespace LeptonEdge.Benchmarks.Quantizing;

/// <summary>A model on one thread, one window a call, its buffers bound once.</summary>
internal sealed class BoundModel : IDisposable
{
    private readonly InferenceSession _session;
    private readonly OrtIoBinding _binding;
    private readonly RunOptions _options = new();
    private readonly OrtValue _in;
    private readonly OrtValue _out;
    private readonly float[] _input;
    private readonly float[] _output;

    public BoundModel(byte[] model, int inputWidth, int outputWidth)
    {
        using var options = new SessionOptions
            { IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        _session = new InferenceSession(model, options);
        _binding = _session.CreateIoBinding();
        _input = GC.AllocateArray<float>(inputWidth, pinned: true);
        _output = GC.AllocateArray<float>(outputWidth, pinned: true);
        _in = OrtValue.CreateTensorValueFromMemory(_input, [1, inputWidth]);
        _out = OrtValue.CreateTensorValueFromMemory(_output, [1, outputWidth]);
        _binding.BindInput(_session.InputNames[0], _in);
        _binding.BindOutput(_session.OutputNames[0], _out);
    }

    /// <summary>The answer for one window.</summary>
    public ReadOnlySpan<float> Run(ReadOnlySpan<float> window)
    {
        window.CopyTo(_input);
        _session.RunWithBinding(_options, _binding);
        return _output;
    }

    /// <summary>Median microseconds of one call.</summary>
    public double Measure(WindowSet windows, long[] times)
    {
        for (var i = 0; i < times.Length; i++)
        {
            windows[i % windows.Count].CopyTo(_input);
            var start = Stopwatch.GetTimestamp();
            _session.RunWithBinding(_options, _binding);
            times[i] = Stopwatch.GetTimestamp() - start;
        }

        return Statistics.Percentile(times, 0.5) * 1e6 / Stopwatch.Frequency;
    }

    public void Dispose()
    {
        _binding.Dispose();
        _in.Dispose();
        _out.Dispose();
        _options.Dispose();
        _session.Dispose();
    }
}
