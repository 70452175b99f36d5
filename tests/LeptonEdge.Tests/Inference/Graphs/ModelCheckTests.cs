using LeptonEdge.Inference.Graphs;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Inference.Graphs;

public sealed class ModelCheckTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_shipped_model_passes_with_all_its_shapes_known()
    {
        var root = Path.Combine(Requires.RepositoryRoot, "firmware-config", "models");
        foreach (var file in Directory.GetFiles(root, "*.onnx", SearchOption.AllDirectories))
        {
            var bytes = File.ReadAllBytes(file);
            Assert.Null(ModelCheck.FindFault(bytes));
            var graph = ModelGraph.Read(bytes);
            var types = ShapeInference.Run(graph, 13);
            foreach (var output in graph.Content.Nodes.SelectMany(node => node.Outputs))
                Assert.True(types[output].Dims?.Skip(1).All(dim => dim.IsFixed), $"{file}: {output}");
        }
    }

    [Fact]
    public void A_model_cut_anywhere_is_refused()
    {
        var whole = TinyOnnx.Gemm(new float[3, 2], [0, 0], relu: true);
        for (var length = 0; length < whole.Length; length++)
        {
            // A cut between two fields of the outermost message may leave a smaller model, but never the same.
            var fault = ModelCheck.FindFault(whole.AsMemory(0, length));
            if (fault is null)
                Assert.True(length > whole.Length - 40, $"cut at {length} of {whole.Length} passed");
        }

        Assert.Contains("not an ONNX model", ModelCheck.FindFault("<html>not found</html>"u8.ToArray()));
    }

    [Fact]
    public void A_graph_that_runs_in_a_circle_is_refused()
    {
        var model = new GraphBuilder("circle");
        model.Input("x", [1, 2]);
        model.Node("Add", "a", ["x", "b"]);
        model.Node("Relu", "b", ["a"]);
        Refused(model.Output("b", [1, 2]), "runs in a circle through Add 'a/Add'");
    }

    [Fact]
    public void A_tensor_made_by_nobody_or_twice_is_refused()
    {
        var nobody = new GraphBuilder("nobody");
        nobody.Input("x", [1, 2]);
        nobody.Node("Add", "y", ["x", "lost"]);
        Refused(nobody.Output("y", [1, 2]), "reads tensor 'lost', which nothing makes");

        var twice = new GraphBuilder("twice");
        twice.Input("x", [1, 2]);
        twice.Node("Relu", "y", ["x"]);
        twice.Node("Tanh", "y", ["x"]);
        Refused(twice.Output("y", [1, 2]), "tensor 'y' is there twice");

        var output = new GraphBuilder("output");
        output.Input("x", [1, 2]);
        output.Node("Relu", "y", ["x"]);
        Refused(output.Output("z", [1, 2]), "output 'z' is made by nothing");
    }

    [Fact]
    public void Nodes_in_any_order_pass_because_they_are_sorted()
    {
        var model = new GraphBuilder("backwards");
        model.Input("x", [1, 2]);
        model.Node("Tanh", "z", ["y"]);
        model.Node("Relu", "y", ["x"]);
        var bytes = model.Output("z", [1, 2]).ToArray();
        Assert.Null(ModelCheck.FindFault(bytes));
        Assert.Equal(["Relu", "Tanh"], ModelGraph.Read(bytes).Order.Select(node => node.Operator));
    }

    [Theory]
    [InlineData("Brelu", 13, "is an operator that is not known")]
    [InlineData("Relu", 3, "operator set 3; export it with one from 7 to 26")]
    [InlineData("Relu", 99, "operator set 99")]
    public void An_operator_or_operator_set_that_is_not_known_is_refused(string kind, long opset, string reason)
    {
        var model = new GraphBuilder("unknown", opset);
        model.Input("x", [1, 2]);
        model.Node(kind, "y", ["x"]);
        Refused(model.Output("y", [1, 2]), reason);
    }

    [Theory]
    [InlineData(float.NaN, "tensor 'w' holds NaN")]
    [InlineData(float.PositiveInfinity, "computes with, holds infinite values")]
    [InlineData(float.NegativeInfinity, "computes with, holds infinite values")]
    public void A_weight_that_is_not_finite_is_refused(float value, string reason)
    {
        var model = new GraphBuilder("broken");
        model.Input("x", [1, 3]);
        model.Constant("w", [1, 2, 3, 4, value, 6], 3, 2);
        model.Node("MatMul", "y", ["x", "w"]);
        Refused(model.Output("y", [1, 2]), reason);
    }

    [Fact]
    public void A_mask_of_minus_infinity_passes()
    {
        var model = new GraphBuilder("mask");
        model.Input("x", [1, 2]);
        model.Constant("mask", [0, float.NegativeInfinity], 1, 2);
        model.Node("Add", "m", ["x", "mask"]);
        model.Node("Softmax", "y", ["m"], ("axis", -1L));
        Assert.Null(ModelCheck.FindFault(model.Output("y", [1, 2]).ToArray()));
    }

    [Fact]
    public void A_tensor_that_claims_more_than_the_file_holds_is_refused()
    {
        var claims = new GraphBuilder("claims");
        claims.Input("x", [1, 3]);
        claims.Constant("w", [1, 2], 500_000, 1_000);
        claims.Node("MatMul", "y", ["x", "w"]);
        Refused(claims.Output("y", [1, 2]), "tensor 'w' claims 500,000,000 elements, but the file holds 2");

        foreach (var dims in new long[][] { [long.MaxValue, long.MaxValue], [1L << 40], [-3, 2] })
        {
            var absurd = new GraphBuilder("absurd");
            absurd.Input("x", [1, 3]);
            absurd.Constant("w", [1, 2], dims);
            absurd.Node("MatMul", "y", ["x", "w"]);
            Refused(absurd.Output("y", [1, 2]), "tensor 'w' claims the shape");
        }

        var input = new GraphBuilder("input");
        input.Input("x", [1, 1L << 50]);
        input.Node("Relu", "y", ["x"]);
        Refused(input.Output("y", [1, 1L << 50]), "tensor 'x' is to have shape");
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_refused_with_both()
    {
        var gemm = new GraphBuilder("gemm");
        gemm.Input("x", [-1, 4]);
        gemm.Constant("w", new float[6], 3, 2);
        gemm.Node("Gemm", "y", ["x", "w"]);
        Refused(gemm.Output("y", [-1, 2]), "multiplies [N, 4] by [3, 2]");

        var conv = new GraphBuilder("conv");
        conv.Input("x", [1, 4, 8]);
        conv.Constant("w", new float[2 * 3 * 3], 2, 3, 3);
        conv.Node("Conv", "y", ["x", "w"]);
        Refused(conv.Output("y", [1, 2, 6]), "the channels do not fit");

        var reach = new GraphBuilder("reach");
        reach.Input("x", [1, 1, 4]);
        reach.Constant("w", new float[9], 1, 1, 9);
        reach.Node("Conv", "y", ["x", "w"]);
        Refused(reach.Output("y", [1, 1, 1]), "reaches over 9 values where there are 4");

        var said = new GraphBuilder("said");
        said.Input("x", [1, 4]);
        said.Node("Relu", "y", ["x"]);
        Refused(said.Output("y", [1, 5]), "makes tensor 'y' of shape [1, 4], but the model says [1, 5]");
    }

    [Fact]
    public void Data_in_other_files_is_taken_only_from_below_the_models_folder()
    {
        var model = TinyOnnx.Gemm(new float[3, 2], [0, 0], relu: false, externalWeights: true);
        Assert.Contains("keeps its data in another file", ModelCheck.FindFault(model));
        Assert.Contains("may lead out of the model's folder", ModelCheck.FindFault(model, _folder.Path));

        var inside = External("weights.bin");
        Assert.Contains("not a file in the model's folder", ModelCheck.FindFault(inside, _folder.Path));
        File.WriteAllBytes(_folder.File("weights.bin"), new byte[23]);
        Assert.Contains("claims more bytes than 'weights.bin' holds", ModelCheck.FindFault(inside, _folder.Path));
        File.WriteAllBytes(_folder.File("weights.bin"), new byte[24]);
        Assert.Null(ModelCheck.FindFault(inside, _folder.Path));

        using var elsewhere = new TempFolder();
        File.WriteAllBytes(elsewhere.File("w"), new byte[24]);
        File.Delete(_folder.File("weights.bin"));
        File.CreateSymbolicLink(_folder.File("weights.bin"), elsewhere.File("w"));
        Assert.Contains("not a file in the model's folder", ModelCheck.FindFault(inside, _folder.Path));
        Assert.Contains("may lead out", ModelCheck.FindFault(External("/etc/passwd"), _folder.Path));
        Assert.Contains("may lead out", ModelCheck.FindFault(External("a/../../b"), _folder.Path));
    }

    private static byte[] External(string location) =>
        TinyOnnx.Gemm(new float[3, 2], [0, 0], relu: false, externalWeights: true, location: location);

    private static void Refused(GraphBuilder model, string reason) =>
        Assert.Contains(reason, ModelCheck.FindFault(model.ToArray()));
}
