using LeptonEdge.Inference.Graphs;

namespace LeptonEdge.Tests.Inference.Quantizing;

/// <summary>Small fp32 models with seeded weights, one for each operator that the quantizer covers.</summary>
public sealed class QuantizerModels
{
    private readonly Random _random = new(3);
    private readonly GraphBuilder _graph;

    private QuantizerModels(string name, long opset = 13) => _graph = new GraphBuilder(name, opset);

    /// <summary>Name, shape of a window, operators that ONNX Runtime's optimised graph must hold, file.</summary>
    public static IEnumerable<(string Name, long[] Window, string[] Kernels, byte[] File)> All() =>
    [
        ("conv 1-D", [2, 32], ["QLinearConv", "QGemm"], Conv1D()),
        ("conv 2-D with batch norm and ReLU", [3, 12, 12], ["QLinearConv", "QGemm"], Conv2D()),
        ("depthwise, Clip at 6", [4, 10, 10], ["QLinearConv"], Depthwise()),
        ("residual Add", [4, 24], ["QLinearConv", "QLinearAdd"], Residual()),
        ("squeeze and excite: Sigmoid, Mul", [4, 8, 8], ["QLinearMul", "QLinearSigmoid"], Excite()),
        ("Concat of branches, average pooling", [3, 8, 8], ["QLinearConcat", "QLinearAveragePool"], Branches()),
        ("dense layers turned and scaled, Tanh", [10], ["QGemm", "Tanh"], Dense()),
        ("MatMul and bias of rank 3, Softmax, LayerNormalization", [6, 8],
            ["MatMulIntegerToFloat", "Softmax", "SkipLayerNormalization"], Attention()),
        ("Transpose, Squeeze, Unsqueeze, Reshape", [16, 4], ["QLinearConv", "QGemm"], Layouts()),
    ];

    private static byte[] Conv1D()
    {
        var m = new QuantizerModels("conv1d");
        m._graph.Input("x", [-1, 2, 32]);
        m.Conv("c1", "x", 8, 2, [5], ("pads", new long[] { 2, 2 }), ("strides", new long[] { 2 }));
        m._graph.Node("Relu", "r1", ["c1"]);
        m._graph.Node("MaxPool", "p1", ["r1"], ("kernel_shape", new long[] { 2 }), ("strides", new long[] { 2 }));
        m.Conv("c2", "p1", 8, 8, [3], ("pads", new long[] { 1, 1 }));
        m._graph.Node("Relu", "r2", ["c2"]);
        m._graph.Node("Flatten", "f", ["r2"]);
        m.Gemm("y", "f", 64, 3);
        return m._graph.Output("y", [-1, 3]).ToArray();
    }

    private static byte[] Conv2D()
    {
        var m = new QuantizerModels("conv2d");
        m._graph.Input("x", [-1, 3, 12, 12]);
        m.Conv("c1", "x", 8, 3, [3, 3], ("pads", new long[] { 1, 1, 1, 1 }));
        m.Norm("n1", "c1", 8);
        m._graph.Node("Relu", "r1", ["n1"]);
        m.Conv("c2", "r1", 8, 8, [3, 3], ("strides", new long[] { 2, 2 }));
        m._graph.Node("Relu", "r2", ["c2"]);
        m._graph.Node("GlobalAveragePool", "g", ["r2"]);
        m._graph.Node("Flatten", "f", ["g"]);
        m.Gemm("y", "f", 8, 4);
        return m._graph.Output("y", [-1, 4]).ToArray();
    }

    private static byte[] Depthwise()
    {
        var m = new QuantizerModels("depthwise");
        m._graph.Input("x", [-1, 4, 10, 10]);
        m.Conv("c1", "x", 4, 1, [3, 3], ("group", 4L), ("pads", new long[] { 1, 1, 1, 1 }));
        m._graph.Constant("zero", [0]);
        m._graph.Constant("six", [6]);
        m._graph.Node("Clip", "k", ["c1", "zero", "six"]);
        m.Conv("y", "k", 6, 4, [1, 1]);
        return m._graph.Output("y", [-1, 6, 10, 10]).ToArray();
    }

    private static byte[] Residual()
    {
        var m = new QuantizerModels("residual");
        m._graph.Input("x", [-1, 4, 24]);
        m.Conv("c1", "x", 6, 4, [3], ("pads", new long[] { 1, 1 }));
        m.Conv("c2", "c1", 6, 6, [3], ("pads", new long[] { 1, 1 }));
        m._graph.Node("Add", "a", ["c1", "c2"]);
        m._graph.Node("Relu", "r", ["a"]);
        m.Conv("y", "r", 2, 6, [1]);
        return m._graph.Output("y", [-1, 2, 24]).ToArray();
    }

    private static byte[] Excite()
    {
        var m = new QuantizerModels("excite");
        m._graph.Input("x", [-1, 4, 8, 8]);
        m.Conv("c1", "x", 6, 4, [3, 3], ("pads", new long[] { 1, 1, 1, 1 }));
        m._graph.Node("GlobalAveragePool", "g", ["c1"]);
        m.Conv("e", "g", 6, 6, [1, 1]);
        m._graph.Node("Sigmoid", "s", ["e"]);
        m._graph.Node("Mul", "w", ["c1", "s"]);
        m.Conv("y", "w", 3, 6, [1, 1]);
        return m._graph.Output("y", [-1, 3, 8, 8]).ToArray();
    }

    private static byte[] Branches()
    {
        var m = new QuantizerModels("branches");
        m._graph.Input("x", [-1, 3, 8, 8]);
        m.Conv("a", "x", 4, 3, [1, 1]);
        m.Conv("b", "x", 4, 3, [3, 3], ("pads", new long[] { 1, 1, 1, 1 }));
        m._graph.Node("Relu", "br", ["b"]);
        m._graph.Node("Concat", "j", ["a", "br"], ("axis", 1L));
        m._graph.Node(
            "AveragePool", "p", ["j"], ("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 }));
        m.Conv("y", "p", 3, 8, [1, 1]);
        return m._graph.Output("y", [-1, 3, 4, 4]).ToArray();
    }

    private static byte[] Dense()
    {
        var m = new QuantizerModels("dense");
        m._graph.Input("x", [-1, 10]);
        m._graph.Constant("w1", m.Weights(16 * 10, 10), 16, 10);
        m._graph.Constant("b1", m.Weights(16, 4), 16);
        m._graph.Node("Gemm", "g1", ["x", "w1", "b1"], ("transB", 1L), ("alpha", 0.5f), ("beta", 2f));
        m._graph.Node("Tanh", "t", ["g1"]);
        m._graph.Constant("w2", m.Weights(16 * 12, 16), 16, 12);
        m._graph.Constant("b2", m.Weights(12, 4), 12);
        m._graph.Node("MatMul", "m", ["t", "w2"]);
        m._graph.Node("Add", "s", ["m", "b2"]);
        m._graph.Node("Relu", "r", ["s"]);
        m.Gemm("y", "r", 12, 3);
        return m._graph.Output("y", [-1, 3]).ToArray();
    }

    private static byte[] Attention()
    {
        var m = new QuantizerModels("attention", opset: 17);
        m._graph.Input("x", [-1, 6, 8]);
        m.Product("q", "x", 8, 8);
        m.Product("k", "x", 8, 8);
        m.Product("v", "x", 8, 8);
        m._graph.Node("Transpose", "kt", ["k"], ("perm", new long[] { 0, 2, 1 }));
        m._graph.Node("MatMul", "scores", ["q", "kt"]);
        m._graph.Node("Softmax", "p", ["scores"], ("axis", -1L));
        m._graph.Node("MatMul", "o", ["p", "v"]);
        m._graph.Node("Add", "sum", ["x", "o"]);
        m._graph.Constant("gain", [.. Enumerable.Repeat(1f, 8)], 8);
        m._graph.Constant("shift", new float[8], 8);
        m._graph.Node("LayerNormalization", "n", ["sum", "gain", "shift"], ("axis", -1L));
        m.Product("y", "n", 8, 4);
        return m._graph.Output("y", [-1, 6, 4]).ToArray();
    }

    private static byte[] Layouts()
    {
        var m = new QuantizerModels("layouts");
        m._graph.Input("x", [-1, 16, 4]);
        m._graph.Node("Transpose", "t", ["x"], ("perm", new long[] { 0, 2, 1 }));
        m.Conv("c", "t", 4, 4, [3], ("pads", new long[] { 1, 1 }));
        m._graph.Integers("last", 3);
        m._graph.Node("Unsqueeze", "u", ["c", "last"]);
        m.Conv("d", "u", 4, 4, [3, 1], ("pads", new long[] { 1, 0, 1, 0 }));
        m._graph.Node("Squeeze", "s", ["d", "last"]);
        m._graph.Integers("shape", 0, -1);
        m._graph.Node("Reshape", "f", ["s", "shape"]);
        m.Gemm("y", "f", 64, 3);
        return m._graph.Output("y", [-1, 3]).ToArray();
    }

    private void Conv(
        string output, string input, int channels, int from, long[] kernel, params (string, object)[] attributes)
    {
        var inner = from * (int)kernel.Aggregate(1L, (a, b) => a * b);
        _graph.Constant($"{output}.w", Weights(channels * inner, inner), [channels, from, .. kernel]);
        _graph.Constant($"{output}.b", Weights(channels, 4), channels);
        _graph.Node("Conv", output, [input, $"{output}.w", $"{output}.b"], attributes);
    }

    private void Gemm(string output, string input, int from, int to)
    {
        _graph.Constant($"{output}.w", Weights(from * to, from), from, to);
        _graph.Constant($"{output}.b", Weights(to, 4), to);
        _graph.Node("Gemm", output, [input, $"{output}.w", $"{output}.b"]);
    }

    private void Product(string output, string input, int from, int to)
    {
        _graph.Constant($"{output}.w", Weights(from * to, from), from, to);
        _graph.Constant($"{output}.b", Weights(to, 4), to);
        _graph.Node("MatMul", $"{output}.m", [input, $"{output}.w"]);
        _graph.Node("Add", output, [$"{output}.m", $"{output}.b"]);
    }

    private void Norm(string output, string input, int channels)
    {
        _graph.Constant($"{output}.g", [.. Weights(channels, 1).Select(value => 1 + value)], channels);
        _graph.Constant($"{output}.h", Weights(channels, 2), channels);
        _graph.Constant($"{output}.m", Weights(channels, 2), channels);
        _graph.Constant($"{output}.v", [.. Weights(channels, 1).Select(value => 0.5f + Math.Abs(value))], channels);
        _graph.Node(
            "BatchNormalization", output,
            [input, $"{output}.g", $"{output}.h", $"{output}.m", $"{output}.v"]);
    }

    private float[] Weights(int count, int inner) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)((_random.NextDouble() - 0.5) * 2 / Math.Sqrt(inner)))];
}
