using Google.Protobuf;
using LeptonEdge.Inference.Graphs;
using LeptonEdge.Inference.Graphs.Onnx;
using LeptonEdge.Inference.Quantizing;

namespace LeptonEdge.Benchmarks.Splitting;

/// <summary>The models that are split: the kinds of network that run beside sensors, in their usual sizes.</summary>
internal static class SplitModels
{
    /// <summary>Name and file of each model, made when asked for. Images come as bytes, as cameras give them: a hub
    /// that runs all is not made to wait for floats.</summary>
    public static IEnumerable<(string Name, Func<byte[]> Make)> All() =>
    [
        ("LeNet-like, 28 × 28", () => Pixels(ImageModels.LeNet())),
        ("AlexNet-like, 227 × 227", () => Pixels(ImageModels.AlexNet())),
        ("VGG-like, 112 × 112", () => Pixels(ImageModels.Vgg())),
        ("ResNet-18-like, 224 × 224", () => Pixels(ImageModels.ResNet())),
        ("MobileNet-like, 224 × 224", () => Pixels(ImageModels.MobileNet())),
        ("Inception-like, 224 × 224", () => Pixels(ImageModels.Inception())),
        ("detector, 4 scales, 192 × 192", () => Pixels(ImageModels.Detector())),
        ("MLP, 2,048 values", Mlp),
        ("transformer, 128 × 64", Transformer),
        ("1-D CNN, 4,096 samples", Waves),
        ("ResNet with a bottleneck, 224 × 224", () => Pixels(ImageModels.Bottleneck())),
        ("camera and vibration, joined late", () => Pixels(TwoSensors())),
        ("LeNet-like, int8", () => Pixels(Quantized(ImageModels.LeNet()))),
        ("VGG-like, int8", () => Pixels(Quantized(ImageModels.Vgg()))),
        ("1-D CNN, int8", () => Quantized(Waves())),
        ("ResNet with a bottleneck, int8", () => Pixels(Quantized(ImageModels.Bottleneck()))),
    ];

    /// <summary>Two sensors, each with layers of its own that narrow it, judged together.</summary>
    private static byte[] TwoSensors()
    {
        var m = new ModelMaker("two-sensors", 12);
        var image = m.MaxPool(m.ConvRelu(m.Input(3, 160, 160), 3, 24, 7, 2), 3, 2, 1);
        image = m.ConvRelu(m.ConvRelu(image, 24, 8, 3, 2), 8, 128, 3);
        image = m.ConvRelu(m.ConvRelu(image, 128, 256, 3), 256, 256, 3, 2);
        var wave = m.Relu(m.Conv1D(m.Second("waves", 3, 8192), 3, 16, 15, 8));
        wave = m.Relu(m.Conv1D(m.Relu(m.Conv1D(wave, 16, 8, 7, 4)), 8, 128, 5, 1));
        wave = m.Relu(m.Conv1D(wave, 128, 256, 5, 1));
        var joined = m.Relu(m.Dense(m.Concat(m.Pooled(image), m.Pooled(wave)), 512, 512));
        return m.Output(m.Dense(joined, 512, 16), 16);
    }

    private static byte[] Mlp()
    {
        var m = new ModelMaker("mlp", 8);
        var (at, from) = (m.Input(2048), 2048);
        foreach (var to in new[] { 2048, 1024, 512, 128 })
            (at, from) = (m.Relu(m.Dense(at, from, to)), to);
        return m.Output(m.Dense(at, from, 16), 16);
    }

    private static byte[] Transformer()
    {
        const int Tokens = 128, Width = 192, Heads = 4, Part = Width / Heads;
        var m = new ModelMaker("transformer", 9);
        var at = m.Project(m.Input(Tokens, 64), 64, Width);
        for (var layer = 0; layer < 4; layer++)
        {
            var norm = m.LayerNorm(at, Width);
            string Split(string tensor, params long[] order) =>
                m.Transpose(m.Reshape(tensor, 1, Tokens, Heads, Part), order);
            var scores = m.Op(
                "MatMul", Split(m.Project(norm, Width, Width), 0, 2, 1, 3),
                Split(m.Project(norm, Width, Width), 0, 2, 3, 1));
            var mixed = m.Op(
                "MatMul", m.Op("Softmax", scores, ("axis", -1L)),
                Split(m.Project(norm, Width, Width), 0, 2, 1, 3));
            var joined = m.Reshape(m.Transpose(mixed, 0, 2, 1, 3), 1, Tokens, Width);
            at = m.Op("Add", at, m.Project(joined, Width, Width));
            var inner = m.Relu(m.Project(m.LayerNorm(at, Width), Width, 4 * Width));
            at = m.Op("Add", at, m.Project(inner, 4 * Width, Width));
        }

        var pooled = m.Op("ReduceMean", m.LayerNorm(at, Width), ("axes", new long[] { 1 }), ("keepdims", 0L));
        return m.Output(m.Dense(pooled, Width, 10), 10);
    }

    private static byte[] Waves()
    {
        var m = new ModelMaker("waves", 10);
        var (at, from) = (m.Input(1, 4096), 1);
        foreach (var (to, kernel) in new[] { (32, 9), (64, 7), (128, 5), (128, 5), (256, 3) })
            (at, from) = (m.Relu(m.Conv1D(at, from, to, kernel, 2)), to);
        return m.Output(m.Dense(m.Pooled(at), 256, 8), 8);
    }

    /// <summary>Our own int8 of a model, calibrated on noise.</summary>
    private static byte[] Quantized(byte[] file)
    {
        var width = (int)Quantizer.InputOf(file, ".").Type.Dims!.Skip(1).Aggregate(1L, (a, dim) => a * dim.Value);
        var random = new Random(1);
        var windows = new WindowSet(
            [.. Enumerable.Range(0, 2 * width).Select(_ => (float)((random.NextDouble() * 2) - 1))], width);
        return Quantizer.Quantize(
            file, ".", windows, windows,
            new QuantizerOptions { Measure = AccuracyMeasure.Values, AcceptLoss = true }).Model;
    }

    /// <summary>Lets a model of images take them as bytes.</summary>
    private static byte[] Pixels(byte[] file)
    {
        var model = ModelProto.Parser.ParseFrom(file);
        var (graph, dims) = (model.Graph, GraphReader.Read(file).Graph.Inputs[0].Type.Dims!);
        var front = new GraphBuilder("front");
        front.Input("image", [.. dims.Select(dim => dim.Value)], ElementType.UInt8);
        front.Constant("image.scale", [1 / 128f]);
        front.Node("Cast", "image.float", ["image"], ("to", 1L));
        front.Node("Mul", "x", ["image.float", "image.scale"]);
        var made = ModelProto.Parser.ParseFrom(front.Output("x", [.. dims.Select(dim => dim.Value)]).ToArray()).Graph;
        graph.Node.Insert(0, made.Node[1]);
        graph.Node.Insert(0, made.Node[0]);
        graph.Initializer.Add(made.Initializer);
        graph.Input[0] = made.Input[0];
        return model.ToByteArray();
    }
}
