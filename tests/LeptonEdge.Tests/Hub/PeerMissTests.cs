using System.Net.Http.Json;
using System.Text.Json;
using LeptonEdge.Placement.Planning;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Hub;

/// <summary>A device tells the hub that its peer fails it.</summary>
public sealed class PeerMissTests : IAsyncLifetime
{
    // Silence alone would say nothing for longer than the test lasts.
    private readonly HubUnderTest _hub = new()
    {
        Rules = new PlannerRules { StartGrace = TimeSpan.FromSeconds(1), SilentAfter = TimeSpan.FromMinutes(10) },
    };

    public Task InitializeAsync() => _hub.InitializeAsync();

    public Task DisposeAsync() => _hub.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Work_leaves_a_peer_that_fails_it_though_the_peer_itself_says_that_it_is_well(bool passedOver)
    {
        await using var press = Peer("press", 1);
        await using var pump = Peer("pump", 2);
        using var client = _hub.Operator();
        await Eventually.True(
            async () => (await HubUnderTest.JsonAsync(client, "plan")).GetProperty("placements")
                .GetArrayLength() == 2, "both are planned");
        await Eventually.True(
            async () => (await HubUnderTest.JsonAsync(client, "plan/workloads/press/bearing"))
                .GetProperty("options").EnumerateArray().Any(option => option.GetProperty("node").GetString() == "pump"
                    && option.GetProperty("limit").ValueKind == JsonValueKind.Null), "the peer is a place for it");
        (await client.PutAsJsonAsync("api/v1/plan/drained/press", new { })).EnsureSuccessStatusCode();
        await Eventually.True(
            () => press.Workload?.Place == PlaceCode.Peer, "the drained device's work is at its peer");
        Assert.Equal("pump", press.Workload!.Peer);
        var answers = press.Lie;
        var (answered, failed) = (0ul, 0ul);
        var fails = false;
        press.Lie = report =>
        {
            answers(report);
            answered += 8;
            failed += fails && press.Workload?.Place == PlaceCode.Peer ? 8ul : 0;
            var workload = report.Workloads[0];
            (workload.InferencesPeer, workload.InferencesLocal) = (answered - failed, failed);
            if (passedOver)
                workload.PeerPassedOver = failed;
            else
                workload.Fallbacks = failed;
        };
        await Eventually.True(() => answered > 100, "the peer answers");
        Assert.Equal(PlaceCode.Peer, press.Workload?.Place);
        fails = true;
        await Eventually.True(() => press.Workload?.Place == PlaceCode.Hub, "the work is elsewhere");
        var plan = await HubUnderTest.JsonAsync(client, "plan");
        var move = plan.GetProperty("moves")[0];
        Assert.Equal(("pump", "hub", "missed"), (
            move.GetProperty("fromNode").GetString(), move.GetProperty("toNode").GetString(),
            move.GetProperty("cause").GetString()));
        // Until the move is made, every other place is ruled out by that.
        await Eventually.True(
            async () => (await HubUnderTest.JsonAsync(client, "plan/workloads/press/bearing"))
                .GetProperty("options").EnumerateArray().Any(option => option.GetProperty("node").GetString() == "pump"
                    && option.GetProperty("limit") is { ValueKind: JsonValueKind.String } limit
                    && limit.GetString() == "pump missed its deadline lately"),
            "it is said why the peer is no place for it");
    }

    private ObedientDevice Peer(string name, int port) => new(_hub, name)
    {
        Lie = report =>
        {
            report.PeerAddress = $"https://127.0.0.1:{port}";
            report.PeerModels.Add("bearing-fault/1.0.0");
            report.Workloads[0].DeadlineSeconds = 5;
        },
    };
}
