using System.Runtime.InteropServices;
using Google.Protobuf;
using LeptonEdge.Inference.Graphs;
using LeptonEdge.Inference.Graphs.Onnx;
using LeptonEdge.Inference.Quantizing;
using LeptonEdge.Inference.Sessions;
using LeptonEdge.Inference.Splitting;
using LeptonEdge.Inference.Tensors;
using LeptonEdge.Tests.Inference.Quantizing;
using LeptonEdge.Tests.Polyfills.GrpcPeers;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Inference.Splitting;

public sealed class ModelSplitterTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_cut_of_every_kind_of_model_composes_to_the_same_outputs()
    {
        foreach (var (name, file) in Models())
        {
            var splitter = new ModelSplitter(file, null);
            Assert.NotEmpty(splitter.Cuts.SingleCuts);
            foreach (var cut in splitter.Cuts.SingleCuts)
            {
                var split = splitter.Split(cut);
                Assert.Null(ModelCheck.FindFault(split.Head));
                Assert.Null(ModelCheck.FindFault(split.Tail));
                using var prover = new SplitProver(file, split);
                prover.RunOnRandom(4, seed: 3, rows: 2);
                var where = $"{name} at {cut.Tensors[0]}";
                Assert.True(prover.Proof.Largest < 1e-4, $"{where}: differs by {prover.Proof.Largest}");
                Assert.True(prover.Proof.IsExact || Fuses(splitter, cut), $"{where}: {prover.Proof}");
            }
        }
    }

    [Fact]
    public void A_wrong_stage_is_noticed()
    {
        var splitter = new ModelSplitter(File("conv 1-D"), null);
        var split = splitter.Split(splitter.Cuts.Find(["p1"]));
        var tail = ModelProto.Parser.ParseFrom(split.Tail);
        var bias = tail.Graph.Initializer.Single(tensor => tensor.Name == "y.b");
        bias.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes<float>([0.5f, 0.25f, 0]));
        using var prover = new SplitProver(splitter.Whole, split with { Tail = tail.ToByteArray() });
        prover.RunOnRandom(4, seed: 3, rows: 1);
        Assert.Equal(4, prover.Proof.Differing);
        Assert.True(prover.Proof.Largest > 0.01);
    }

    [Fact]
    public void Each_constant_goes_where_it_is_read_and_the_operator_sets_stay()
    {
        var splitter = new ModelSplitter(File("conv 2-D"), null);
        var split = splitter.Split(splitter.Cuts.Find(["r1"]));
        var (head, tail) = (GraphReader.Read(split.Head), GraphReader.Read(split.Tail));
        Assert.Equal(["c1.w", "c1.b", "n1.g", "n1.h", "n1.m", "n1.v"], Names(head));
        Assert.Equal(["c2.w", "c2.b", "y.w", "y.b"], Names(tail));
        Assert.Equal(13, head.Opset);
        Assert.Equal(13, tail.Opset);
        Assert.Equal("[N, 8, 12, 12]", Assert.Single(tail.Graph.Inputs).Type.Shape);
        Assert.Equal("r1", Assert.Single(head.Graph.Outputs).Name);

        static IEnumerable<string> Names(ModelContent model) =>
            model.Graph.Initializers.Select(tensor => tensor.Name);
    }

    [Theory]
    [InlineData("r1")]
    [InlineData("r1/dq")]
    [InlineData("r1/q")]
    public void Within_a_quantized_pair_the_bytes_cross(string named)
    {
        var splitter = new ModelSplitter(Quantized(File("conv 1-D")), null);
        var split = splitter.Split(splitter.Cuts.Find([named]));
        Assert.Equal(["r1/q"], split.Cut.Tensors);
        Assert.Equal(ElementType.UInt8, Assert.Single(split.Crossing).Type.Element);
        var tail = GraphReader.Read(split.Tail).Graph;
        Assert.Equal("DequantizeLinear", tail.Nodes.First(node => node.Inputs.Contains("r1/q")).Operator);
        Assert.DoesNotContain(GraphReader.Read(split.Head).Graph.Nodes, node => node.Outputs.Contains("r1/dq"));
    }

    [Fact]
    public void A_skip_is_cut_at_both_tensors_and_refused_at_one()
    {
        var splitter = new ModelSplitter(File("residual"), null);
        var fault = Assert.Throws<SplitException>(() => splitter.Cuts.Find(["c2"]));
        Assert.Contains("a cut at 'c2' does not separate the model: what comes after also reads 'c1'", fault.Message);
        Assert.Contains("nearest cuts: 'c1', 'a', 'r'", fault.Message);
        var split = splitter.Split(splitter.Cuts.Find(["c2", "c1"]));
        Assert.Equal(["c2", "c1"], split.Crossing.Select(value => value.Name));
        Assert.Equal(["c2", "c1"], GraphReader.Read(split.Tail).Graph.Inputs.Select(value => value.Name));
    }

    [Fact]
    public void A_cut_before_a_skip_rounds_as_the_whole_does()
    {
        var splitter = new ModelSplitter(SplitterModels.Skip(), null);
        var cut = splitter.Cuts.Find(["a"]);
        using var plain = new SplitProver(splitter.Whole, splitter.Split(cut));
        plain.RunOnRandom(4, seed: 1, rows: 1);
        using var prover = SplitProver.Cut(splitter, cut, runs: 4);
        Assert.True(prover.Proof.IsExact, $"{prover.Proof}");

        // Only where the processor's kernels have a layout of their own is the average needed.
        var tail = GraphReader.Read(prover.Split.Tail).Graph;
        Assert.Equal(!plain.Proof.IsExact, tail.Nodes.Any(node => node.Operator == "AveragePool"));
        Assert.Null(ModelCheck.FindFault(prover.Split.Tail));
    }

    [Fact]
    public void A_quantized_skip_crosses_as_bytes_on_both_ways()
    {
        var splitter = new ModelSplitter(Quantized(File("residual")), null);
        var split = splitter.Split(splitter.Cuts.Find(["c2", "c1"]));
        Assert.Equal(["c2/q", "c1/q"], split.Crossing.Select(value => value.Name));
        Assert.All(split.Crossing, value => Assert.Equal(ElementType.UInt8, value.Type.Element));
        using var prover = new SplitProver(splitter.Whole, split);
        prover.RunOnRandom(4, seed: 3, rows: 2);
        Assert.True(prover.Proof.IsExact, $"{prover.Proof}");
    }

    [Fact]
    public void An_input_that_the_rest_reads_too_crosses_as_well()
    {
        var splitter = new ModelSplitter(File("MatMul and bias"), null);
        var split = splitter.Split(splitter.Cuts.Find(["o"]));
        Assert.Equal(["x"], split.Cut.Inputs);
        Assert.Equal(["o", "x"], split.Crossing.Select(value => value.Name));
        Assert.Equal(["o", "x"], GraphReader.Read(split.Tail).Graph.Inputs.Select(value => value.Name));
    }

    [Fact]
    public void An_output_that_the_cut_does_not_feed_is_made_before_it()
    {
        var splitter = new ModelSplitter(SplitterModels.Scales(), null);
        Assert.Equal(["a", "b", "c"], splitter.Cuts.SingleCuts.Select(cut => cut.Tensors[0]));
        var split = splitter.Split(splitter.Cuts.Find(["c"]));
        Assert.Equal(["y0", "y1"], split.Cut.HeadOutputs);
        Assert.Equal(["y2"], split.Cut.TailOutputs);
        Assert.Equal(["c", "y0", "y1"], GraphReader.Read(split.Head).Graph.Outputs.Select(value => value.Name).Order());
        using var prover = new SplitProver(splitter.Whole, split);
        prover.RunOnRandom(4, seed: 3, rows: 1);
        Assert.True(prover.Proof.IsExact, $"{prover.Proof}");
    }

    [Theory]
    [InlineData("x", "'x' is the model's own input: nothing would run before the cut; nearest cuts: 'c1', 'r1', 'p1'")]
    [InlineData("c1.w", "'c1.w' does not depend on the model's input: each stage has its own copy; nearest cuts: 'c1'")]
    [InlineData("y", "nothing is left to run after 'y'; nearest cuts: ")]
    [InlineData("z", "the model has no tensor 'z'; nearest cuts: ")]
    [InlineData("c1,c2", "what comes after the cut does not read 'c1'; nearest cuts: 'c1', 'r1'")]
    public void A_cut_that_is_none_is_refused_with_the_reason(string at, string reason)
    {
        var splitter = new ModelSplitter(File("conv 1-D"), null);
        var fault = Assert.Throws<SplitException>(() => splitter.Cuts.Find(at.Split(',')));
        Assert.StartsWith(reason, fault.Message);
    }

    [Fact]
    public void Weights_in_another_file_move_into_the_stages()
    {
        var graph = TinyOnnx.Gemm(
            new float[,] { { 1, 2 }, { 3, 4 }, { 5, 6 } }, [0.5f, -0.5f], relu: true, externalWeights: true,
            location: "w.bin");
        System.IO.File.WriteAllBytes(
            _folder.File("w.bin"), MemoryMarshal.AsBytes<float>([1, 2, 3, 4, 5, 6]).ToArray());
        var splitter = new ModelSplitter(graph, _folder.Path);
        var split = splitter.Split(splitter.Cuts.Find(["sum"]));
        using var head = TensorModel.Open(split.Head, new ModelSessionOptions());
        var input = new Tensor
        {
            Name = "input", Type = LeptonEdge.Inference.Tensors.TensorType.Float32, Shape = [1, 3],
            Data = MemoryMarshal.AsBytes<float>([1, 1, 1]).ToArray(),
        };
        var sum = MemoryMarshal.Cast<byte, float>(head.Run([input], ["sum"])[0].Data.Span);
        Assert.Equal([9.5f, 11.5f], sum.ToArray());
    }

    [PythonPeerFact("onnx", "python3-onnx")]
    public async Task Python_onnx_accepts_both_stages_of_every_cut()
    {
        const string Script = """
            import onnx, sys
            for path in sys.argv[1:]:
                onnx.checker.check_model(onnx.load(path), full_check=True)
            print("accepted", len(sys.argv) - 1)
            """;
        var files = new List<string>();
        foreach (var (_, file) in Models())
        {
            var splitter = new ModelSplitter(file, null);
            foreach (var split in splitter.Cuts.SingleCuts.Select(splitter.Split))
            {
                foreach (var bytes in new[] { split.Head, split.Tail })
                {
                    files.Add(_folder.File($"{files.Count}.onnx"));
                    await System.IO.File.WriteAllBytesAsync(files[^1], bytes);
                }
            }
        }

        await System.IO.File.WriteAllTextAsync(_folder.File("check.py"), Script);
        await using var checker = PeerProcess.Start(PeerProcess.Python, _folder.File("check.py"), [.. files]);
        Assert.Equal($"accepted {files.Count}", await checker.ReadLineAsync());
    }

    /// <summary>Whether the runtime computes what is left and right of the cut in one go, so that it may round
    /// otherwise when cut: then the difference is told, and nothing written.</summary>
    private static bool Fuses(ModelSplitter splitter, ModelCut cut) =>
        splitter.Graph.Producer(cut.Tensors[0])!.Operator is "Conv" or "MatMul" or "Add" or "BatchNormalization"
        && splitter.Graph.Consumers(cut.Tensors[0]).Any(node => node.Operator is "BatchNormalization" or "Add"
            or "LayerNormalization");

    private static IEnumerable<(string Name, byte[] File)> Models()
    {
        foreach (var (name, _, _, file) in QuantizerModels.All())
        {
            yield return (name, file);
            yield return ($"{name}, int8", Quantized(file));
        }
    }

    private static byte[] File(string name) => QuantizerModels.All().First(model => model.Name.StartsWith(
        name, StringComparison.Ordinal)).File;

    private static byte[] Quantized(byte[] file)
    {
        var random = new Random(1);
        var width = (int)Quantizer.InputOf(file, ".").Type.Dims!.Skip(1).Aggregate(1L, (a, dim) => a * dim.Value);
        var windows = new WindowSet(
            [.. Enumerable.Range(0, 16 * width).Select(_ => (float)((random.NextDouble() * 4) - 2))], width);
        return Quantizer.Quantize(
            file, ".", windows, windows, new QuantizerOptions { Measure = AccuracyMeasure.Values }).Model;
    }
}
