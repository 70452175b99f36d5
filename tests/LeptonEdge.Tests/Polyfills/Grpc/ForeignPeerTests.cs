using System.Runtime.InteropServices;
using System.Text.Json;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using LeptonEdge.Protocol.Inference;
using LeptonEdge.Tests.Support;
using Microsoft.AspNetCore.Builder;

namespace LeptonEdge.Tests.Polyfills.GrpcPeers;

/// <summary>Our client against grpc-js and grpcio as servers; our server against both as clients.</summary>
public sealed class ForeignPeerTests
{
    [NpmPeerFact("@grpc/grpc-js")]
    public async Task Our_client_calls_a_grpc_js_server()
    {
        var (peer, address) = await PeerProcess.ServeAsync("node", "grpc_server.js");
        await using var server = peer;
        using var channel = GrpcChannel.ForAddress(address);
        await EchoScenario.RunAsync(channel);
    }

    [PythonPeerFact("grpc", "python3-grpcio")]
    public async Task Our_client_calls_a_python_server()
    {
        var (peer, address) = await PeerProcess.ServeAsync(PeerProcess.Python, "grpc_server.py");
        await using var server = peer;
        using var channel = GrpcChannel.ForAddress(address);
        await EchoScenario.RunAsync(channel);
    }

    [PythonPeerFact("grpc", "python3-grpcio")]
    public async Task Our_client_reads_gzip_from_a_python_server()
    {
        var (peer, address) = await PeerProcess.ServeAsync(PeerProcess.Python, "grpc_server.py", "gzip");
        await using var server = peer;
        using var channel = GrpcChannel.ForAddress(address);
        await EchoScenario.RunAsync(channel);
    }

    [NpmPeerFact("@grpc/grpc-js")]
    public async Task A_grpc_js_client_calls_our_server() => await CallUsAsync("node", "grpc_client.js", 12);

    [PythonPeerFact("grpc", "python3-grpcio")]
    public async Task A_python_client_calls_our_server() => await CallUsAsync(PeerProcess.Python, "grpc_client.py", 11);

    [NpmPeerFact("@grpc/grpc-js")]
    public async Task A_grpc_js_client_infers_over_the_open_inference_protocol()
    {
        await using var host = await EchoHost.StartAsync(map: app => app.MapGrpcService<Doubling>());
        await using var peer = PeerProcess.Start("node", "grpc_infer.js",
            new Uri(host.PlainAddress).Authority,
            Path.Combine(Requires.RepositoryRoot, "src", "LeptonEdge.Protocol", "Protos"));
        using var reply = JsonDocument.Parse(Assert.Single(await peer.LinesAsync()));
        Assert.Equal("7", reply.RootElement.GetProperty("id").GetString());
        Assert.Equal("double", reply.RootElement.GetProperty("model").GetString());
        var values = reply.RootElement.GetProperty("values").EnumerateArray().Select(value => value.GetDouble());
        Assert.Equal([3.0, -4.0, 6.0], values);
    }

    private static async Task CallUsAsync(string program, string script, int behaviours)
    {
        await using var host = await EchoHost.StartAsync(options => options.ResponseCompressionAlgorithm = "gzip");
        using var folder = new TempFolder();
        var authority = folder.File("ca.pem");
        await File.WriteAllTextAsync(authority, host.Certificate.ExportCertificatePem());
        foreach (var arguments in new string[][]
        {
            [new Uri(host.PlainAddress).Authority],
            [$"localhost:{new Uri(host.TlsAddress).Port}", authority],
        })
        {
            await using var peer = PeerProcess.Start(program, script, arguments);
            var lines = await peer.LinesAsync();
            Assert.Equal(behaviours, lines.Length);
            Assert.All(lines, line => Assert.StartsWith("ok ", line, StringComparison.Ordinal));
        }
        // Each peer, over each transport, gave up one waiting stream and let one call run into its deadline.
        await Eventually.True(() => host.Log.Cancelled >= 4, "our handlers learn of both cancellations and deadlines");
    }

    private sealed class Doubling : GRPCInferenceService.GRPCInferenceServiceBase
    {
        public override Task<ModelInferResponse> ModelInfer(ModelInferRequest request, ServerCallContext context)
        {
            Assert.Equal(3, request.Parameters["priority"].Int64Param);
            var input = MemoryMarshal.Cast<byte, float>(request.RawInputContents[0].Span);
            var output = new float[input.Length];
            for (var i = 0; i < output.Length; i++)
                output[i] = 2 * input[i];
            var response = new ModelInferResponse { ModelName = request.ModelName, Id = request.Id };
            response.Outputs.Add(new ModelInferResponse.Types.InferOutputTensor
            {
                Name = "y",
                Datatype = "FP32",
                Shape = { 1, 3 },
            });
            response.RawOutputContents.Add(ByteString.CopyFrom(MemoryMarshal.AsBytes<float>(output)));
            return Task.FromResult(response);
        }
    }
}
