using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using LeptonEdge.Core.Pricing;
using LeptonEdge.Placement.Planning;
using LeptonEdge.Protocol.Inference;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Serving.Upstream;
using LeptonEdge.Tests.Serving.Upstream;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Hub;

/// <summary>A real hub whose plan sends work on to another hub, a process of its own.</summary>
[Collection(Alone.Name)]
public sealed class PlannedPoolTests : IAsyncLifetime
{
    private const string Pool = "pool:hubs";
    private UpstreamHub _other = null!;
    private HubUnderTest _hub = null!;

    public async Task InitializeAsync()
    {
        _other = await UpstreamHub.StartAsync();
        _hub = new HubUnderTest
        {
            Upstreams = [UpstreamHub.Pool(["bearing-*"], _other) with { When = UpstreamWhen.Overloaded }],
            // The pool is the cheapest by far, and the device the dearest.
            Prices = new PriceBook(
                "EUR", new Prices(1, 1, 0, 0),
                [
                    new PriceOverride(NodeKind.Hub, null, CoreSecond: 0.1),
                    new PriceOverride(NodeKind.Pool, null, AcceleratorSecond: 1e-5),
                ]),
            Rules = HubUnderTest.QuickRules,
        };
        await _hub.InitializeAsync();
    }

    public async Task DisposeAsync()
    {
        await _hub.DisposeAsync();
        await _other.DisposeAsync();
    }

    [Fact]
    public async Task A_workload_is_answered_by_the_pool_that_the_plan_names_and_by_the_hub_when_that_dies()
    {
        await using var press = Press();
        using var client = _hub.Operator();
        await PlannedOn(client, Pool);
        await Eventually.True(() => press.Workload?.Place == PlaceCode.Hub, "the device is told to ask the hub");
        using var channel = UpstreamRequests.Channel(_hub);
        using var own = Grpc.Net.Client.GrpcChannel.ForAddress(
            _hub.Https,
            new Grpc.Net.Client.GrpcChannelOptions { HttpHandler = _hub.TlsHandler(_hub.Device("press")) });
        var (asPress, asOther) = (UpstreamRequests.Client(own), UpstreamRequests.Client(channel));

        Assert.True(await PassesOnAsync(asPress, "bearing"), "the plan's word sends it to the pool");
        // 'when: overloaded' holds for whoever the plan says nothing of.
        Assert.False(await PassesOnAsync(asPress, "another"), "no plan of that workload");
        Assert.False(await PassesOnAsync(asOther, "bearing"), "another device's workload of that name");
        var explained = await HubUnderTest.JsonAsync(client, "plan/workloads/press/bearing");
        Assert.Contains(
            explained.GetProperty("options").EnumerateArray(),
            option => option.GetProperty("node").GetString() == Pool
                && option.GetProperty("latencySeconds").GetDouble() > 0);

        await _other.KillAsync();
        await PlannedOn(client, "hub");
        var plan = await HubUnderTest.JsonAsync(client, "plan");
        var move = plan.GetProperty("moves")[0];
        Assert.Equal((Pool, "hub", "nodedown"), (
            move.GetProperty("fromNode").GetString(), move.GetProperty("toNode").GetString(),
            move.GetProperty("cause").GetString()));
        Assert.False(await PassesOnAsync(asPress, "bearing"), "the hub's own workers answer");

        await _other.RestartAsync();
        await PlannedOn(client, Pool);
        Assert.True(await PassesOnAsync(asPress, "bearing"), "the pool answers again");
    }

    [Fact]
    public async Task A_pin_holds_a_workload_at_the_hub_or_at_a_pool_and_a_drained_pool_is_emptied()
    {
        await using var press = Press();
        using var client = _hub.Operator();
        await PlannedOn(client, Pool);
        await Put(client, "pins/press/bearing", "hub", HttpStatusCode.OK);
        await PlannedOn(client, "hub");
        await Put(client, "pins/press/bearing", Pool, HttpStatusCode.OK);
        await PlannedOn(client, Pool);
        await client.DeleteAsync("api/v1/plan/pins/press/bearing");
        await Put(client, $"drained/{Pool}", "", HttpStatusCode.OK);
        await PlannedOn(client, "hub");
        await client.DeleteAsync($"api/v1/plan/drained/{Pool}");
        await PlannedOn(client, Pool);

        await Put(client, "pins/press/bearing", "pool:none", HttpStatusCode.BadRequest, "pool:NAME");
        await Put(client, "drained/pool:none", "", HttpStatusCode.NotFound, "own are hub, pool:hubs");
        press.Lie = report => report.Workloads[0].HubModel = "lamp-state";
        await Eventually.True(
            async () => await StatusAsync(client, "pins/press/bearing", Pool) == HttpStatusCode.Conflict,
            "the pool does not answer for the model");
        await Put(client, "pins/press/bearing", Pool, HttpStatusCode.Conflict, "does not answer for lamp-state");
    }

    /// <summary>Whether the other hub has answered.</summary>
    private async Task<bool> PassesOnAsync(GRPCInferenceService.GRPCInferenceServiceClient client, string workload)
    {
        var pool = UpstreamRequests.Pools(_hub).All[0];
        var before = Passed();
        var request = UpstreamRequests.Bearing();
        request.Parameters["workload"] = new InferParameter { StringParam = workload };
        Assert.Equal("bearing-fault", (await client.ModelInferAsync(request)).ModelName);
        return Passed() > before;

        // Calls of clients alone: soundings are not counted there.
        long Passed() => pool.CountersOf("bearing-fault")?.Read().Counts.Successes ?? 0;
    }

    private ObedientDevice Press() => new(_hub, "press")
    {
        Lie = report =>
        {
            report.Workloads[0].DeadlineSeconds = 5;
            report.Workloads[0].Offload = OffloadCode.Plan;
        },
    };

    private static Task PlannedOn(HttpClient client, string node) => Eventually.True(
        async () => (await HubUnderTest.JsonAsync(client, "plan")).GetProperty("placements")
            .EnumerateArray().Any(placed => placed.GetProperty("node").GetString() == node
                && !placed.GetProperty("preparing").GetBoolean()),
        $"the plan says {node}", secondsMax: 60);

    private static async Task Put(
        HttpClient client, string path, string node, HttpStatusCode status, string named = "")
    {
        using var response = await client.PutAsJsonAsync($"api/v1/plan/{path}", new { node });
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(status == response.StatusCode, text);
        Assert.Contains(named, text);
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path, string node)
    {
        using var response = await client.PutAsJsonAsync($"api/v1/plan/{path}", new { node });
        return response.StatusCode;
    }
}
