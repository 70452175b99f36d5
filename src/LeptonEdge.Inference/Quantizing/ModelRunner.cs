using Google.Protobuf;
using LeptonEdge.Inference.Graphs;
using LeptonEdge.Inference.Graphs.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace LeptonEdge.Inference.Quantizing;

/// <summary>Runs a model of one input over many windows, on one thread, so that runs are alike.</summary>
internal sealed class ModelRunner : IDisposable
{
    // Enough for the calls' own cost to vanish, few enough for intermediate tensors to stay in the cache.
    private const int BatchMax = 32;

    private readonly InferenceSession _session;
    private readonly RunOptions _options = new();
    private readonly GraphValue _input;
    private readonly int _batch;
    private readonly long[] _shape;

    /// <exception cref="QuantizerException">ONNX Runtime does not load it; the message is its own.</exception>
    public ModelRunner(ModelProto model, GraphValue input, int width)
    {
        _input = input;
        var first = input.Type.Dims![0];
        _batch = first.IsFixed ? (int)Math.Max(1, first.Value) : BatchMax;
        _shape = [.. input.Type.Dims.Select(dim => dim.Value)];
        if (_shape.Skip(1).Count(dim => dim < 0) == 1)
        {
            var free = Array.FindIndex(_shape, 1, dim => dim < 0);
            _shape[free] = width / _shape.Skip(1).Where(dim => dim >= 0).Aggregate(1L, GraphTensor.Product);
        }

        using var options = new SessionOptions
        {
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        try
        {
            _session = new InferenceSession(model.ToByteArray(), options);
        }
        catch (OnnxRuntimeException e)
        {
            throw new QuantizerException($"ONNX Runtime does not load the model: {e.Message}", e);
        }
    }

    /// <summary>One output of a run: some windows' values, one after the other.</summary>
    public delegate void Taker(int output, int firstWindow, int windows, ReadOnlySpan<float> values);

    /// <summary>Runs all windows, handing each batch's outputs on.</summary>
    /// <exception cref="QuantizerException">The model does not run on them.</exception>
    public void Run(WindowSet windows, IReadOnlyList<string> outputs, Taker take, Action<double>? progress = null)
    {
        for (var at = 0; at < windows.Count; at += _batch)
        {
            var count = Math.Min(_batch, windows.Count - at);
            var rows = _input.Type.Dims![0].IsFixed ? _batch : count;
            var data = new float[rows * windows.Width];
            for (var row = 0; row < rows; row++)
                windows[at + Math.Min(row, count - 1)].CopyTo(data.AsSpan(row * windows.Width));
            _shape[0] = rows;
            Call(data, outputs, (output, values) =>
            {
                if (values.Length % rows != 0)
                    throw new QuantizerException($"output '{outputs[output]}' has {values.Length} values for {rows} "
                        + "windows: its first dimension must be that of the input");
                take(output, at, count, values[..(values.Length / rows * count)]);
            });
            progress?.Invoke((double)(at + count) / windows.Count);
        }
    }

    /// <summary>All outputs of all windows: for each output (windows × width,).</summary>
    public float[][] Outputs(WindowSet windows, IReadOnlyList<string> outputs)
    {
        var results = outputs.Select(_ => new List<float>()).ToArray();
        Run(windows, outputs, (output, _, _, values) => results[output].AddRange(values));
        return [.. results.Select(list => list.ToArray())];
    }

    public void Dispose()
    {
        _options.Dispose();
        _session.Dispose();
    }

    private delegate void ValueTaker(int output, ReadOnlySpan<float> values);

    private void Call(float[] data, IReadOnlyList<string> outputs, ValueTaker take)
    {
        try
        {
            using var value = OrtValue.CreateTensorValueFromMemory(data, _shape);
            using var results = _session.Run(_options, [_input.Name], [value], outputs);
            for (var i = 0; i < results.Count; i++)
                take(i, results[i].GetTensorDataAsSpan<float>());
        }
        catch (OnnxRuntimeException e)
        {
            throw new QuantizerException($"the model does not run on the windows: {e.Message}", e);
        }
    }
}
