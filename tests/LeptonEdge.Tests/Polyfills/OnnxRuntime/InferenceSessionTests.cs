using LeptonEdge.Tests.Inference;
using LeptonEdge.Tests.Support;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace LeptonEdge.Tests.Polyfills.OnnxRuntime;

public class InferenceSessionTests
{
    // (1, 3) → (1, 2): [1 2 3] gives [1·1+2·0+3·(-1)+0.5, 1·2+2·1+3·(-3)+0] = [-1.5, -5], after ReLU [0, 0];
    // [4 1 1] gives [4-1+0.5, 8+1-3] = [3.5, 6].
    private static readonly float[,] Weights = { { 1, 2 }, { 0, 1 }, { -1, -3 } };
    private static readonly float[] Bias = [0.5f, 0];

    [Fact]
    public void A_model_says_its_inputs_outputs_and_origin()
    {
        using var session = new InferenceSession(TinyOnnx.Gemm(Weights, Bias, batch: null));

        Assert.Equal(["input"], session.InputNames);
        Assert.Equal(["output"], session.OutputNames);
        var input = session.InputMetadata["input"];
        Assert.True(input.IsTensor);
        Assert.False(input.IsString);
        Assert.Equal(OnnxValueType.ONNX_TYPE_TENSOR, input.OnnxValueType);
        Assert.Equal([-1, 3], input.Dimensions);
        Assert.Equal(["batch", ""], input.SymbolicDimensions);
        Assert.Equal(typeof(float), input.ElementType);
        Assert.Equal(TensorElementType.Float, input.ElementDataType);
        Assert.Equal([-1, 2], session.OutputMetadata["output"].Dimensions);
        Assert.Empty(session.OverridableInitializerMetadata);

        var metadata = session.ModelMetadata;
        Assert.Equal("TinyOnnx", metadata.ProducerName);
        Assert.Equal("tiny", metadata.GraphName);
        Assert.Equal("org.leptonedge", metadata.Domain);
        Assert.Equal("made by hand", metadata.Description);
        Assert.Equal("a tiny graph", metadata.GraphDescription);
        Assert.Equal(3, metadata.Version);
        Assert.Equal(new Dictionary<string, string> { ["purpose"] = "tests" }, metadata.CustomMetadataMap);
    }

    [Fact]
    public void A_run_into_the_callers_memory_gives_the_result_computed_by_hand()
    {
        using var session = new InferenceSession(TinyOnnx.Gemm(Weights, Bias, relu: false));
        using var runOptions = new RunOptions();
        float[] input = [1, 2, 3];
        float[] output = [9, 9];
        using var inputValue = OrtValue.CreateTensorValueFromMemory(input, [1, 3]);
        using var outputValue = OrtValue.CreateTensorValueFromMemory(output, [1, 2]);

        session.Run(runOptions, ["input"], [inputValue], ["output"], [outputValue]);
        Assert.Equal([-1.5f, -5], output);

        input[0] = 4;
        inputValue.GetTensorMutableDataAsSpan<float>()[1] = 1;
        input[2] = 1;
        session.Run(runOptions, ["input"], [inputValue], ["output"], [outputValue]);
        Assert.Equal([3.5f, 6], outputValue.GetTensorDataAsSpan<float>().ToArray());
    }

    [Fact]
    public void A_run_without_outputs_of_the_caller_returns_new_ones()
    {
        using var session = new InferenceSession(TinyOnnx.Gemm(Weights, Bias, batch: null));
        using var runOptions = new RunOptions();
        using var rows = OrtValue.CreateTensorValueFromMemory(
            OrtMemoryInfo.DefaultInstance, new float[] { 1, 2, 3, 4, 1, 1 }.AsMemory(), [2, 3]);

        using var outputs = session.Run(runOptions, ["input"], [rows], session.OutputNames);
        Assert.Equal([2, 2], outputs[0].GetTensorTypeAndShape().Shape);
        Assert.Equal([0, 0, 3.5f, 6], outputs[0].GetTensorDataAsSpan<float>().ToArray());

        using var same = session.Run(
            runOptions, new Dictionary<string, OrtValue> { ["input"] = rows }, session.OutputNames);
        Assert.Equal(4, same.Single().GetTensorTypeAndShape().ElementCount);
    }

    [Fact]
    public void Bound_inputs_and_outputs_run_many_times_over_the_same_memory()
    {
        using var session = new InferenceSession(TinyOnnx.Gemm(Weights, Bias));
        using var runOptions = new RunOptions();
        using var binding = session.CreateIoBinding();
        float[] input = [4, 1, 1];
        var output = new float[2];
        using var inputValue = OrtValue.CreateTensorValueFromMemory(input, [1, 3]);
        using var outputValue = OrtValue.CreateTensorValueFromMemory(output, [1, 2]);
        binding.BindInput("input", inputValue);
        binding.BindOutput("output", outputValue);

        session.RunWithBinding(runOptions, binding);
        Assert.Equal([3.5f, 6], output);
        input[0] = 5;
        session.RunWithBinding(runOptions, binding);
        binding.SynchronizeBoundOutputs();
        Assert.Equal([4.5f, 8], output);
        using var bound = binding.GetOutputValues();
        Assert.Equal([4.5f, 8], bound.Single().GetTensorDataAsSpan<float>().ToArray());
    }

    [Fact]
    public void Neither_kind_of_run_into_the_callers_memory_allocates()
    {
        using var session = new InferenceSession(TinyOnnx.Gemm(Weights, Bias));
        using var runOptions = new RunOptions();
        using var binding = session.CreateIoBinding();
        using var inputValue = OrtValue.CreateTensorValueFromMemory(new float[3], [1, 3]);
        using var outputValue = OrtValue.CreateTensorValueFromMemory(new float[2], [1, 2]);
        binding.BindInput("input", inputValue);
        binding.BindOutput("output", outputValue);
        string[] inputNames = ["input"], outputNames = ["output"];
        OrtValue[] inputs = [inputValue], outputs = [outputValue];

        long Allocated(int runs)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < runs; i++)
            {
                session.Run(runOptions, inputNames, inputs, outputNames, outputs);
                session.RunWithBinding(runOptions, binding);
                inputValue.GetTensorMutableDataAsSpan<float>()[0] += outputValue.GetTensorDataAsSpan<float>()[0];
            }
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Allocated(100);
        Assert.Equal(0, Allocated(1000));
    }

    [Fact]
    public void A_model_file_and_its_bytes_give_the_same_session()
    {
        using var folder = new TempFolder();
        var path = folder.File("tiny modèle.onnx");
        File.WriteAllBytes(path, TinyOnnx.Gemm(Weights, Bias));
        using var options = new SessionOptions { IntraOpNumThreads = 1 };
        using var session = new InferenceSession(path, options);
        Assert.Equal([1, 3], session.InputMetadata["input"].Dimensions);
    }

    [Fact]
    public void A_profile_names_each_operator_that_ran()
    {
        using var folder = new TempFolder();
        using var options = new SessionOptions
        {
            ProfileOutputPathPrefix = folder.File("profile"), EnableProfiling = true,
            OptimizedModelFilePath = folder.File("optimized.onnx"),
        };
        using var session = new InferenceSession(TinyOnnx.Gemm(Weights, Bias), options);
        using var runOptions = new RunOptions();
        using var input = OrtValue.CreateTensorValueFromMemory(new float[3], [1, 3]);
        session.Run(runOptions, ["input"], [input], ["output"]).Dispose();

        var path = session.EndProfiling();
        Assert.StartsWith(folder.File("profile"), path);
        Assert.Contains("Gemm", File.ReadAllText(path));
        Assert.True(session.ProfilingStartTimeNs > 0);
        Assert.True(new FileInfo(folder.File("optimized.onnx")).Length > 0);
    }

    [Fact]
    public void The_environment_names_its_providers_and_version()
    {
        var environment = OrtEnv.Instance();
        Assert.Contains("CPUExecutionProvider", environment.GetAvailableProviders());
        Assert.Matches(@"^1\.\d+\.\d+", environment.GetVersionString());
        Assert.True(OrtEnv.IsCreated);
    }

    [Fact]
    public void A_disposed_session_says_so()
    {
        var session = new InferenceSession(TinyOnnx.Gemm(Weights, Bias));
        session.Dispose();
        using var runOptions = new RunOptions();
        using var input = OrtValue.CreateTensorValueFromMemory(new float[3], [1, 3]);
        Assert.Throws<ObjectDisposedException>(() => session.Run(runOptions, ["input"], [input], ["output"]));
    }
}
