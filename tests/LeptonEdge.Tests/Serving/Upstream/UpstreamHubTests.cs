using Grpc.Core;
using LeptonEdge.Protocol.Inference;
using LeptonEdge.Serving.Upstream;
using LeptonEdge.Tests.Hub;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Serving.Upstream;

/// <summary>A hub that passes work on to other hubs, each a process of its own.</summary>
public sealed class UpstreamHubTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string NoModels => Directory.CreateDirectory(_folder.File("none")).FullName;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_model_of_another_hub_is_answered_described_and_listed_as_if_it_were_here()
    {
        await using var other = await UpstreamHub.StartAsync();
        var hub = new HubUnderTest { ModelsFolder = NoModels, Upstreams = [UpstreamHub.Pool(["bearing-*"], other)] };
        await hub.InitializeAsync();
        try
        {
            using var channel = UpstreamRequests.Channel(hub);
            var client = UpstreamRequests.Client(channel);
            var reply = await client.ModelInferAsync(UpstreamRequests.Bearing());
            Assert.Equal(("bearing-fault", "1.0.0", "u"), (reply.ModelName, reply.ModelVersion, reply.Id));
            Assert.Equal([1, 4], Assert.Single(reply.Outputs).Shape);
            var metadata = await client.ModelMetadataAsync(new ModelMetadataRequest { Name = "bearing-fault" });
            Assert.Equal([-1, 64], metadata.Inputs[0].Shape);
            var config = await client.ModelConfigAsync(new ModelConfigRequest { Name = "bearing-fault" });
            Assert.Equal("bearing-fault", config.Config.Name);
            Assert.True((await client.ModelReadyAsync(new ModelReadyRequest { Name = "bearing-fault" })).Ready);
            await Eventually.True(
                async () => (await client.RepositoryIndexAsync(new RepositoryIndexRequest { Ready = true })).Models
                    .Any(model => model is { Name: "bearing-fault-large", State: "READY" }),
                "the other hub's models are listed");
            var statistics = await client.ModelStatisticsAsync(new ModelStatisticsRequest { Name = "bearing-fault" });
            Assert.Equal(1UL, Assert.Single(statistics.ModelStats).InferenceStats.Success.Count);
            await RefusesAsync(client, StatusCode.NotFound, "nothing", "model_name");
            await RefusesAsync(client, StatusCode.NotFound, "bearing-nothing", "bearing-nothing");
            await RefusesAsync(client, StatusCode.InvalidArgument, "bearing-fault", "inputs[0].shape", width: 63);

            using var rest = hub.Operator();
            var body = $$"""
                {"inputs":[{"name":"input","shape":[1,64],"datatype":"FP32",
                 "data":[{{string.Join(',', Enumerable.Repeat("0", 64))}}]}]}
                """;
            var answer = await rest.PostAsync("v2/models/bearing-fault/infer", new StringContent(body));
            var json = await HubUnderTest.JsonAsync(answer);
            Assert.Equal(4, json.GetProperty("outputs")[0].GetProperty("data").GetArrayLength());
            using var open = hub.Client();
            Assert.Contains("lepton_hub_upstream_requests_total{pool=\"hubs\"", await open.GetStringAsync("/metrics"));
        }
        finally
        {
            await hub.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_hub_killed_in_the_middle_of_traffic_costs_no_answer()
    {
        await using var first = await UpstreamHub.StartAsync();
        await using var second = await UpstreamHub.StartAsync(like: first);
        var hub = new HubUnderTest
        {
            ModelsFolder = NoModels,
            Upstreams = [Both(first, second)],
        };
        await hub.InitializeAsync();
        try
        {
            await UpstreamRequests.ReadyAsync(hub, "bearing-fault", 2);
            using var channel = UpstreamRequests.Channel(hub);
            var client = UpstreamRequests.Client(channel);
            var pool = UpstreamRequests.Pools(hub).All[0];
            var traffic = new Traffic(client);
            traffic.Start(8);
            await Eventually.True(
                () => pool.Servers.All(server => Answered(server) > 20), "both answer", secondsMax: 60);
            await first.KillAsync();
            var before = traffic.Answers;
            await Eventually.True(() => traffic.Answers > before + 200, "the other goes on", secondsMax: 60);
            await traffic.StopAsync();
            Assert.Empty(traffic.Faults);
            Assert.False(pool.Servers[0].IsUp);
        }
        finally
        {
            await hub.DisposeAsync();
        }
    }

    [Fact]
    public async Task What_is_too_much_for_this_hub_goes_to_the_other_and_nothing_else_does()
    {
        await using var other = await UpstreamHub.StartAsync();
        var pool = UpstreamHub.Pool(["*"], other) with { When = UpstreamWhen.Overloaded };
        var hub = new HubUnderTest { Upstreams = [pool] };
        await hub.InitializeAsync();
        try
        {
            using var channel = UpstreamRequests.Channel(hub);
            var client = UpstreamRequests.Client(channel);
            var server = UpstreamRequests.Pools(hub).All[0].Servers[0];
            for (var i = 0; i < 10; i++)
                await client.ModelInferAsync(UpstreamRequests.Bearing());
            Assert.Equal(0, Answered(server));

            // One worker and four places in its queue: 64 at once are too many.
            var traffic = new Traffic(client);
            traffic.Start(64);
            await Eventually.True(() => Answered(server) > 20, "some are passed on", secondsMax: 60);
            await traffic.StopAsync();
            Assert.Empty(traffic.Faults);
            Assert.True(traffic.Answers > Answered(server), "this hub answers too");
        }
        finally
        {
            await hub.DisposeAsync();
        }
    }

    [Fact]
    public async Task Hubs_that_name_each_other_refuse_what_neither_has_instead_of_passing_it_round()
    {
        await using var ring = await UpstreamHub.StartAsync();
        await ring.NameItselfAsync(["*"]);
        using var rest = ring.Operator();
        foreach (var path in (string[])["v2/models/nowhere", "v2/models/nowhere/config"])
            await Eventually.True(
                async () => (await (await rest.GetAsync(path)).Content.ReadAsStringAsync()).Contains("form a ring"),
                "it reaches itself, and says so", secondsMax: 60);

        var ready = await rest.GetAsync("v2/models/nowhere/ready");
        Assert.Equal(System.Net.HttpStatusCode.NotFound, ready.StatusCode);
        var body = $$"""{"inputs":[{"name":"input","shape":[1,64],"datatype":"FP32","data":[{{Zeros}}]}]}""";
        var infer = await rest.PostAsync("v2/models/nowhere/infer", new StringContent(body));
        Assert.Contains("form a ring", await infer.Content.ReadAsStringAsync());
        // What it has itself it answers, however often it named itself for it.
        var own = await rest.PostAsync("v2/models/bearing-fault/infer", new StringContent(body));
        Assert.True(own.IsSuccessStatusCode, await own.Content.ReadAsStringAsync());
    }

    private static string Zeros => string.Join(',', Enumerable.Repeat("0", UpstreamRequests.BearingWidth));

    private UpstreamOptions Both(UpstreamHub first, UpstreamHub second)
    {
        var roots = _folder.File("roots.pem");
        File.WriteAllText(roots, File.ReadAllText(first.AuthorityFile) + File.ReadAllText(second.AuthorityFile));
        return UpstreamHub.Pool(["bearing-*"], first, second) with { AuthorityFile = roots };
    }

    private static long Answered(UpstreamServer server) =>
        server.Counters.ByStatus.Where(pair => pair.Status == "OK").Sum(pair => pair.Count);

    private static async Task RefusesAsync(
        GRPCInferenceService.GRPCInferenceServiceClient client, StatusCode status, string model, string detail,
        int width = UpstreamRequests.BearingWidth)
    {
        var request = UpstreamRequests.Bearing(model);
        request.Inputs[0].Shape[1] = width;
        var refused = await Assert.ThrowsAsync<RpcException>(() => client.ModelInferAsync(request).ResponseAsync);
        Assert.Equal(status, refused.StatusCode);
        Assert.Contains(detail, refused.Status.Detail);
    }
}
