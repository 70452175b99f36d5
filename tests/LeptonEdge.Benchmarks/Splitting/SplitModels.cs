using Google.Protobuf;
using LeptonEdge.Inference.Graphs;
using LeptonEdge.Inference.Graphs.Onnx;
using LeptonEdge.Inference.Quantizing;

namespace LeptonEdge.Benchmarks.Splitting;

/// <summary>The models that are split: the kinds of network that run beside sensors, in their usual sizes.</summary>
internal static class SplitModels
{
    /// <summary>Name and file of each model, made when asked for. Images come as bytes, as cameras give them: a hub that
    /// runs all is not made to wait for floats.</summary>
    public static IEnumerable<(string Name, Func<byte[]> Make)> All() =>
    [
        ("LeNet-like, 28 × 28", () => Pixels(LeNet())),
        ("AlexNet-like, 227 × 227", () => Pixels(AlexNet())),
        ("VGG-like, 112 × 112", () => Pixels(Vgg())),
        ("ResNet-18-like, 224 × 224", () => Pixels(ResNet())),
        ("MobileNet-like, 224 × 224", () => Pixels(MobileNet())),
        ("Inception-like, 224 × 224", () => Pixels(Inception())),
        ("detector, 4 scales, 192 × 192", () => Pixels(Detector())),
        ("MLP, 2,048 values", Mlp),
        ("transformer, 128 × 64", Transformer),
        ("1-D CNN, 4,096 samples", Waves),
        ("ResNet with a bottleneck, 224 × 224", () => Pixels(Bottleneck())),
        ("camera and vibration, joined late", () => Pixels(TwoSensors())),
        ("LeNet-like, int8", () => Pixels(Quantized(LeNet()))),
        ("VGG-like, int8", () => Pixels(Quantized(Vgg()))),
        ("1-D CNN, int8", () => Quantized(Waves())),
        ("ResNet with a bottleneck, int8", () => Pixels(Quantized(Bottleneck()))),
    ];

    private static byte[] LeNet()
    {
        var m = new ModelMaker("lenet", 1);
        var at = m.MaxPool(m.ConvRelu(m.Input(1, 28, 28), 1, 6, 5));
        at = m.MaxPool(m.ConvRelu(at, 6, 16, 5, pad: 0));
        at = m.Relu(m.Dense(m.Op("Flatten", at), 400, 120));
        return m.Output(m.Dense(m.Relu(m.Dense(at, 120, 84)), 84, 10), 10);
    }

    private static byte[] AlexNet()
    {
        var m = new ModelMaker("alexnet", 2);
        var at = m.MaxPool(m.ConvRelu(m.Input(3, 227, 227), 3, 96, 11, 4, 0), 3, 2);
        at = m.MaxPool(m.ConvRelu(at, 96, 256, 5, groups: 2), 3, 2);
        at = m.ConvRelu(m.ConvRelu(at, 256, 384, 3), 384, 384, 3, groups: 2);
        at = m.MaxPool(m.ConvRelu(at, 384, 256, 3, groups: 2), 3, 2);
        at = m.Relu(m.Dense(m.Op("Flatten", at), 9216, 2048));
        return m.Output(m.Dense(m.Relu(m.Dense(at, 2048, 2048)), 2048, 1000), 1000);
    }

    private static byte[] Vgg()
    {
        var m = new ModelMaker("vgg", 3);
        var (at, from) = (m.Input(3, 112, 112), 3);
        foreach (var (to, layers) in new[] { (32, 1), (64, 1), (128, 2), (256, 2), (256, 2) })
        {
            for (var layer = 0; layer < layers; layer++)
                (at, from) = (m.ConvRelu(at, from, to, 3), to);
            at = m.MaxPool(at);
        }

        at = m.Relu(m.Dense(m.Op("Flatten", at), 256 * 9, 512));
        return m.Output(m.Dense(at, 512, 100), 100);
    }

    private static byte[] ResNet()
    {
        var m = new ModelMaker("resnet", 4);
        return m.Output(Blocks(m, m.MaxPool(m.ConvRelu(m.Input(3, 224, 224), 3, 64, 7, 2), 3, 2, 1)), 1000);
    }

    /// <summary>Made to be split: twelve channels of 28 × 28 are all that the layers behind the first see.</summary>
    /// <remarks>After Matsubara and others, "Split Computing" (ACM Computing Surveys 55, 2022).</remarks>
    private static byte[] Bottleneck()
    {
        var m = new ModelMaker("bottleneck", 11);
        var at = m.MaxPool(m.ConvRelu(m.Input(3, 224, 224), 3, 32, 7, 2), 3, 2, 1);
        at = m.ConvRelu(at, 32, 12, 3, 2);
        return m.Output(Blocks(m, m.ConvRelu(at, 12, 64, 3)), 1000);
    }

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

    private static string Blocks(ModelMaker m, string at)
    {
        var from = 64;
        foreach (var to in new[] { 64, 128, 256, 512 })
        {
            for (var block = 0; block < 2; block++)
            {
                var stride = block == 0 && to > 64 ? 2 : 1;
                var inner = m.Conv(m.ConvRelu(at, from, to, 3, stride), to, to, 3);
                var skip = from == to ? at : m.Conv(at, from, to, 1, stride);
                (at, from) = (m.Relu(m.Op("Add", inner, skip)), to);
            }
        }

        return m.Dense(m.Pooled(at), 512, 1000);
    }

    private static byte[] MobileNet()
    {
        var m = new ModelMaker("mobilenet", 5);
        var (at, from) = (m.ConvRelu(m.Input(3, 224, 224), 3, 32, 3, 2), 32);
        (int To, int Stride)[] blocks =
        [
            (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1), (512, 1), (512, 1), (512, 1), (512, 1),
            (1024, 2), (1024, 1),
        ];
        foreach (var (to, stride) in blocks)
            (at, from) = (m.ConvRelu(m.ConvRelu(at, from, from, 3, stride, groups: from), from, to, 1), to);
        return m.Output(m.Dense(m.Pooled(at), 1024, 1000), 1000);
    }

    private static byte[] Inception()
    {
        var m = new ModelMaker("inception", 6);
        var at = m.MaxPool(m.ConvRelu(m.Input(3, 224, 224), 3, 64, 7, 2), 3, 2, 1);
        at = m.MaxPool(m.ConvRelu(m.ConvRelu(at, 64, 64, 1), 64, 192, 3), 3, 2, 1);
        var from = 192;
        int[][] modules =
        [
            [64, 96, 128, 16, 32, 32], [128, 128, 192, 32, 96, 64], [], [192, 96, 208, 16, 48, 64],
            [160, 112, 224, 24, 64, 64], [128, 128, 256, 24, 64, 64], [256, 160, 320, 32, 128, 128], [],
            [256, 160, 320, 32, 128, 128], [384, 192, 384, 48, 128, 128],
        ];
        foreach (var w in modules)
        {
            if (w.Length == 0)
            {
                at = m.MaxPool(at, 3, 2, 1);
                continue;
            }

            at = m.Concat(
                m.ConvRelu(at, from, w[0], 1), m.ConvRelu(m.ConvRelu(at, from, w[1], 1), w[1], w[2], 3),
                m.ConvRelu(m.ConvRelu(at, from, w[3], 1), w[3], w[4], 5),
                m.ConvRelu(m.MaxPool(at, 3, 1, 1), from, w[5], 1));
            from = w[0] + w[2] + w[4] + w[5];
        }

        return m.Output(m.Dense(m.Pooled(at), from, 1000), 1000);
    }

    /// <summary>Boxes and classes at four scales, each from a feature map of the same backbone.</summary>
    private static byte[] Detector()
    {
        var m = new ModelMaker("detector", 7);
        var (at, from, size) = (m.ConvRelu(m.Input(3, 192, 192), 3, 32, 3, 2), 32, 96);
        (at, from, size) = (m.ConvRelu(at, from, 64, 3, 2), 64, size / 2);
        var outputs = new List<(string, long[])>();
        foreach (var to in new[] { 128, 256, 256, 256 })
        {
            (at, from, size) = (m.ConvRelu(m.ConvRelu(at, from, to, 3, 2), to, to, 3), to, size / 2);
            foreach (var (values, last) in new[] { (3 * 4, 4), (3 * 21, 21) })
            {
                var head = m.Transpose(m.Conv(at, from, values, 3), 0, 2, 3, 1);
                outputs.Add((m.Reshape(head, 1, -1, last), [size * size * 3, last]));
            }
        }

        return m.Outputs([.. outputs]);
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
