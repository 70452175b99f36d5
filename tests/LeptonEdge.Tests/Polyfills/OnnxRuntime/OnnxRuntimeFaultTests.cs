using LeptonEdge.Tests.Inference;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace LeptonEdge.Tests.Polyfills.OnnxRuntime;

public class OnnxRuntimeFaultTests
{
    private static readonly byte[] Model = TinyOnnx.Gemm(new float[,] { { 1 }, { 1 } }, [0]);

    [Fact]
    public void Bytes_that_are_no_model_are_refused_in_onnx_runtimes_words()
    {
        var error = Assert.Throws<OnnxRuntimeException>(() => new InferenceSession("not a model"u8.ToArray()));
        Assert.StartsWith("[ErrorCode:InvalidProtobuf]", error.Message);
    }

    [Fact]
    public void A_truncated_model_is_refused_at_every_length()
    {
        for (var length = 1; length < Model.Length - 40; length += 7)
        {
            var part = Model[..length];
            Assert.Throws<OnnxRuntimeException>(() => new InferenceSession(part));
        }
    }

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        var error = Assert.Throws<OnnxRuntimeException>(() => new InferenceSession("/nowhere/model.onnx"));
        Assert.StartsWith("[ErrorCode:NoSuchFile]", error.Message);
        Assert.Contains("/nowhere/model.onnx", error.Message);
    }

    [Fact]
    public void A_wrong_shape_or_name_or_type_is_refused_in_onnx_runtimes_words()
    {
        using var session = new InferenceSession(Model);
        using var runOptions = new RunOptions();
        using var wide = OrtValue.CreateTensorValueFromMemory(new float[3], [1, 3]);
        using var right = OrtValue.CreateTensorValueFromMemory(new float[2], [1, 2]);
        using var whole = OrtValue.CreateTensorValueFromMemory(new long[2], [1, 2]);

        var shape = Assert.Throws<OnnxRuntimeException>(
            () => session.Run(runOptions, ["input"], [wide], ["output"]));
        Assert.Contains("Got invalid dimensions for input: input", shape.Message);
        var name = Assert.Throws<OnnxRuntimeException>(
            () => session.Run(runOptions, ["inptu"], [right], ["output"]));
        Assert.Contains("inptu", name.Message);
        var type = Assert.Throws<OnnxRuntimeException>(
            () => session.Run(runOptions, ["input"], [whole], ["output"]));
        Assert.Contains("Unexpected input data type", type.Message);
        Assert.Throws<ArgumentException>(() => session.Run(runOptions, ["input"], [right, wide], ["output"]));

        // The session is as good as before.
        using var outputs = session.Run(runOptions, ["input"], [right], ["output"]);
        Assert.Equal([0], outputs[0].GetTensorDataAsSpan<float>().ToArray());
    }

    [Fact]
    public void A_shape_larger_than_its_memory_is_refused()
    {
        Assert.Throws<OnnxRuntimeException>(() => OrtValue.CreateTensorValueFromMemory(new float[3], [2, 2]));
        Assert.Throws<OnnxRuntimeException>(() => OrtValue.CreateTensorValueFromMemory(new float[3], [-1, 2]));
    }

    [Fact]
    public void Elements_are_read_as_what_they_are_only()
    {
        using var value = OrtValue.CreateAllocatedTensorValue(
            OrtAllocator.DefaultInstance, TensorElementType.Int32, [2, 2]);
        value.GetTensorMutableDataAsSpan<int>().Fill(7);
        Assert.Equal([7, 7, 7, 7], value.GetTensorDataAsSpan<int>().ToArray());
        Assert.Equal(16, value.GetTensorMutableRawData().Length);
        Assert.Throws<OnnxRuntimeException>(() => value.GetTensorDataAsSpan<float>().Length);
        value.Dispose();
        Assert.Throws<ObjectDisposedException>(() => value.GetTensorDataAsSpan<int>().Length);
    }

    [Fact]
    public void Strings_go_in_and_come_out()
    {
        using var value = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, [2]);
        value.StringTensorSetElementAt("Prüfstand", 1);
        Assert.Equal(["", "Prüfstand"], value.GetStringTensorAsArray());
    }

    [Fact]
    public void A_provider_that_the_library_lacks_is_refused_by_name()
    {
        using var options = new SessionOptions();
        var error = Assert.Throws<OnnxRuntimeException>(() => options.AppendExecutionProvider("Abacus"));
        Assert.Contains("Abacus", error.Message);
        var vitis = Assert.ThrowsAny<Exception>(() => options.AppendExecutionProvider("VitisAI"));
        Assert.IsType<OnnxRuntimeException>(vitis);
        options.AppendExecutionProvider_CPU();
        using var session = new InferenceSession(Model, options);
    }

    [Fact]
    public void A_terminated_run_ends_with_an_exception()
    {
        using var session = new InferenceSession(Model);
        using var runOptions = new RunOptions { Terminate = true };
        using var input = OrtValue.CreateTensorValueFromMemory(new float[2], [1, 2]);
        var error = Assert.Throws<OnnxRuntimeException>(() => session.Run(runOptions, ["input"], [input], ["output"]));
        Assert.Contains("terminate", error.Message, StringComparison.OrdinalIgnoreCase);
        runOptions.Terminate = false;
        session.Run(runOptions, ["input"], [input], ["output"]).Dispose();
    }

    [Fact]
    public void Settings_are_those_that_were_set()
    {
        using var options = new SessionOptions
        {
            EnableMemoryPattern = false, EnableCpuMemArena = false, IntraOpNumThreads = 1, InterOpNumThreads = 1,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_BASIC,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL, LogId = "test",
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, LogVerbosityLevel = 0,
        };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        options.AddFreeDimensionOverrideByName("batch", 4);
        using var session = new InferenceSession(
            TinyOnnx.Gemm(new float[,] { { 1 }, { 1 } }, [0], batch: null), options);
        Assert.Equal([4, 2], session.InputMetadata["input"].Dimensions);
        Assert.False(options.EnableMemoryPattern);
        Assert.Equal(1, options.IntraOpNumThreads);
    }
}
