using Grpc.Core;
using LeptonEdge.Protocol.Inference;
using LeptonEdge.Serving.Upstream;
using LeptonEdge.Tests.Hub;
using LeptonEdge.Tests.Polyfills.GrpcPeers;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Serving.Upstream;

/// <summary>A hub that passes work on to servers written by others: Python's grpcio.</summary>
public sealed class UpstreamPeerTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly List<PeerProcess> _peers = [];
    private HubUnderTest _hub = null!;

    public Task InitializeAsync()
    {
        Directory.CreateDirectory(_folder.File("none"));
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _hub.DisposeAsync();
        foreach (var peer in _peers)
            await peer.DisposeAsync();
        _folder.Dispose();
    }

    [PythonPeerFact("grpc", "python3-grpcio")]
    public async Task Priority_and_deadline_travel_with_the_request_and_typed_contents_come_back()
    {
        using var channel = await StartAsync(1);
        var request = UpstreamRequests.Double(21);
        request.Parameters["priority"] = new InferParameter { Int64Param = 2 };
        var deadline = TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(8);
        var reply = await UpstreamRequests.Client(channel).ModelInferAsync(request, deadline: deadline);
        Assert.Equal("d", reply.Id);
        var values = UpstreamRequests.Values(reply);
        Assert.Equal([42f, 2f], values[..2]);
        Assert.InRange(values[2], 0.001f, 8f);
        var metadata = await UpstreamRequests.Client(channel).ModelMetadataAsync(
            new ModelMetadataRequest { Name = "double" });
        Assert.Equal("python", metadata.Platform);
        // It keeps no index: what the configuration names is listed all the same.
        var index = await UpstreamRequests.Client(channel).RepositoryIndexAsync(new RepositoryIndexRequest());
        Assert.Equal("READY", Assert.Single(index.Models).State);
    }

    [PythonPeerFact("grpc", "python3-grpcio")]
    public async Task A_server_killed_in_the_middle_of_traffic_costs_no_answer()
    {
        using var channel = await StartAsync(3);
        var traffic = new Traffic(UpstreamRequests.Client(channel), () => UpstreamRequests.Double(1));
        traffic.Start(8);
        await Eventually.True(() => Pool.Servers.All(server => Answered(server) > 10), "all answer", 60);
        await _peers[1].KillAsync();
        var before = traffic.Answers;
        await Eventually.True(() => traffic.Answers > before + 100, "the others go on", 60);
        await traffic.StopAsync();
        Assert.Empty(traffic.Faults);
    }

    [PythonPeerFact("grpc", "python3-grpcio")]
    public async Task A_server_that_stalls_without_a_word_costs_no_answer()
    {
        using var channel = await StartAsync(2);
        var client = UpstreamRequests.Client(channel);
        for (var i = 0; i < 20; i++)
            await client.ModelInferAsync(UpstreamRequests.Double(1));
        await _peers[0].StallAsync();
        var traffic = new Traffic(client, () => UpstreamRequests.Double(1));
        traffic.Start(2);
        await Eventually.True(() => traffic.Answers > 100, "the other answers for it", 60);
        await traffic.StopAsync();
        Assert.Empty(traffic.Faults);
    }

    [PythonPeerFact("grpc", "python3-grpcio")]
    public async Task A_busy_server_is_left_alone_and_its_hint_reaches_the_caller_when_all_are_busy()
    {
        using var channel = await StartAsync(2);
        var client = UpstreamRequests.Client(channel);
        await client.ModelInferAsync(UpstreamRequests.Double(1));
        await _peers[0].TellAsync("busy");
        for (var i = 0; i < 20; i++)
            Assert.Equal("2", (await client.ModelInferAsync(UpstreamRequests.Double(1))).ModelVersion);
        await _peers[1].TellAsync("busy");
        var request = UpstreamRequests.Double(1);
        request.Parameters["timeout"] = new InferParameter { Int64Param = 30_000 };
        var refused = await Assert.ThrowsAsync<RpcException>(() => client.ModelInferAsync(request).ResponseAsync);
        Assert.True(
            refused.StatusCode is StatusCode.ResourceExhausted or StatusCode.DeadlineExceeded, refused.Message);

        // With time left it is worth waiting.
        var patient = client.ModelInferAsync(UpstreamRequests.Double(3)).ResponseAsync;
        await _peers[1].TellAsync("ok");
        Assert.Equal(6f, UpstreamRequests.Values(await patient)[0]);
    }

    [PythonPeerFact("grpc", "python3-grpcio")]
    public async Task What_one_server_fails_at_another_answers_and_a_failing_model_ejects_no_server()
    {
        using var channel = await StartAsync(2);
        var client = UpstreamRequests.Client(channel);
        await _peers[0].TellAsync("fail");
        for (var i = 0; i < 20; i++)
            Assert.Equal("2", (await client.ModelInferAsync(UpstreamRequests.Double(1))).ModelVersion);
        await _peers[1].TellAsync("fail");
        var refused = await Assert.ThrowsAsync<RpcException>(
            () => client.ModelInferAsync(UpstreamRequests.Double(1)).ResponseAsync);
        Assert.Equal(StatusCode.Internal, refused.StatusCode);
        Assert.Contains("out of order", refused.Status.Detail);
        await _peers[0].TellAsync("ok");
        Assert.Equal("1", (await client.ModelInferAsync(UpstreamRequests.Double(1))).ModelVersion);
        Assert.DoesNotContain(Pool.Servers, server => server.IsEjected);
    }

    private UpstreamPool Pool => UpstreamRequests.Pools(_hub).All[0];

    private async Task<Grpc.Net.Client.GrpcChannel> StartAsync(int count)
    {
        var addresses = new List<string>();
        for (var i = 1; i <= count; i++)
        {
            var (peer, address) = await UpstreamRequests.PythonAsync(_folder, $"{i}");
            _peers.Add(peer);
            addresses.Add(address);
        }

        _hub = new HubUnderTest
        {
            ModelsFolder = _folder.File("none"),
            Upstreams = [UpstreamRequests.Pool(["double"], [.. addresses])],
        };
        await _hub.InitializeAsync();
        await UpstreamRequests.ReadyAsync(_hub, "double", count);
        return UpstreamRequests.Channel(_hub);
    }

    private static long Answered(UpstreamServer server) =>
        server.Counters.ByStatus.Where(pair => pair.Status == "OK").Sum(pair => pair.Count);
}
