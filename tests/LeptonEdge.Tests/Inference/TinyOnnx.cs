using System.Text;

namespace LeptonEdge.Tests.Inference;

/// <summary>Writes small ONNX models by hand, field by field, so that tests need no other tool and know each
/// weight.</summary>
/// <remarks>Field numbers: onnx.proto, IR version 8, operator set 13.</remarks>
public static class TinyOnnx
{
    private const long Float32 = 1;

    /// <summary>output = input × weights + bias, with ReLU if asked; weights (N, K), row-major.</summary>
    /// <param name="weights">Weights, N rows of K.</param>
    /// <param name="bias">Bias, K.</param>
    /// <param name="relu">Clip the output below 0.</param>
    /// <param name="batch">First dimension of input and output; null leaves it free, named "batch".</param>
    /// <param name="externalWeights">Say that the weights are in another file, as exporters do for large
    /// models.</param>
    /// <param name="location">That other file.</param>
    public static byte[] Gemm(
        float[,] weights, float[] bias, bool relu = true, long? batch = 1, bool externalWeights = false,
        string location = "../weights.bin")
    {
        var (n, k) = (weights.GetLength(0), weights.GetLength(1));
        var last = relu ? "sum" : "output";
        var graph = new Message()
            .Add(1, Node("Gemm", ["input", "w", "b"], last));
        if (relu)
            graph.Add(1, Node("Relu", [last], "output"));
        graph.Add(2, "tiny")
            .Add(5, Tensor("w", [n, k], weights.Cast<float>().ToArray(), externalWeights, location))
            .Add(5, Tensor("b", [k], bias, external: false))
            .Add(10, "a tiny graph")
            .Add(11, Value("input", batch, n))
            .Add(12, Value("output", batch, k));
        return Model(graph);
    }

    /// <summary>A model of <paramref name="layers"/> square layers with ReLU between, weights from a fixed
    /// seed.</summary>
    public static byte[] Mlp(int width, int layers, int classes, long? batch = 1)
    {
        var random = new Random(1);
        var graph = new Message();
        var weights = new Message();
        var from = "input";
        for (var layer = 0; layer < layers; layer++)
        {
            var outputs = layer == layers - 1 ? classes : width;
            var values = Enumerable.Range(0, width * outputs)
                .Select(_ => (float)((random.NextDouble() - 0.5) * 2 / Math.Sqrt(width))).ToArray();
            var to = layer == layers - 1 ? "output" : $"s{layer}";
            graph.Add(1, Node("Gemm", [from, $"w{layer}", $"b{layer}"], to));
            weights.Add(5, Tensor($"w{layer}", [width, outputs], values, external: false))
                .Add(5, Tensor($"b{layer}", [outputs], new float[outputs], external: false));
            from = to;
            if (layer == layers - 1)
                continue;
            graph.Add(1, Node("Relu", [from], $"r{layer}"));
            from = $"r{layer}";
        }
        graph.Add(2, "mlp").Append(weights)
            .Add(11, Value("input", batch, width)).Add(12, Value("output", batch, classes));
        return Model(graph);
    }

    private static byte[] Model(Message graph) => new Message()
        .Add(1, 8)
        .Add(2, "TinyOnnx")
        .Add(4, "org.leptonedge")
        .Add(5, 3)
        .Add(6, "made by hand")
        .Add(7, graph)
        .Add(8, new Message().Add(1, "").Add(2, 13))
        .Add(14, new Message().Add(1, "purpose").Add(2, "tests"))
        .ToArray();

    private static Message Node(string operation, string[] inputs, string output)
    {
        var node = new Message();
        foreach (var input in inputs)
            node.Add(1, input);
        return node.Add(2, output).Add(3, $"{operation}_{output}").Add(4, operation);
    }

    private static Message Tensor(string name, long[] dimensions, float[] values, bool external, string location = "")
    {
        var tensor = new Message();
        foreach (var dimension in dimensions)
            tensor.Add(1, dimension);
        tensor.Add(2, Float32).Add(8, name);
        if (external)
            return tensor.Add(13, new Message().Add(1, "location").Add(2, location)).Add(14, 1);
        var raw = new byte[values.Length * sizeof(float)];
        Buffer.BlockCopy(values, 0, raw, 0, raw.Length);
        return tensor.Add(9, raw);
    }

    private static Message Value(string name, long? batch, long width)
    {
        var first = batch is { } fixedBatch ? new Message().Add(1, fixedBatch) : new Message().Add(2, "batch");
        var shape = new Message().Add(1, first).Add(1, new Message().Add(1, width));
        return new Message().Add(1, name)
            .Add(2, new Message().Add(1, new Message().Add(1, Float32).Add(2, shape)));
    }

    /// <summary>A protocol buffer message in the making.</summary>
    private sealed class Message
    {
        private readonly MemoryStream _bytes = new();

        public Message Add(int field, long value)
        {
            Varint((ulong)field << 3);
            Varint((ulong)value);
            return this;
        }

        public Message Add(int field, byte[] value)
        {
            Varint(((ulong)field << 3) | 2);
            Varint((ulong)value.Length);
            _bytes.Write(value);
            return this;
        }

        public Message Add(int field, string value) => Add(field, Encoding.UTF8.GetBytes(value));

        public Message Add(int field, Message value) => Add(field, value.ToArray());

        public Message Append(Message fields)
        {
            _bytes.Write(fields.ToArray());
            return this;
        }

        public byte[] ToArray() => _bytes.ToArray();

        private void Varint(ulong value)
        {
            for (; value >= 0x80; value >>= 7)
                _bytes.WriteByte((byte)(value | 0x80));
            _bytes.WriteByte((byte)value);
        }
    }
}
