using System.Net;
using System.Text.Json;
using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Identity;
using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Api;
using LeptonEdge.Hub.Api.Status;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Placement.Planning;
using LeptonEdge.Placement.Solving;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Tests.Hub.Accounts;
using Microsoft.Extensions.DependencyInjection;

namespace LeptonEdge.Tests.Hub.Api;

/// <summary>How the hub and its fleet do, and what moved; for all, and for who sees a part.</summary>
public sealed class HubStatusTests(HubUnderTest hub) : IClassFixture<HubUnderTest>
{
    [Fact]
    public async Task The_hubs_state_counts_what_the_caller_sees()
    {
        hub.Report("status-1", "status-east");
        hub.Report("status-2", "status-west");
        hub.Store("status-1", 1, batch => batch.Alarms.Add(
            Stocked.Alarm(AlarmTransition.Raised, 10, severity: AlarmSeverity.Critical)));
        hub.Store("status-2", 1, batch => batch.Alarms.Add(Stocked.Alarm(AlarmTransition.Raised, 10)));
        using var client = hub.Operator();
        var whole = await HubUnderTest.JsonAsync(client, "hub");
        Assert.Equal("plant-7", whole.GetProperty("tenant").GetString());
        Assert.True(Number(whole, "devices", "online") >= 2);
        Assert.Equal((2, 1, 1, 2), (
            Number(whole, "alarms", "active"), Number(whole, "alarms", "critical"), Number(whole, "alarms", "warning"), Number(whole, "alarms", "unacknowledged")));
        Assert.True(whole.GetProperty("store").GetProperty("up").GetBoolean());
        Assert.Equal(2, whole.GetProperty("store").GetProperty("batches").GetInt32());
        Assert.True(whole.GetProperty("broker").GetProperty("connected").GetBoolean());
        Assert.True(whole.GetProperty("memory").GetProperty("residentBytes").GetInt64() > 1 << 20);

        using var west = await Browser.OfRoleAsync(hub, "viewer", "west-viewer", ["status-west"]);
        using var answer = await west.SendAsync("GET", "hub");
        var part = await HubUnderTest.JsonAsync(answer);
        Assert.Equal((1, 1, 0), (
            Number(part, "devices", "total"), Number(part, "alarms", "active"), Number(part, "alarms", "critical")));
        Assert.Equal(JsonValueKind.Null, part.GetProperty("store").ValueKind);
        Assert.Equal(JsonValueKind.Null, part.GetProperty("plan").GetProperty("costPerHour").ValueKind);
    }

    [Fact]
    public async Task The_last_hour_is_kept_and_no_more_of_it_and_only_told_to_who_sees_all_sites()
    {
        hub.Report("trend-1", "trend-east");
        using var client = hub.Operator();
        var now = hub.Server.Services.GetRequiredService<HubStates>().Of(
            Caller.OfOperatorToken(new TenantId("plant-7")), withStore: false);
        var trend = hub.Server.Services.GetRequiredService<HubTrend>();
        for (var point = 1; point <= HubTrend.PointsMax + 5; point++)
            trend.Take(now with { TimeMicros = point, Rates = new HubRates(point, 0, 0) });
        var told = await HubUnderTest.JsonAsync(client, "hub/trend");
        var points = told.GetProperty("points").EnumerateArray().ToList();
        Assert.Equal(10, told.GetProperty("stepSeconds").GetInt32());
        Assert.Equal(HubTrend.PointsMax, points.Count);
        Assert.Equal(HubTrend.PointsMax + 5, points.Max(point => point.GetProperty("readingsPerSecond").GetInt32()));

        using var part = await Browser.OfRoleAsync(hub, "viewer", "trend-viewer", ["trend-east"]);
        using var answer = await part.SendAsync("GET", "hub/trend");
        Assert.Equal(System.Net.HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task Moves_of_the_past_are_listed_by_what_moved_and_why()
    {
        hub.Report("move-1", "move-east");
        hub.Report("move-2", "move-west");
        var archive = hub.Server.Services.GetRequiredService<PlanArchive>();
        for (var version = 1ul; version <= 3; version++)
        {
            archive.Add(
                new PlanInForce(version, (long)version * 10, [], 0, 0, 0),
                new PlanStep(true, [Moved("move-1", MoveCause.Gain), Moved("move-2", MoveCause.Drained)], null, null));
            archive.Save();
        }

        using var client = hub.Operator();
        var first = await HubUnderTest.JsonAsync(client, "plan/moves?limit=4&untilMicros=1000");
        var rest = await HubUnderTest.JsonAsync(
            client, $"plan/moves?limit=4&untilMicros=1000&cursor={first.GetProperty("next")}");
        Assert.Equal(
            ["move-2 30", "move-1 30", "move-2 20", "move-1 20", "move-2 10", "move-1 10"],
            Items(first).Concat(Items(rest)).Select(Text));
        Assert.Equal(JsonValueKind.Null, rest.GetProperty("next").ValueKind);
        var drained = Items(await HubUnderTest.JsonAsync(
            client, "plan/moves?device=move-2&workload=bearing&cause=drained&sinceMicros=20&untilMicros=30"));
        var only = Assert.Single(drained);
        Assert.Equal(("local", "hub", "drained"), (
            only.GetProperty("from").GetString(), only.GetProperty("to").GetString(), only.GetProperty("cause").GetString()));

        using var west = await Browser.OfRoleAsync(hub, "viewer", "west-moves", ["move-west"]);
        using var answer = await west.SendAsync("GET", "plan/moves");
        Assert.All(Items(await HubUnderTest.JsonAsync(answer)), move => Assert.StartsWith("move-2", Text(move)));
    }

    [Fact]
    public async Task The_hubs_own_nodes_are_drained_by_who_sees_all_sites()
    {
        hub.Report("drain-1", "drain-site");
        using var south = await Browser.OfRoleAsync(hub, "operator", "drain-operator", ["drain-site"]);
        using var refused = await south.SendAsync("PUT", "plan/drained/hub");
        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        using var unknown = await south.SendAsync("PUT", "plan/drained/pool:none");
        Assert.DoesNotContain("status-", await unknown.Content.ReadAsStringAsync());
        using var own = await south.SendAsync("PUT", "plan/drained/drain-1");
        Assert.Equal(HttpStatusCode.OK, own.StatusCode);
        using var client = hub.Operator();
        using var drained = await client.PutAsync("api/v1/plan/drained/hub", null);
        Assert.Equal(
            ["drain-1", "hub"], (await HubUnderTest.JsonAsync(client, "plan/controls")).GetProperty("drained")
                .EnumerateArray().Select(node => node.GetString()!).Order());
        using var taken = await south.SendAsync("DELETE", "plan/drained/hub");
        Assert.Equal(HttpStatusCode.NotFound, taken.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.DeleteAsync("api/v1/plan/drained/hub")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.DeleteAsync("api/v1/plan/drained/drain-1")).StatusCode);
    }

    [Fact]
    public void Deadlines_kept_lately_count_for_more_than_those_of_long_ago()
    {
        var pace = default(AnswerPace);
        var state = Answered(0, 0);
        for (var second = 1; second <= 600; second++)
            pace = pace.Next(state, state = Answered(second * 10, second * 5), 1);
        Assert.Equal((10, 5), (pace.AnswersPerSecond, pace.LatePerSecond), Near);
        for (var second = 1; second <= 600; second++)
            pace = pace.Next(state, state = Answered(6000 + (second * 10), 3000), 1);
        Assert.Equal((10, 0), (pace.AnswersPerSecond, pace.LatePerSecond), Near);
        // A device that counts anew, or backwards, tells nothing.
        Assert.Equal(pace, pace.Next(state, Answered(1, 0), 1));
    }

    private static bool Near((double, double) a, (double, double) b) =>
        Math.Abs(a.Item1 - b.Item1) < 0.01 && Math.Abs(a.Item2 - b.Item2) < 0.01;

    private static ReportedState Answered(int answers, int late)
    {
        var state = new ReportedState();
        state.Workloads.Add(new ReportedWorkload { InferencesLocal = (ulong)answers, Late = (ulong)late });
        return state;
    }

    private static DecidedMove Moved(string device, MoveCause cause) => new(
        0, device, "bearing", new RunsAt("whole", device), new RunsAt("whole", "hub"), cause, 0, "because");

    private static int Number(JsonElement at, string part, string name) => at.GetProperty(part).GetProperty(name).GetInt32();

    private static IEnumerable<JsonElement> Items(JsonElement page) => page.GetProperty("items").EnumerateArray();

    private static string Text(JsonElement move) => $"{move.GetProperty("device")} {move.GetProperty("timeMicros")}";
}
