using Google.Protobuf;
using Google.Protobuf.Reflection;
using LeptonEdge.Protocol.Inference;
using LeptonEdge.Tests.Polyfills.GrpcPeers;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Serving;

/// <summary>Other people's gRPC and HTTP clients against the whole protocol.</summary>
public sealed class InferencePeerTests(ServingHub serving) : IClassFixture<ServingHub>
{
    private const string Device = "edge-peer";

    [PythonPeerFact("grpc", "python3-grpcio")]
    public async Task Python_grpcio_and_http_client_use_every_method()
    {
        using var folder = new TempFolder();
        var set = new FileDescriptorSet();
        FileDescriptor[] files = [ModelConfigReflection.Descriptor, OpenInferenceGrpcReflection.Descriptor];
        foreach (var file in files)
            set.File.Add(FileDescriptorProto.Parser.ParseFrom(file.SerializedData));
        var descriptors = folder.File("inference.pb");
        await File.WriteAllBytesAsync(descriptors, set.ToByteArray());
        await using var peer = PeerProcess.Start(
            PeerProcess.Python, "oip_client.py",
            [.. Login, descriptors, serving.Hub.Http.Authority, serving.Hub.Token]);
        var lines = await peer.LinesAsync();
        Assert.Equal(16, lines.Length);
        Assert.All(lines, line => Assert.StartsWith("ok ", line, StringComparison.Ordinal));
    }

    [NpmPeerFact("@grpc/proto-loader")]
    public async Task Grpc_js_uses_what_Triton_added()
    {
        var protos = Path.Combine(Requires.RepositoryRoot, "src", "LeptonEdge.Protocol", "Protos");
        await using var peer = PeerProcess.Start("node", "oip_client.js", [.. Login, protos]);
        var lines = await peer.LinesAsync();
        Assert.Equal(6, lines.Length);
        Assert.All(lines, line => Assert.StartsWith("ok ", line, StringComparison.Ordinal));
    }

    private string[] Login =>
    [
        $"localhost:{serving.Hub.Server.Ports.Https}", serving.Hub.DeviceFile(Device, "ca.crt"),
        serving.Hub.DeviceFile(Device, "device.crt"), serving.Hub.DeviceFile(Device, "device.key"),
    ];
}
