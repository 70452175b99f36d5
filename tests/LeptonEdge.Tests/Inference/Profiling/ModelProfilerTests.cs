using LeptonEdge.Core.Profiles;
using LeptonEdge.Inference.Graphs;
using LeptonEdge.Inference.Profiling;
using LeptonEdge.Inference.Quantizing;
using LeptonEdge.Inference.Splitting;
using LeptonEdge.Tests.Inference.Quantizing;

namespace LeptonEdge.Tests.Inference.Profiling;

public sealed class ModelProfilerTests
{
    [Fact]
    public void Every_cut_of_every_kind_of_model_splits_it_bit_for_bit()
    {
        foreach (var (name, file) in Models())
        {
            var measured = Profile(file);
            var profile = measured.Profile;
            Assert.InRange(
                profile.Total.Ticks, measured.Wall.Ticks - profile.Steps.Count,
                measured.Wall.Ticks + profile.Steps.Count);
            var splitter = new ModelSplitter(file, null);
            foreach (var cut in profile.ChainCuts())
            {
                var tensor = profile.Tensors[cut.Tensor].Name;
                var split = splitter.Split(splitter.Cuts.Find([tensor]));
                Assert.Contains(Assert.Single(split.Crossing).Name, new[] { tensor, $"{tensor}/q" });
                using var prover = new SplitProver(file, split);
                prover.RunOnRandom(3, seed: 5, rows: 1);
                Assert.True(prover.Proof.IsExact, $"{name} at {tensor}: {prover.Proof}");
            }
        }
    }

    [Fact]
    public void What_the_runtime_fuses_is_one_step()
    {
        var profile = Profile(File("conv 2-D")).Profile;
        Assert.Equal(
            ["Conv + BatchNormalization + Relu", "Conv + Relu", "GlobalAveragePool", "Flatten", "Gemm"],
            profile.Steps.Select(step => step.Operators));
        Assert.Equal(["r1", "r2", "g", "f", "y"], profile.Steps.Select(step => step.Name));
    }

    [Fact]
    public void Bytes_multiplications_and_weights_are_counted()
    {
        var profile = Profile(File("conv 1-D"), rows: 3).Profile;
        Assert.Equal(3, profile.Rows);
        Assert.Equal(3 * 2 * 32 * sizeof(float), profile.InputBytes);
        var first = profile.Steps[0];
        Assert.Equal(3 * 8 * 16 * 2 * 5, first.Macs);
        Assert.Equal(((8 * 2 * 5) + 8) * sizeof(float), first.WeightBytes);
        Assert.Equal(3 * 8 * 16 * sizeof(float), Tensor(profile, "r1").Bytes);
        Assert.Equal(3 * 64 * 3, profile.Steps[^1].Macs);
        Assert.True(Tensor(profile, "y").IsOutput);
    }

    [Fact]
    public void In_a_quantized_model_bytes_go_from_step_to_step()
    {
        var profile = Profile(Quantized(File("conv 1-D"))).Profile;
        var tensor = Tensor(profile, "r1/q");
        Assert.Equal(("UINT8", 8 * 16L), (tensor.Datatype, tensor.Bytes));
        Assert.All(profile.ChainCuts(), cut => Assert.Equal("UINT8", profile.Tensors[cut.Tensor].Datatype));

        // Each channel's weights with scale and zero point, its bias with the same, and two tensors' own.
        Assert.Equal((8 * ((2 * 5) + 5)) + (8 * 12) + 10, profile.Steps[1].WeightBytes);
    }

    [Fact]
    public void A_skip_is_seen_as_two_tensors_that_cross()
    {
        var profile = Profile(File("residual")).Profile;
        var join = profile.Steps.Single(step => step.Operators.Contains("Add", StringComparison.Ordinal));
        Assert.Contains("c1", join.Reads.Select(read => profile.Tensors[read].Name));
        Assert.DoesNotContain("c2", profile.ChainCuts().Select(cut => profile.Tensors[cut.Tensor].Name));
    }

    [Fact]
    public void A_shape_that_is_free_must_be_given_and_names_its_input()
    {
        var graph = new GraphBuilder("free");
        graph.Input("x", [-1, -1, 4]);
        graph.Node("Relu", "r", ["x"]);
        graph.Node("Neg", "y", ["r"]);
        var file = graph.Output("y", [-1, -1, 4]).ToArray();
        Assert.Contains("--shape x=", Assert.Throws<ProfilerException>(() => Profile(file)).Message);
        var options = new ProfilerOptions
        {
            Runs = 2, Shapes = new Dictionary<string, long[]> { ["x"] = [2, 5, 4] },
        };
        var measured = ModelProfiler.Profile("free", file, null, options, TimeProvider.System);
        Assert.Equal(2 * 5 * 4 * sizeof(float), measured.Profile.InputBytes);
        var wrong = options with { Shapes = new Dictionary<string, long[]> { ["z"] = [1] } };
        Assert.Contains(
            "no input 'z', only 'x'",
            Assert.Throws<ProfilerException>(() => ModelProfiler.Profile(
                "free", file, null, wrong, TimeProvider.System)).Message);
    }

    private static MeasuredModel Profile(byte[] file, int rows = 1) => ModelProfiler.Profile(
        "model", file, null, new ProfilerOptions { Runs = 3, Rows = rows }, TimeProvider.System);

    private static ProfiledTensor Tensor(ModelProfile profile, string name) =>
        profile.Tensors.Single(tensor => tensor.Name == name);

    private static byte[] File(string name) => QuantizerModels.All().First(model => model.Name.StartsWith(
        name, StringComparison.Ordinal)).File;

    private static IEnumerable<(string Name, byte[] File)> Models()
    {
        foreach (var (name, _, _, file) in QuantizerModels.All())
        {
            yield return (name, file);
            yield return ($"{name}, int8", Quantized(file));
        }
    }

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
