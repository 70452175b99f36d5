using System.Runtime.InteropServices;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using LeptonEdge.Protocol.Inference;
using LeptonEdge.Serving.Models;

namespace LeptonEdge.Tests.Hub;

/// <summary>The Open Inference Protocol, as a device with a certificate speaks it to the hub.</summary>
public sealed class InferenceServiceTests(HubUnderTest hub) : IClassFixture<HubUnderTest>, IDisposable
{
    private const string Model = "bearing-fault";
    private GrpcChannel? _channel;

    private GRPCInferenceService.GRPCInferenceServiceClient Client => Connect(hub.Device("edge-infer"));

    public void Dispose() => _channel?.Dispose();

    [Fact]
    public async Task The_server_and_its_models_describe_themselves()
    {
        var client = Client;
        Assert.True((await client.ServerLiveAsync(new ServerLiveRequest())).Live);
        Assert.True((await client.ServerReadyAsync(new ServerReadyRequest())).Ready);
        Assert.True((await client.ModelReadyAsync(new ModelReadyRequest { Name = Model })).Ready);
        Assert.False((await client.ModelReadyAsync(new ModelReadyRequest { Name = Model, Version = "0.0.1" })).Ready);
        Assert.False((await client.ModelReadyAsync(new ModelReadyRequest { Name = "nothing" })).Ready);
        Assert.Equal("leptonedge-hub", (await client.ServerMetadataAsync(new ServerMetadataRequest())).Name);
        var model = await client.ModelMetadataAsync(new ModelMetadataRequest { Name = Model });
        Assert.Equal("FP32", Assert.Single(model.Inputs).Datatype);
        Assert.Equal(2, model.Inputs[0].Shape.Count);
        Assert.Single(model.Outputs);
    }

    [Fact]
    public async Task Raw_and_typed_contents_give_the_same_answer_row_by_row()
    {
        var client = Client;
        var (request, width) = await RequestAsync(client, rows: 3);
        var raw = await client.ModelInferAsync(request);
        Assert.Equal("7", raw.Id);
        Assert.Equal(3, raw.Outputs[0].Shape[0]);
        var values = MemoryMarshal.Cast<byte, float>(raw.RawOutputContents[0].Span).ToArray();
        Assert.Equal(3 * (int)raw.Outputs[0].Shape[1], values.Length);
        Assert.All(values, value => Assert.True(float.IsFinite(value)));

        var typed = request.Clone();
        typed.Inputs[0].Contents = new InferTensorContents
        {
            Fp32Contents = { MemoryMarshal.Cast<byte, float>(request.RawInputContents[0].Span).ToArray() },
        };
        typed.RawInputContents.Clear();
        Assert.Equal(raw.RawOutputContents[0], (await client.ModelInferAsync(typed)).RawOutputContents[0]);

        var second = request.Clone();
        second.Inputs[0].Shape[0] = 1;
        second.RawInputContents[0] = ByteString.CopyFrom(request.RawInputContents[0].Span.Slice(width * 4, width * 4));
        var alone = MemoryMarshal.Cast<byte, float>((await client.ModelInferAsync(second)).RawOutputContents[0].Span)
            .ToArray();
        for (var i = 0; i < alone.Length; i++)
            Assert.Equal(values[alone.Length + i], alone[i], 5);
    }

    public static TheoryData<string, Action<ModelInferRequest>> Faults => new()
    {
        { "inputs:", r => r.Inputs.Clear() },
        { "inputs:", r => r.Inputs.Add(r.Inputs[0].Clone()) },
        { "inputs[0].name", r => r.Inputs[0].Name = "other" },
        { "inputs[0].datatype", r => r.Inputs[0].Datatype = "INT8" },
        { "inputs[0].shape", r => r.Inputs[0].Shape[1]++ },
        { "inputs[0].shape", r => r.Inputs[0].Shape[0] = 0 },
        { "inputs[0].shape", r => r.Inputs[0].Shape[0] = long.MaxValue },
        { "inputs[0].shape", r => r.Inputs[0].Shape.Clear() },
        { "raw_input_contents[0]", r => r.RawInputContents[0] = ByteString.CopyFrom(r.RawInputContents[0].Span[..^1]) },
        { "raw_input_contents[0]", r => r.Inputs[0].Shape[0] = 2 },
        { "raw_input_contents:", r => r.RawInputContents.Add(r.RawInputContents[0]) },
        { "fp32_contents", r => r.RawInputContents.Clear() },
        { "inputs[0].contents", r => r.Inputs[0].Contents = new InferTensorContents { Fp32Contents = { 1 } } },
        { "outputs[0].name", r =>
            r.Outputs.Add(new ModelInferRequest.Types.InferRequestedOutputTensor { Name = "other" }) },
        { "must be finite", r =>
            r.RawInputContents[0] = ByteString.CopyFrom([0, 0, 0xC0, 0x7F, .. r.RawInputContents[0].Span[4..]]) },
    };

    [Theory]
    [MemberData(nameof(Faults), DisableDiscoveryEnumeration = true)]
    public async Task A_request_that_does_not_fit_the_model_is_refused_by_field(
        string names, Action<ModelInferRequest> spoil)
    {
        var client = Client;
        var (request, _) = await RequestAsync(client, rows: 1);
        spoil(request);
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await client.ModelInferAsync(request));
        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.Contains(names, refused.Status.Detail);
    }

    [Fact]
    public async Task A_model_that_is_not_served_is_not_found()
    {
        var client = Client;
        var (request, _) = await RequestAsync(client, rows: 1);
        (string, string)[] strangers = [("nothing", ""), (Model, "9.9.9"), (new string('x', 10_000), "")];
        foreach (var (name, version) in strangers)
        {
            request.ModelName = name;
            request.ModelVersion = version;
            var refused = Assert.Throws<RpcException>(() => client.ModelInfer(request));
            Assert.Equal(StatusCode.NotFound, refused.StatusCode);
            Assert.InRange(refused.Status.Detail.Length, 1, 400);
        }
    }

    [Fact]
    public async Task A_deadline_that_has_passed_is_refused_at_once()
    {
        var client = Client;
        var (request, _) = await RequestAsync(client, rows: 1);
        request.Parameters["deadline_us"] = new InferParameter { Int64Param = 0 };
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await client.ModelInferAsync(request));
        Assert.Equal(StatusCode.DeadlineExceeded, refused.StatusCode);
    }

    [Fact]
    public async Task Without_a_certificate_of_the_fleet_only_the_operator_is_answered()
    {
        var client = Connect(null);
        var refused =
            await Assert.ThrowsAsync<RpcException>(async () => await client.ServerLiveAsync(new ServerLiveRequest()));
        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
        var headers = new Metadata { { "authorization", $"Bearer {hub.Token}" } };
        Assert.True((await client.ServerLiveAsync(new ServerLiveRequest(), headers)).Live);
        headers = new Metadata { { "authorization", $"Bearer {new string('x', hub.Token.Length)}" } };
        refused = await Assert.ThrowsAsync<RpcException>(
            async () => await client.ServerLiveAsync(new ServerLiveRequest(), headers));
        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
    }

    [Fact]
    public async Task Answers_are_counted_by_model_and_status()
    {
        var client = Client;
        var (request, _) = await RequestAsync(client, rows: 1);
        await client.ModelInferAsync(request);
        using var http = hub.Client();
        var metrics = await http.GetStringAsync("/metrics");
        Assert.Contains($"lepton_hub_inference_requests_total{{model=\"{Model}\",status=\"OK\"}}", metrics);
        Assert.Contains($"lepton_hub_inference_seconds_count{{model=\"{Model}\"}}", metrics);
    }

    [Theory]
    [InlineData("1.10.0", "1.9.0")]
    [InlineData("2", "1.9")]
    [InlineData("1.0.1", "1.0")]
    [InlineData("1.0.0", "1.0.0-rc")]
    public void The_higher_version_is_served(string higher, string lower)
    {
        Assert.True(VersionOrder.Instance.Compare(higher, lower) > 0);
        Assert.True(VersionOrder.Instance.Compare(lower, higher) < 0);
    }

    private GRPCInferenceService.GRPCInferenceServiceClient Connect(X509Certificate2? certificate)
    {
        _channel =
            GrpcChannel.ForAddress(hub.Https, new GrpcChannelOptions { HttpHandler = hub.TlsHandler(certificate) });
        return new GRPCInferenceService.GRPCInferenceServiceClient(_channel);
    }

    private static async Task<(ModelInferRequest Request, int Width)> RequestAsync(
        GRPCInferenceService.GRPCInferenceServiceClient client, int rows)
    {
        var model = await client.ModelMetadataAsync(new ModelMetadataRequest { Name = Model });
        var width = (int)model.Inputs[0].Shape[1];
        var values = new float[rows * width];
        var random = new Random(3);
        for (var i = 0; i < values.Length; i++)
            values[i] = random.NextSingle();
        var request = new ModelInferRequest
        {
            ModelName = Model,
            Id = "7",
            Inputs =
            {
                new ModelInferRequest.Types.InferInputTensor
                {
                    Name = model.Inputs[0].Name, Datatype = "FP32", Shape = { rows, width },
                },
            },
            RawInputContents = { ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan())) },
        };
        return (request, width);
    }
}
