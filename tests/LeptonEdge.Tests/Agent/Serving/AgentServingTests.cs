using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using LeptonEdge.Protocol.Inference;
using LeptonEdge.Tests.Hub;

namespace LeptonEdge.Tests.Agent.Serving;

/// <summary>The inference protocol on the device itself, by the real agent.</summary>
public sealed class AgentServingTests : IDisposable
{
    private readonly AgentProcess _agent = new();

    public void Dispose() => _agent.Dispose();

    [Fact]
    public async Task Other_programs_of_the_device_ask_it_over_grpc_and_rest()
    {
        _agent.Start(AgentProcess.Bearing("serving: { grpc: '127.0.0.1:0', http: '127.0.0.1:0' }"));
        await _agent.SaysAsync("Other programs may ask");
        var ports = Regex.Match(_agent.Output, @"gRPC at 127\.0\.0\.1:(\d+), REST at 127\.0\.0\.1:(\d+)").Groups;

        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{ports[1].Value}");
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);
        Assert.Equal("leptonedge-agent", (await client.ServerMetadataAsync(new ServerMetadataRequest())).Name);
        var config = (await client.ModelConfigAsync(new ModelConfigRequest { Name = "bearing-fault" })).Config;
        Assert.Equal("model.int8.onnx", config.DefaultModelFilename);
        var width = (int)config.Input[0].Dims[0];
        var request = new ModelInferRequest
        {
            ModelName = "bearing-fault",
            Inputs =
            {
                new ModelInferRequest.Types.InferInputTensor
                {
                    Name = config.Input[0].Name, Datatype = "FP32", Shape = { 2, width },
                },
            },
            RawInputContents = { ByteString.CopyFrom(new byte[2 * width * sizeof(float)]) },
        };
        Assert.Equal([2L, 4L], (await client.ModelInferAsync(request)).Outputs[0].Shape);
        // No workload uses this one: it is loaded when it is asked for.
        Assert.False((await client.ModelReadyAsync(new ModelReadyRequest { Name = "bearing-fault-large" })).Ready);
        request.ModelName = "bearing-fault-large";
        Assert.Equal("bearing-fault-large", (await client.ModelInferAsync(request)).ModelName);

        // What runs here is the fleet's matter.
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await client.RepositoryModelUnloadAsync(
            new RepositoryModelUnloadRequest { ModelName = "bearing-fault" }));
        Assert.Equal(StatusCode.PermissionDenied, refused.StatusCode);

        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{ports[2].Value}") };
        var json = $$"""
            {"inputs": [{"name": "{{config.Input[0].Name}}", "datatype": "FP32", "shape": [1, {{width}}],
             "data": [{{string.Join(',', new int[width])}}]}]}
            """;
        using var body = new StringContent(json, Encoding.UTF8, "application/json");
        var reply = await http.PostAsync("v2/models/bearing-fault/infer", body);
        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
        Assert.Equal(4, (await HubUnderTest.JsonAsync(reply)).GetProperty("outputs")[0].GetProperty("data")
            .GetArrayLength());
        Assert.Equal(0, await _agent.StopAsync());
    }

    [Fact]
    public async Task A_port_that_is_taken_leaves_the_agent_at_work()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        _agent.Start(AgentProcess.Bearing($"serving: {{ grpc: '{taken.LocalEndpoint}' }}"));
        await _agent.SaysAsync("Other programs cannot ask");
        await _agent.SaysAsync("alarm bearing-fault Raised");
        Assert.Equal(0, await _agent.StopAsync());
    }

    [Theory]
    [InlineData("serving: { grpc: '0.0.0.0:8001' }", "serving.grpc")]
    [InlineData("serving: { http: here }", "serving.http")]
    [InlineData("serving: {}", "serving")]
    public async Task Only_this_device_may_ask(string serving, string names)
    {
        _agent.Start(AgentProcess.Bearing(serving), "--check");
        Assert.Equal(78, await _agent.ExitAsync());
        Assert.Contains(names, _agent.Output);
    }
}
