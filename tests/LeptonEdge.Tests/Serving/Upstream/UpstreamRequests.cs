using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Net.Client;
using LeptonEdge.Protocol.Inference;
using LeptonEdge.Serving.Upstream;
using LeptonEdge.Tests.Hub;
using LeptonEdge.Tests.Polyfills.GrpcPeers;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Serving.Upstream;

/// <summary>Requests, servers and clients of the upstream tests.</summary>
internal static class UpstreamRequests
{
    public const int BearingWidth = 64;

    public static ModelInferRequest Bearing(string model = "bearing-fault")
    {
        var request = new ModelInferRequest { ModelName = model, Id = "u" };
        request.Inputs.Add(new ModelInferRequest.Types.InferInputTensor
        {
            Name = "input", Datatype = "FP32", Shape = { 1, BearingWidth },
        });
        request.RawInputContents.Add(ByteString.CopyFrom(new byte[BearingWidth * sizeof(float)]));
        return request;
    }

    /// <summary>For the Python server's model: of the three values the first comes back doubled, then the priority
    /// and the seconds left.</summary>
    public static ModelInferRequest Double(float value)
    {
        var request = new ModelInferRequest { ModelName = "double", Id = "d" };
        request.Inputs.Add(new ModelInferRequest.Types.InferInputTensor
        {
            Name = "x", Datatype = "FP32", Shape = { 1, 3 },
        });
        request.RawInputContents.Add(ServingHub.Bytes<float>([value, 0, 0]));
        return request;
    }

    public static float[] Values(ModelInferResponse reply) =>
        System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(reply.RawOutputContents[0].Span).ToArray();

    public static async Task<(PeerProcess Peer, string Address)> PythonAsync(TempFolder folder, string name)
    {
        var set = new FileDescriptorSet();
        FileDescriptor[] files = [ModelConfigReflection.Descriptor, OpenInferenceGrpcReflection.Descriptor];
        foreach (var file in files)
            set.File.Add(FileDescriptorProto.Parser.ParseFrom(file.SerializedData));
        var descriptors = folder.File("inference.pb");
        await File.WriteAllBytesAsync(descriptors, set.ToByteArray());
        return await PeerProcess.ServeAsync(PeerProcess.Python, "oip_server.py", descriptors, name);
    }

    public static UpstreamOptions Pool(string[] models, params string[] servers) => new()
    {
        Name = "peers",
        Models = models,
        Servers = [.. servers.Select(address => new Uri(address))],
        Health = new UpstreamHealthOptions { Every = TimeSpan.FromMilliseconds(200) },
    };

    public static GrpcChannel Channel(HubUnderTest hub) => GrpcChannel.ForAddress(
        hub.Https, new GrpcChannelOptions { HttpHandler = hub.TlsHandler(hub.Device("edge-up")) });

    public static GRPCInferenceService.GRPCInferenceServiceClient Client(GrpcChannel channel) => new(channel);

    /// <summary>Waits until the checks have found so many servers that are there and have the model ready.</summary>
    public static Task ReadyAsync(HubUnderTest hub, string model, int count) => Eventually.True(
        () => Pools(hub).Find(model)!.Servers.Count(server => server.IsUp && server.IsReady(model) == true) == count,
        $"{count} servers have {model} ready", secondsMax: 60);

    public static UpstreamPools Pools(HubUnderTest hub) =>
        (UpstreamPools)hub.Server.Services.GetService(typeof(UpstreamPools))!;
}
