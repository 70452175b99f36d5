using Google.Protobuf;
using Grpc.Core;
using LeptonEdge.Inference.Tensors;
using LeptonEdge.Protocol.Inference;

namespace LeptonEdge.Tests.Serving;

/// <summary>The whole of the protocol, over models of every type.</summary>
public sealed class InferenceProtocolTests(ServingHub serving) : IClassFixture<ServingHub>
{
    [Fact]
    public async Task Every_datatype_comes_back_as_it_was_sent()
    {
        var request = ServingHub.AllTypes();
        var reply = await serving.Device.ModelInferAsync(request);
        Assert.Equal(("types", "1", "all"), (reply.ModelName, reply.ModelVersion, reply.Id));
        Assert.Equal(
            ServingHub.Types.Select(type => $"out_{type.Name()}"), reply.Outputs.Select(output => output.Name));
        for (var i = 0; i < request.Inputs.Count; i++)
        {
            Assert.Equal(request.Inputs[i].Datatype, reply.Outputs[i].Datatype);
            Assert.Equal([2L, 2L], reply.Outputs[i].Shape);
            Assert.Equal(request.RawInputContents[i], reply.RawOutputContents[i]);
        }
    }

    [Fact]
    public async Task Typed_contents_say_the_same_as_raw_ones()
    {
        var request = ServingHub.AllTypes();
        var raw = await serving.Device.ModelInferAsync(request);
        // Halves have no typed form: the request must be all raw or all typed, so they are left out by another model.
        serving.Write("typed", "1", IdentityOnnx.Write(
            [.. Typed.Select(type => (type.Name(), type, new object?[] { null, 2 }))]));
        await serving.Operator.RepositoryModelLoadAsync(new RepositoryModelLoadRequest { ModelName = "typed" });
        var typed = new ModelInferRequest { ModelName = "typed" };
        foreach (var type in Typed)
            typed.Inputs.Add(new ModelInferRequest.Types.InferInputTensor
            {
                Name = type.Name(), Datatype = type.Name(), Shape = { 2, 2 }, Contents = Contents(type),
            });
        var reply = await serving.Device.ModelInferAsync(typed);
        foreach (var (output, i) in reply.Outputs.Select((output, i) => (output, i)))
        {
            var same = raw.Outputs.ToList().FindIndex(other => other.Name == output.Name);
            Assert.Equal(raw.RawOutputContents[same], reply.RawOutputContents[i]);
        }
    }

    [Fact]
    public async Task Inputs_come_in_any_order_and_outputs_in_the_order_wanted()
    {
        var all = ServingHub.AllTypes();
        var request = new ModelInferRequest { ModelName = "types" };
        request.Inputs.AddRange(all.Inputs.Reverse());
        request.RawInputContents.AddRange(all.RawInputContents.Reverse());
        foreach (var name in (string[])["out_BYTES", "out_BOOL"])
            request.Outputs.Add(new ModelInferRequest.Types.InferRequestedOutputTensor { Name = name });
        var reply = await serving.Device.ModelInferAsync(request);
        Assert.Equal(["out_BYTES", "out_BOOL"], reply.Outputs.Select(output => output.Name));
        Assert.Equal(ServingHub.Raw(TensorType.Bytes), reply.RawOutputContents[0]);
        Assert.Equal(ServingHub.Raw(TensorType.Bool), reply.RawOutputContents[1]);
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 4, 5)]
    public async Task Free_dimensions_take_any_size(int rows, int width, int other)
    {
        var request = new ModelInferRequest { ModelName = "open" };
        Add(request, "a", "INT64", [rows, width, 2], ServingHub.Bytes<long>(new long[rows * width * 2]));
        Add(request, "b", "FP32", [rows, other], ServingHub.Bytes<float>(new float[rows * other]));
        var reply = await serving.Device.ModelInferAsync(request);
        Assert.Equal([rows, width, 2], reply.Outputs[0].Shape);
        Assert.Equal([rows, other], reply.Outputs[1].Shape);
    }

    [Fact]
    public async Task A_scalar_is_a_tensor_without_dimensions()
    {
        var request = new ModelInferRequest { ModelName = "scalar" };
        Add(request, "s", "FP64", [], ServingHub.Bytes<double>([2.5]));
        Add(request, "v", "UINT8", [3], ByteString.CopyFrom(1, 2, 3));
        var reply = await serving.Device.ModelInferAsync(request);
        Assert.Empty(reply.Outputs[0].Shape);
        Assert.Equal(request.RawInputContents, reply.RawOutputContents);
    }

    public static TheoryData<string, Action<ModelInferRequest>> Faults => new()
    {
        { "inputs:", r => r.Inputs.RemoveAt(0) },
        { "inputs[1].name", r => r.Inputs[1].Name = "BOOL" },
        { "inputs[2].datatype", r => r.Inputs[2].Datatype = "uint16" },
        { "inputs[3].shape", r => r.Inputs[3].Shape[0] = 3 },
        { "inputs[3].shape", r => r.Inputs[3].Shape.Add(1) },
        { "inputs[0].shape", r => r.Inputs[0].Shape[0] = -1 },
        { "raw_input_contents: 13 entries", r => r.RawInputContents.RemoveAt(0) },
        { "raw_input_contents[9]: 7 bytes", r => r.RawInputContents[9] = ByteString.CopyFrom(new byte[7]) },
        { "raw_input_contents[0]: byte 0 is 2", r => r.RawInputContents[0] = ByteString.CopyFrom(2, 0, 0, 0) },
        { "raw_input_contents[12]", r => r.RawInputContents[12] = ByteString.CopyFrom(255, 255, 255, 255) },
        { "raw_input_contents[12]", r => r.RawInputContents[12] = ServingHub.Strings("only", "three", "texts") },
        { "raw_input_contents[12]", r => r.RawInputContents[12] = ServingHub.Strings("a\0b", "", "", "") },
        { "inputs[4].contents", r => r.Inputs[4].Contents = new InferTensorContents() },
        { "outputs[1].name", r => r.Outputs.Add([Output("out_BOOL"), Output("BOOL")]) },
        { "outputs[1].name", r => r.Outputs.Add([Output("out_BOOL"), Output("out_BOOL")]) },
        { "parameters[priority]", r => r.Parameters.Add("priority", new InferParameter { StringParam = "high" }) },
        { "parameters[timeout]", r => r.Parameters.Add("timeout", new InferParameter { Int64Param = -1 }) },
        { "which only raw_input_contents", r => r.RawInputContents.Clear() },
    };

    [Theory]
    [MemberData(nameof(Faults), DisableDiscoveryEnumeration = true)]
    public async Task What_does_not_fit_is_refused_by_field(string names, Action<ModelInferRequest> spoil)
    {
        var request = ServingHub.AllTypes();
        // Typed contents are read in the order of inputs, and the first that has none is a half's.
        request = names.StartsWith("which", StringComparison.Ordinal) ? OnlyHalf(request) : request;
        spoil(request);
        var refused = await RefusedAsync(request);
        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.Contains(names, refused.Status.Detail);
    }

    [Fact]
    public async Task A_typed_value_that_does_not_fit_its_type_is_refused()
    {
        serving.Write("small", "1", IdentityOnnx.Write(("x", TensorType.Int8, [null, 1])));
        var request = new ModelInferRequest
        {
            ModelName = "small",
            Inputs =
            {
                new ModelInferRequest.Types.InferInputTensor
                {
                    Name = "x", Datatype = "INT8", Shape = { 1, 1 },
                    Contents = new InferTensorContents { IntContents = { 200 } },
                },
            },
        };
        var refused = await RefusedAsync(request);
        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.Contains("inputs[0].contents.int_contents: 200", refused.Status.Detail);
    }

    [Fact]
    public async Task A_stream_answers_each_request_in_turn_and_outlives_a_bad_one()
    {
        using var stream = serving.Device.ModelStreamInfer();
        var bad = ServingHub.AllTypes();
        bad.Inputs[0].Name = "other";
        foreach (var request in (ModelInferRequest[])[ServingHub.AllTypes(), bad, ServingHub.AllTypes()])
            await stream.RequestStream.WriteAsync(request);
        await stream.RequestStream.CompleteAsync();
        var replies = new List<ModelStreamInferResponse>();
        while (await stream.ResponseStream.MoveNext(CancellationToken.None))
            replies.Add(stream.ResponseStream.Current);
        Assert.Equal(3, replies.Count);
        Assert.Contains("inputs[0].name", replies[1].ErrorMessage);
        Assert.Equal("all", replies[1].InferResponse.Id);
        Assert.Equal("", replies[2].ErrorMessage);
        Assert.Equal(replies[0].InferResponse, replies[2].InferResponse);
    }

    [Fact]
    public async Task A_stream_of_more_requests_than_may_wait_is_answered_whole_and_in_order()
    {
        const int Requests = 500;
        using var stream = serving.Device.ModelStreamInfer();
        var sending = SendAsync();
        for (var i = 0; i < Requests; i++)
        {
            Assert.True(await stream.ResponseStream.MoveNext(CancellationToken.None));
            var reply = stream.ResponseStream.Current;
            Assert.Equal("", reply.ErrorMessage);
            Assert.Equal($"{i}", reply.InferResponse.Id);
        }

        await sending;
        Assert.False(await stream.ResponseStream.MoveNext(CancellationToken.None));

        async Task SendAsync()
        {
            for (var i = 0; i < Requests; i++)
            {
                var request = ServingHub.AllTypes();
                request.Id = $"{i}";
                await stream.RequestStream.WriteAsync(request);
            }

            await stream.RequestStream.CompleteAsync();
        }
    }

    [Fact]
    public async Task Without_a_version_the_highest_answers_and_another_is_loaded_when_asked_for()
    {
        var request = new ModelInferRequest { ModelName = "tiny" };
        Add(request, "input", "FP32", [1, 3], ServingHub.Bytes<float>([1, 2, 3]));
        Assert.Equal("1.10.0", (await serving.Device.ModelInferAsync(request)).ModelVersion);
        request.ModelVersion = "1.9.0";
        Assert.Equal("1.9.0", (await serving.Device.ModelInferAsync(request)).ModelVersion);
        var metadata = await serving.Device.ModelMetadataAsync(new ModelMetadataRequest { Name = "tiny" });
        Assert.Equal(["1.9.0", "1.10.0"], metadata.Versions);
        Assert.Equal([-1L, 3L], metadata.Inputs[0].Shape);
    }

    [Theory]
    [InlineData("../models/types", "1")]
    [InlineData("types", "../types/1")]
    [InlineData("types/1", "")]
    [InlineData("..", "models")]
    public async Task A_name_is_never_a_path(string name, string version)
    {
        var refused = await RefusedAsync(new ModelInferRequest { ModelName = name, ModelVersion = version });
        Assert.Equal(StatusCode.NotFound, refused.StatusCode);
    }

    [Fact]
    public async Task The_configuration_says_what_the_model_takes()
    {
        var config = (await serving.Device.ModelConfigAsync(new ModelConfigRequest { Name = "types" })).Config;
        Assert.Equal(("types", "onnxruntime_onnx", "onnxruntime"), (config.Name, config.Platform, config.Backend));
        Assert.Equal(256, config.MaxBatchSize);
        Assert.NotNull(config.DynamicBatching);
        Assert.Equal(Enum.GetValues<DataType>().Skip(1).Order(), config.Input.Select(input => input.DataType).Order());
        Assert.All(config.Input, input => Assert.Equal([2L], input.Dims));
        var scalar = (await serving.Device.ModelConfigAsync(new ModelConfigRequest { Name = "scalar" })).Config;
        Assert.Equal(0, scalar.MaxBatchSize);
        Assert.Null(scalar.DynamicBatching);
        Assert.Equal([3L], scalar.Input[1].Dims);
    }

    [Fact]
    public async Task Statistics_count_requests_rows_and_failures()
    {
        var client = serving.Device;
        var before = await StatisticsAsync("open");
        var request = new ModelInferRequest { ModelName = "open" };
        Add(request, "a", "INT64", [3, 1, 2], ServingHub.Bytes<long>(new long[6]));
        Add(request, "b", "FP32", [3, 1], ServingHub.Bytes<float>(new float[3]));
        await client.ModelInferAsync(request);
        request.Inputs[0].Datatype = "INT32";
        await RefusedAsync(request);
        var after = await StatisticsAsync("open");
        Assert.Equal(before.InferenceCount + 3, after.InferenceCount);
        Assert.Equal(before.InferenceStats.Success.Count + 1, after.InferenceStats.Success.Count);
        Assert.Equal(before.InferenceStats.Fail.Count + 1, after.InferenceStats.Fail.Count);
        Assert.True(after.InferenceStats.ComputeInfer.Ns > before.InferenceStats.ComputeInfer.Ns);
        Assert.Contains(after.BatchStats, batch => batch.BatchSize == 3);
        var all = await client.ModelStatisticsAsync(new ModelStatisticsRequest());
        Assert.Contains(all.ModelStats, model => model.Name == "types");
        var refused = await Assert.ThrowsAsync<RpcException>(async () =>
            await client.ModelStatisticsAsync(new ModelStatisticsRequest { Name = "nothing" }));
        Assert.Equal(StatusCode.NotFound, refused.StatusCode);
    }

    [Fact]
    public async Task The_index_lists_what_is_there_and_why_some_is_not_ready()
    {
        var index = await serving.Device.RepositoryIndexAsync(new RepositoryIndexRequest());
        var broken = Assert.Single(index.Models, model => model.Name == "broken");
        Assert.Equal("UNAVAILABLE", broken.State);
        Assert.NotEmpty(broken.Reason);
        Assert.Equal("READY", Assert.Single(index.Models, model => model.Name == "types").State);
        var ready = await serving.Device.RepositoryIndexAsync(new RepositoryIndexRequest { Ready = true });
        Assert.DoesNotContain(ready.Models, model => model.Name == "broken");
        Assert.All(ready.Models, model => Assert.Equal("READY", model.State));
    }

    [Fact]
    public async Task The_operator_loads_and_unloads_and_a_device_does_not()
    {
        serving.Write("late", "1", IdentityOnnx.Write(("x", TensorType.Float32, [null, 1])));
        var ready = new ModelReadyRequest { Name = "late" };
        var load = new RepositoryModelLoadRequest { ModelName = "late" };
        var unload = new RepositoryModelUnloadRequest { ModelName = "late" };
        var refused = await Assert.ThrowsAsync<RpcException>(
            async () => await serving.Device.RepositoryModelLoadAsync(load));
        Assert.Equal(StatusCode.PermissionDenied, refused.StatusCode);
        Assert.False((await serving.Device.ModelReadyAsync(ready)).Ready);
        await serving.Operator.RepositoryModelLoadAsync(load);
        Assert.True((await serving.Device.ModelReadyAsync(ready)).Ready);

        // A version that does not load leaves the one in service alone.
        serving.Write("late", "2", [1, 2, 3]);
        refused = await Assert.ThrowsAsync<RpcException>(
            async () => await serving.Operator.RepositoryModelLoadAsync(load));
        Assert.Equal(StatusCode.FailedPrecondition, refused.StatusCode);
        Assert.True((await serving.Device.ModelReadyAsync(ready)).Ready);

        refused = await Assert.ThrowsAsync<RpcException>(
            async () => await serving.Device.RepositoryModelUnloadAsync(unload));
        Assert.Equal(StatusCode.PermissionDenied, refused.StatusCode);
        await serving.Operator.RepositoryModelUnloadAsync(unload);
        Assert.False((await serving.Device.ModelReadyAsync(ready)).Ready);
        // Taken away by the operator, it does not come back because a device asks.
        var gone = await RefusedAsync(new ModelInferRequest { ModelName = "late", ModelVersion = "1" });
        Assert.Equal(StatusCode.NotFound, gone.StatusCode);
        refused = await Assert.ThrowsAsync<RpcException>(async () =>
            await serving.Operator.RepositoryModelLoadAsync(new RepositoryModelLoadRequest { ModelName = "nothing" }));
        Assert.Equal(StatusCode.NotFound, refused.StatusCode);
    }

    private static readonly TensorType[] Typed =
        [.. ServingHub.Types.Except([TensorType.Float16, TensorType.BFloat16])];

    private static InferTensorContents Contents(TensorType type) => type switch
    {
        TensorType.Bool => new() { BoolContents = { true, false, false, true } },
        TensorType.UInt8 => new() { UintContents = { 0, 1, 128, 255 } },
        TensorType.Int8 => new() { IntContents = { -128, -1, 0, 127 } },
        TensorType.UInt16 => new() { UintContents = { 0, 1, 32768, 65535 } },
        TensorType.Int16 => new() { IntContents = { -32768, -1, 0, 32767 } },
        TensorType.UInt32 => new() { UintContents = { 0, 1, 2, uint.MaxValue } },
        TensorType.Int32 => new() { IntContents = { int.MinValue, -1, 0, int.MaxValue } },
        TensorType.UInt64 => new() { Uint64Contents = { 0, 1, 2, ulong.MaxValue } },
        TensorType.Int64 => new() { Int64Contents = { long.MinValue, -1, 0, long.MaxValue } },
        TensorType.Float32 => new() { Fp32Contents = { float.MinValue, float.Epsilon, 0, float.NaN } },
        TensorType.Float64 => new() { Fp64Contents = { double.MinValue, double.Epsilon, 0, double.NaN } },
        _ => new()
        {
            BytesContents =
            {
                ((string[])["", "a", "grüß", "日本"]).Select(text => ByteString.CopyFromUtf8(text)),
            },
        },
    };

    private static ModelInferRequest OnlyHalf(ModelInferRequest request)
    {
        var half = request.Inputs.Single(input => input.Datatype == "FP16");
        request.Inputs.Remove(half);
        request.Inputs.Insert(0, half);
        return request;
    }

    private static ModelInferRequest.Types.InferRequestedOutputTensor Output(string name) => new() { Name = name };

    private static void Add(ModelInferRequest request, string name, string type, long[] shape, ByteString raw)
    {
        request.Inputs.Add(new ModelInferRequest.Types.InferInputTensor
        {
            Name = name, Datatype = type, Shape = { shape },
        });
        request.RawInputContents.Add(raw);
    }

    private async Task<ModelStatistics> StatisticsAsync(string name)
    {
        var reply = await serving.Device.ModelStatisticsAsync(new ModelStatisticsRequest { Name = name });
        return Assert.Single(reply.ModelStats);
    }

    private Task<RpcException> RefusedAsync(ModelInferRequest request) =>
        Assert.ThrowsAsync<RpcException>(async () => await serving.Device.ModelInferAsync(request));
}
