using LeptonEdge.Inference.Graphs;
using LeptonEdge.Inference.Quantizing;

namespace LeptonEdge.Benchmarks.Inferring;

/// <summary>A 1-D CNN of about 50 million multiply-accumulates with seeded weights, and our quantizer's int8 of
/// it.</summary>
internal sealed class MadeCnn
{
    public const int Width = 4096;
    public const int Classes = 10;

    private const int CalibrationWindows = 48;

    /// <summary>Channels in and out, kernel, stride; each with ReLU.</summary>
    private static readonly (int From, int To, int Kernel, int Stride)[] Layers =
    [
        (1, 32, 16, 4), (32, 64, 7, 2), (64, 64, 5, 1), (64, 128, 5, 2), (128, 128, 5, 1),
    ];

    private readonly Random _random = new(11);

    private MadeCnn()
    {
        var graph = new GraphBuilder("cnn");
        graph.Input("input", [1, Width]);
        graph.Integers("shape", 1, 1, Width);
        var tensor = graph.Node("Reshape", "signal", ["input", "shape"]);
        var length = Width;
        for (var i = 0; i < Layers.Length; i++)
        {
            var (from, to, kernel, stride) = Layers[i];
            length /= stride;
            MultiplyAccumulates += (long)length * from * to * kernel;
            graph.Constant($"w{i}", Weights(to * from * kernel, from * kernel), to, from, kernel);
            graph.Constant($"b{i}", Weights(to, from * kernel), to);
            var padding = kernel - stride;
            graph.Node(
                "Conv", $"c{i}", [tensor, $"w{i}", $"b{i}"], ("strides", new long[] { stride }),
                ("pads", new long[] { padding / 2, padding - (padding / 2) }));
            tensor = graph.Node("Relu", $"r{i}", [$"c{i}"]);
        }

        var channels = Layers[^1].To;
        graph.Node("GlobalAveragePool", "pool", [tensor]);
        graph.Node("Flatten", "flat", ["pool"]);
        graph.Constant("w", Weights(channels * Classes, channels), channels, Classes);
        graph.Constant("b", Weights(Classes, channels), Classes);
        graph.Node("Gemm", "output", ["flat", "w", "b"]);
        MultiplyAccumulates += channels * Classes;
        Fp32 = graph.Output("output", [1, Classes]).ToArray();
        var windows = Windows();
        Quantized = Quantizer.Quantize(Fp32, ".", windows, windows, new QuantizerOptions { SearchWindowsMax = 16 });
    }

    public static MadeCnn Make() => new();

    public long MultiplyAccumulates { get; }

    public byte[] Fp32 { get; }

    public QuantizedModel Quantized { get; }

    /// <summary>Tones of seeded pitch in noise.</summary>
    private WindowSet Windows()
    {
        var values = new float[CalibrationWindows * Width];
        for (var window = 0; window < CalibrationWindows; window++)
        {
            var (pitch, loudness) = (_random.NextDouble() * 0.8, _random.NextDouble());
            for (var i = 0; i < Width; i++)
                values[(window * Width) + i] = (float)((loudness * Math.Sin(pitch * i)) + _random.NextDouble() - 0.5);
        }

        return new WindowSet(values, Width);
    }

    /// <summary>As He and others, ICCV 2015: layers of ReLU neither swell nor fade.</summary>
    private float[] Weights(int count, int inner)
    {
        var weights = new float[count];
        foreach (ref var weight in weights.AsSpan())
            weight = (float)((_random.NextDouble() - 0.5) * Math.Sqrt(24.0 / inner));
        return weights;
    }
}
