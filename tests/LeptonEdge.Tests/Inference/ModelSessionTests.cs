using LeptonEdge.Inference.Bundles;
using LeptonEdge.Inference.Graphs;
using LeptonEdge.Inference.Sessions;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Inference;

public sealed class ModelSessionTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_run_gives_the_result_computed_by_hand()
    {
        using var session = ModelSession.Open(Bundle(), new ModelSessionOptions());
        new float[] { 1, 2, 3 }.CopyTo(session.Input);
        session.Run();
        Assert.Equal([-1.5f, -5], session.Output.ToArray());
        Assert.Equal("normal", session.Evaluate().Label);
        Assert.Equal(ModelVariant.Int8, session.Variant);
        Assert.Equal("CPU", session.Provider);
    }

    [Fact]
    public void A_run_allocates_nothing()
    {
        using var session = ModelSession.Open(Bundle(), new ModelSessionOptions());
        long Allocated(int runs)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < runs; i++)
            {
                session.Input[0] = i;
                session.Run();
                if (session.Evaluate().Score > 2)
                    throw new InvalidOperationException("a probability above 2");
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Allocated(100);
        Assert.Equal(0, Allocated(1000));
    }

    [Fact]
    public void Any_number_of_rows_runs_at_once_where_the_model_leaves_it_free()
    {
        var model = TinyOnnx.Gemm(new float[,] { { 1, 2 }, { 0, 1 }, { -1, -3 } }, [0.5f, 0], relu: false, batch: null);
        using var session = ModelSession.Open(Bundle(model), new ModelSessionOptions { RowsMax = 4 });
        Assert.Equal(4, session.RowsMax);
        new float[] { 1, 2, 3, 4, 1, 1, 0, 0, 0 }.CopyTo(session.Input);
        session.Run(3);
        Assert.Equal([-1.5f, -5, 3.5f, 6, 0.5f, 0], session.Output[..6].ToArray());
        session.Run(1);
        session.Input[0] = 2;
        session.Run(2);
        Assert.Equal([-0.5f, -3, 3.5f, 6], session.Output[..4].ToArray());
        Assert.Equal("ball", session.Evaluate(row: 1).Label);
        Assert.Throws<ArgumentOutOfRangeException>(() => session.Run(5));
        Assert.Throws<ArgumentOutOfRangeException>(() => session.Run(0));
        session.Run(2);
    }

    [Fact]
    public void Providers_that_this_machine_lacks_are_passed_over_with_the_reason()
    {
        using var session = ModelSession.Open(
            Bundle(), new ModelSessionOptions { ExecutionProviders = ["TensorRT", "CUDA", "VitisAI", "CPU"] });
        Assert.Equal("CPU", session.Provider);
        Assert.Equal(
            ["TensorRT", "CUDA", "VitisAI"], session.ProvidersPassedOver.Select(reason => reason.Split(':')[0]));
        session.Run();
    }

    [Fact]
    public void A_file_that_is_no_model_is_refused_with_its_name_and_the_reason()
    {
        var error = Refusal(Bundle("just some text"u8.ToArray()));
        Assert.StartsWith("model.int8.onnx: ", Assert.Single(error.Faults));
        error = Refusal(Bundle(TestBundle.Model[..^30]));
        Assert.StartsWith("model.int8.onnx: ", Assert.Single(error.Faults));

        // Well-formed, but with an operator that nothing implements.
        var text = (byte[])TestBundle.Model.Clone();
        var at = text.AsSpan().IndexOf("Gemm"u8);
        while (at >= 0)
        {
            text[at] = (byte)'Q';
            at = text.AsSpan().IndexOf("Gemm"u8);
        }

        error = Refusal(Bundle(text));
        Assert.Contains("Qemm", Assert.Single(error.Faults));
    }

    [Fact]
    public void A_model_that_is_not_the_manifests_is_refused_with_each_difference()
    {
        var error = Refusal(Bundle(TinyOnnx.Gemm(new float[4, 5], new float[5])));
        Assert.Equal(2, error.Faults.Count);
        Assert.Contains("input 'input' has shape [1, 4], the manifest says [1, 3]", error.Faults[0]);
        Assert.Contains("output 'output' has shape [1, 5], the manifest says [1, 2]", error.Faults[1]);

        TestBundle.Write(_folder.Path, manifest => manifest["input"]!["name"] = "signal");
        error = Refusal(ModelBundle.Load(_folder.Path));
        Assert.Contains("has no input 'signal', only input", error.Faults[0]);
    }

    [Fact]
    public void A_model_with_broken_weights_is_refused_before_it_judges_anything()
    {
        var error = Refusal(Bundle(TinyOnnx.Gemm(new float[3, 2], [0, float.NaN], relu: false)));
        Assert.Contains("tensor 'b' holds NaN", Assert.Single(error.Faults));

        // Every weight is finite, and yet the answer is not.
        var overflows = new GraphBuilder("overflows");
        overflows.Input("input", [1, 3]);
        overflows.Constant("w", new float[6], 3, 2);
        overflows.Constant("b", [0, float.MaxValue], 2);
        overflows.Node("Gemm", "sum", ["input", "w", "b"]);
        overflows.Node("Add", "output", ["sum", "sum"]);
        error = Refusal(Bundle(overflows.Output("output", [1, 2]).ToArray()));
        Assert.Contains("its weights are broken", Assert.Single(error.Faults));
    }

    [Fact]
    public void A_bundle_with_one_variant_only_runs_that_one()
    {
        TestBundle.Write(_folder.Path, manifest => manifest["files"]!.AsObject().Remove("int8"));
        using var session = ModelSession.Open(ModelBundle.Load(_folder.Path), new ModelSessionOptions());
        Assert.Equal(ModelVariant.Fp32, session.Variant);
    }

    [Fact]
    public void A_profile_is_written_where_asked()
    {
        using var session = ModelSession.Open(
            Bundle(), new ModelSessionOptions { ProfilePrefix = _folder.File("profile") });
        session.Run();
        var path = session.EndProfiling();
        Assert.StartsWith(_folder.File("profile"), path);
        Assert.Contains("Gemm", File.ReadAllText(path));
    }

    [Fact]
    public void Options_outside_their_limits_are_refused()
    {
        var bundle = Bundle();
        Assert.Throws<ArgumentOutOfRangeException>(
            () => ModelSession.Open(bundle, new ModelSessionOptions { Threads = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => ModelSession.Open(bundle, new ModelSessionOptions { RowsMax = 5000 }));
    }

    private static ModelBundleException Refusal(ModelBundle bundle) =>
        Assert.Throws<ModelBundleException>(() => ModelSession.Open(bundle, new ModelSessionOptions()));

    private ModelBundle Bundle(byte[]? model = null) => ModelBundle.Load(TestBundle.Write(_folder.Path, null, model));
}
