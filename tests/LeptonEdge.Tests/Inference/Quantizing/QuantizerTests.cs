using LeptonEdge.Inference.Graphs;
using LeptonEdge.Inference.Quantizing;
using LeptonEdge.Tests.Polyfills.GrpcPeers;
using LeptonEdge.Tests.Support;
using Microsoft.ML.OnnxRuntime;

namespace LeptonEdge.Tests.Inference.Quantizing;

public sealed class QuantizerTests : IDisposable
{
    // An 8-bit picture of a whole signal leaves about 1e-4 of its power as noise; a handful of layers, some times that.
    private const double NoiseMax = 0.004;

    private readonly TempFolder _folder = new();

    public static TheoryData<string> Names => [.. QuantizerModels.All().Select(model => model.Name)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_covered_operator_runs_in_its_integer_kernel_and_keeps_close_to_fp32(string name)
    {
        var (_, shape, kernels, file) = QuantizerModels.All().Single(model => model.Name == name);
        var windows = Windows(shape, 96, seed: 1);
        var made = Quantizer.Quantize(
            file, ".", windows, Windows(shape, 64, seed: 2), new QuantizerOptions { Measure = AccuracyMeasure.Values });
        Assert.True(made.Report.Noise < NoiseMax, $"noise {made.Report.Noise:g3}");
        Assert.True(made.KeepsAccuracy);
        Assert.Null(ModelCheck.FindFault(made.Model));
        var ran = Optimised(made.Model);
        foreach (var kernel in kernels)
            Assert.True(ran.Contains(kernel), $"no {kernel} in: {string.Join(' ', ran)}");
        Assert.DoesNotContain("Conv", ran);
        Assert.DoesNotContain("Gemm", ran);
        Assert.DoesNotContain("BatchNormalization", ran);
    }

    [Fact]
    public void The_same_input_gives_the_same_file()
    {
        var (_, shape, _, file) = QuantizerModels.All().First();
        var windows = Windows(shape, 64, seed: 1);
        var options = new QuantizerOptions { Measure = AccuracyMeasure.Values };
        Assert.Equal(
            Quantizer.Quantize(file, ".", windows, windows, options).Model,
            Quantizer.Quantize(file, ".", windows, windows, options).Model);
    }

    [Fact]
    public void Plain_form_computes_what_the_model_computed()
    {
        foreach (var (name, shape, _, file) in QuantizerModels.All())
        {
            var windows = Windows(shape, 8, seed: 4);
            var made = Quantizer.Quantize(
                file, ".", windows, windows, new QuantizerOptions { Measure = AccuracyMeasure.Values });
            var (original, int8) = (Run(file, windows, shape), Run(made.Model, windows, shape));

            // Against the original file, not against the quantizer's own plain form.
            var (error, power) = (0d, 0d);
            for (var i = 0; i < original.Length; i++)
            {
                error += Math.Pow(original[i] - int8[i], 2);
                power += Math.Pow(original[i], 2);
            }

            Assert.True(error < NoiseMax * power, $"{name}: {error / power:g3}");
        }
    }

    [Fact]
    public void A_layer_that_int8_would_ruin_stays_in_float()
    {
        // Two inputs a thousand times apart share one scale: the small one, which decides, would vanish.
        var graph = new GraphBuilder("apart");
        graph.Input("x", [-1, 2]);
        graph.Constant("w1", [0.001f, 0, 0, 4], 2, 2);
        graph.Constant("b1", [0, 0], 2);
        graph.Node("Gemm", "g1", ["x", "w1", "b1"]);
        graph.Constant("w2", [1, -1, 1, -1], 2, 2);
        graph.Constant("b2", [0, 0], 2);
        graph.Node("Gemm", "y", ["g1", "w2", "b2"]);
        var file = graph.Output("y", [-1, 2]).ToArray();
        var random = new Random(5);
        var values = new float[2 * 400];
        for (var i = 0; i < values.Length; i += 2)
        {
            values[i] = (float)((random.NextDouble() - 0.5) * 1000);
            values[i + 1] = (float)((random.NextDouble() - 0.5) * 0.5);
        }

        var windows = new WindowSet(values, 2);
        var all = Quantizer.Quantize(
            file, ".", windows, windows,
            new QuantizerOptions { Measure = AccuracyMeasure.Classes, ShareWanted = 0.01 });
        var kept = Quantizer.Quantize(
            file, ".", windows, windows, new QuantizerOptions { Measure = AccuracyMeasure.Classes });
        Assert.False(all.KeepsAccuracy);
        Assert.All(all.Report.Layers, layer => Assert.Equal("int8", layer.Runs));
        Assert.Contains(kept.Report.Layers, layer => layer is { Layer: "g1", Runs: "float" });
        Assert.True(kept.Report.Share > all.Report.Share);
        Assert.True(kept.KeepsAccuracy, $"share {kept.Report.Share}");
    }

    [Fact]
    public void What_the_quantizer_does_not_know_of_a_model_survives_it()
    {
        var (_, shape, _, file) = QuantizerModels.All().First();
        var windows = Windows(shape, 32, seed: 1);

        // metadata_props (14), and a field (99) that no specification has yet.
        byte[] metadata = [0x72, 0x06, 0x0a, 0x01, (byte)'k', 0x12, 0x01, (byte)'v'];
        byte[] later = [0x9a, 0x06, 0x05, .. "later"u8];
        var made = Quantizer.Quantize(
            [.. file, .. metadata, .. later], ".", windows, windows,
            new QuantizerOptions { Measure = AccuracyMeasure.Values }).Model;
        Assert.True(made.AsSpan().IndexOf(metadata) > 0);
        Assert.True(made.AsSpan().IndexOf(later) > 0);
    }

    [PythonPeerFact("onnx", "python3-onnx")]
    public async Task Python_onnx_accepts_every_model_that_is_written()
    {
        const string Script = """
            import onnx, sys
            for path in sys.argv[1:]:
                onnx.checker.check_model(onnx.load(path), full_check=True)
            print("accepted", len(sys.argv) - 1)
            """;
        var files = new List<string>();
        foreach (var (_, shape, _, file) in QuantizerModels.All())
        {
            var windows = Windows(shape, 16, seed: 1);
            var made = Quantizer.Quantize(
                file, ".", windows, windows, new QuantizerOptions { Measure = AccuracyMeasure.Values });
            foreach (var bytes in new[] { file, made.Model })
            {
                files.Add(_folder.File($"{files.Count}.onnx"));
                await File.WriteAllBytesAsync(files[^1], bytes);
            }
        }

        await using var checker = PeerProcess.Start(PeerProcess.Python, Save(Script), [.. files]);
        Assert.Equal($"accepted {files.Count}", await checker.ReadLineAsync());
    }

    private string Save(string script)
    {
        File.WriteAllText(_folder.File("check.py"), script);
        return _folder.File("check.py");
    }

    private static WindowSet Windows(long[] shape, int count, int seed)
    {
        var random = new Random(seed);
        var width = (int)shape.Aggregate(1L, (a, b) => a * b);
        return new WindowSet(
            [.. Enumerable.Range(0, count * width).Select(_ => (float)((random.NextDouble() * 4) - 2))], width);
    }

    private static float[] Run(byte[] model, WindowSet windows, long[] shape)
    {
        using var session = new InferenceSession(model);
        using var options = new RunOptions();
        using var input = OrtValue.CreateTensorValueFromMemory(windows.Values, [windows.Count, .. shape]);
        using var outputs = session.Run(options, ["x"], [input], ["y"]);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }

    private string[] Optimised(byte[] model)
    {
        var path = _folder.File("optimised.onnx");
        using (var options = new SessionOptions { IntraOpNumThreads = 1, OptimizedModelFilePath = path })
        using (new InferenceSession(model, options))
        {
        }

        return [.. ModelGraph.Read(File.ReadAllBytes(path)).Order.Select(node => node.Operator).Distinct()];
    }
}
