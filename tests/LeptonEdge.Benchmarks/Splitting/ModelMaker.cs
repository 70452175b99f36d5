using LeptonEdge.Inference.Graphs;

namespace LeptonEdge.Benchmarks.Splitting;

/// <summary>Builds networks layer by layer, with weights from a seed: what they answer means nothing, what they cost
/// does.</summary>
internal sealed class ModelMaker(string name, int seed)
{
    private readonly GraphBuilder _graph = new(name, opset: 17);
    private readonly Random _random = new(seed);
    private int _made;

    public string Input(params long[] shape) => _graph.Input("x", [1, .. shape]);

    /// <summary>An input beside "x".</summary>
    public string Second(string tensor, params long[] shape) => _graph.Input(tensor, [1, .. shape]);

    public byte[] Output(string tensor, params long[] shape)
    {
        _graph.Node("Identity", "y", [tensor]);
        return _graph.Output("y", [1, .. shape]).ToArray();
    }

    public byte[] Outputs(params (string Tensor, long[] Shape)[] outputs)
    {
        for (var i = 0; i < outputs.Length; i++)
        {
            _graph.Node("Identity", $"y{i}", [outputs[i].Tensor]);
            _graph.Output($"y{i}", [1, .. outputs[i].Shape]);
        }

        return _graph.ToArray();
    }

    public string Conv(string input, int from, int to, int kernel, int stride = 1, int? pad = null, int groups = 1)
    {
        var side = (long)(pad ?? kernel / 2);
        return Conv(
            input, [to, from / groups, kernel, kernel], ("strides", new long[] { stride, stride }),
            ("pads", new[] { side, side, side, side }), ("group", (long)groups));
    }

    public string Conv1D(string input, int from, int to, int kernel, int stride) => Conv(
        input, [to, from, kernel], ("strides", new long[] { stride }),
        ("pads", new long[] { kernel / 2, kernel / 2 }));

    public string ConvRelu(
        string input, int from, int to, int kernel, int stride = 1, int? pad = null, int groups = 1) =>
        Relu(Conv(input, from, to, kernel, stride, pad, groups));

    public string Dense(string input, int from, int to)
    {
        var output = Next("fc");
        _graph.Constant($"{output}.w", Weights(from * to, from), from, to);
        _graph.Constant($"{output}.b", Weights(to, from), to);
        return _graph.Node("Gemm", output, [input, $"{output}.w", $"{output}.b"]);
    }

    /// <summary>The same layer for each token of a sequence.</summary>
    public string Project(string input, int from, int to)
    {
        var output = Next("proj");
        _graph.Constant($"{output}.w", Weights(from * to, from), from, to);
        _graph.Constant($"{output}.b", Weights(to, from), to);
        _graph.Node("MatMul", $"{output}.m", [input, $"{output}.w"]);
        return _graph.Node("Add", output, [$"{output}.m", $"{output}.b"]);
    }

    public string LayerNorm(string input, int width)
    {
        var output = Next("ln");
        _graph.Constant($"{output}.g", [.. Enumerable.Repeat(1f, width)], width);
        _graph.Constant($"{output}.b", new float[width], width);
        return _graph.Node("LayerNormalization", output, [input, $"{output}.g", $"{output}.b"], ("axis", -1L));
    }

    public string Relu(string input) => Op("Relu", input);

    public string Op(string kind, params string[] inputs) => _graph.Node(kind, Next(kind), inputs);

    public string Op(string kind, string input, params (string, object)[] attributes) =>
        _graph.Node(kind, Next(kind), [input], attributes);

    public string Concat(params string[] inputs) => _graph.Node("Concat", Next("cat"), inputs, ("axis", 1L));

    public string MaxPool(string input, int kernel = 2, int? stride = null, int pad = 0) => Op(
        "MaxPool", input, ("kernel_shape", new long[] { kernel, kernel }),
        ("strides", new long[] { stride ?? kernel, stride ?? kernel }), ("pads", new long[] { pad, pad, pad, pad }));

    public string Reshape(string input, params long[] shape)
    {
        var output = Next("shape");
        _graph.Integers($"{output}.s", shape);
        return _graph.Node("Reshape", output, [input, $"{output}.s"]);
    }

    public string Transpose(string input, params long[] order) => Op("Transpose", input, ("perm", order));

    /// <summary>Global average, then a row of channels.</summary>
    public string Pooled(string input) => Op("Flatten", Op("GlobalAveragePool", input));

    private string Conv(string input, long[] shape, params (string, object)[] attributes)
    {
        var output = Next("conv");
        var inner = (int)shape.Skip(1).Aggregate(1L, (a, b) => a * b);
        _graph.Constant($"{output}.w", Weights((int)shape[0] * inner, inner), shape);
        _graph.Constant($"{output}.b", Weights((int)shape[0], inner), shape[0]);
        return _graph.Node("Conv", output, [input, $"{output}.w", $"{output}.b"], attributes);
    }

    private string Next(string kind) => $"{kind.ToLowerInvariant()}{_made++}";

    // As wide as keeps a signal's size from layer to layer.
    private float[] Weights(int count, int inner)
    {
        var values = new float[count];
        var scale = 2 * Math.Sqrt(6.0 / inner);
        for (var i = 0; i < count; i++)
            values[i] = (float)((_random.NextDouble() - 0.5) * scale);
        return values;
    }
}
