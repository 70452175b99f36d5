using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using LeptonEdge.Placement.Planning;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Hub;

/// <summary>A real hub, devices that do as they are told, and an operator at its API and at the command line.</summary>
public sealed class PlanApiTests : IAsyncLifetime
{
    private readonly HubUnderTest _hub = new()
    {
        Rules = new PlannerRules { StartGrace = TimeSpan.FromSeconds(1), Hold = TimeSpan.FromSeconds(1) },
    };

    public Task InitializeAsync() => _hub.InitializeAsync();

    public Task DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task A_pin_moves_a_workload_and_outlives_the_hub_and_its_decision_can_be_recomputed()
    {
        await using var press = new ObedientDevice(_hub, "press");
        using (var client = _hub.Operator())
        {
            await Planned(client, "press", "local");
            var pinned = await client.PutAsJsonAsync("api/v1/plan/pins/press/bearing", new { node = "hub" });
            Assert.Equal(HttpStatusCode.OK, pinned.StatusCode);
            await Eventually.True(() => press.Workload?.Place == PlaceCode.Hub, "the device is told to use the hub");
            var placed = await Planned(client, "press", "hub");
            Assert.Contains("pinned to hub", placed.GetProperty("reason").GetString());
            Assert.Equal("local", placed.GetProperty("before").GetString());
            var newest = (await HubUnderTest.JsonAsync(client, "plan/decisions")).GetProperty("items").EnumerateArray()
                .First(decision => decision.GetProperty("recomputable").GetBoolean());
            Assert.Equal("pinned", newest.GetProperty("moves")[0].GetProperty("cause").GetString());
            var again = await HubUnderTest.JsonAsync(await client.PostAsync(
                $"api/v1/plan/decisions/{newest.GetProperty("version")}/recompute", null));
            Assert.True(again.GetProperty("same").GetBoolean(), again.GetRawText());
            Assert.Equal("hub", again.GetProperty("recomputed")[0].GetProperty("to").GetString());
        }

        await _hub.StopAsync();
        await _hub.StartAsync();
        using var operatorAgain = _hub.Operator();
        var controls = await HubUnderTest.JsonAsync(operatorAgain, "plan/controls");
        Assert.Equal("hub", controls.GetProperty("pins")[0].GetProperty("node").GetString());
        await Planned(operatorAgain, "press", "hub");
        await operatorAgain.DeleteAsync("api/v1/plan/pins/press/bearing");
        Assert.Empty((await HubUnderTest.JsonAsync(operatorAgain, "plan/controls")).GetProperty("pins").EnumerateArray());
    }

    [Fact]
    public async Task A_dry_run_says_what_a_drain_would_move_and_moves_nothing()
    {
        await using var press = new ObedientDevice(_hub, "press");
        using var client = _hub.Operator();
        await Planned(client, "press", "local");
        var before = (await HubUnderTest.JsonAsync(client, "plan")).GetProperty("version").GetUInt64();
        var dry = await HubUnderTest.JsonAsync(
            await client.PostAsJsonAsync("api/v1/plan/dry-run", new { drain = new[] { "press" } }));
        var move = Assert.Single(dry.GetProperty("moves").EnumerateArray());
        Assert.Equal(("press", "hub", "drained"), (
            move.GetProperty("device").GetString(), move.GetProperty("to").GetString(),
            move.GetProperty("cause").GetString()));
        Assert.Equal(before, (await HubUnderTest.JsonAsync(client, "plan")).GetProperty("version").GetUInt64());
        var nothing = await HubUnderTest.JsonAsync(await client.PostAsJsonAsync("api/v1/plan/dry-run", new { }));
        Assert.Empty(nothing.GetProperty("moves").EnumerateArray());
    }

    [Fact]
    public async Task A_device_that_reports_nonsense_is_flagged_and_moves_nobody()
    {
        await using var press = new ObedientDevice(_hub, "press");
        await using var liar = new ObedientDevice(_hub, "liar");
        using var client = _hub.Operator();
        await Planned(client, "press", "local");
        await Planned(client, "liar", "local");
        liar.Lie = report => report.LaneUtilisation = -3;
        await Eventually.True(async () => await Distrust(client, "liar") is not null, "the liar is flagged");
        Assert.Contains("load", await Distrust(client, "liar"));
        Assert.Null(await Distrust(client, "press"));
        Assert.Empty((await HubUnderTest.JsonAsync(client, "plan")).GetProperty("moves").EnumerateArray());
        var shown = await _hub.LeptonAsync("plan", "show");
        Assert.Contains("not believed: liar, as its load is -3", shown.Output);
        var rows = (await HubUnderTest.JsonAsync(client, "summary")).GetProperty("rows").EnumerateArray()
            .ToLookup(row => row.GetProperty("device").GetString()!, row => row.GetProperty("distrust").GetString());
        Assert.All(rows["liar"], reason => Assert.Contains("load is -3", reason));
        Assert.All(rows["press"], Assert.Null);
        Assert.Single((await _hub.LeptonAsync("channel", "list")).Output.Split('\n'), line => line.Contains("not believed"));
        liar.Lie = static _ => { };
        await Eventually.True(async () => await Distrust(client, "liar") is null, "the liar is believed again");
    }

    [Fact]
    public async Task Work_that_a_dead_peer_did_for_another_runs_elsewhere_within_five_seconds()
    {
        await using var press = new ObedientDevice(_hub, "press");
        var pump = new ObedientDevice(_hub, "pump");
        foreach (var (device, port) in new[] { (press, 1), (pump, 2) })
        {
            device.Lie = report =>
            {
                report.PeerAddress = $"https://127.0.0.1:{port}";
                report.PeerModels.Add("bearing-fault/1.0.0");
            };
        }

        using var client = _hub.Operator();
        await Planned(client, "press", "local");
        await Planned(client, "pump", "local");
        await Eventually.True(
            async () => (await client.PutAsJsonAsync("api/v1/plan/pins/press/bearing", new { node = "pump" }))
                .IsSuccessStatusCode, "press and pump are peers");
        await Eventually.True(() => press.Workload?.Place == PlaceCode.Peer, "press is told to ask pump");
        Assert.Equal(("pump", "https://127.0.0.1:2"), (press.Workload!.Peer, press.Workload.PeerAddress));
        await Eventually.True(() => pump.Desired.Guests.Count == 1, "pump is told of its guest");
        Assert.Equal(
            ("press", "bearing", "bearing-fault/1.0.0"),
            (pump.Desired.Guests[0].Device, pump.Desired.Guests[0].Workload, pump.Desired.Guests[0].Model));
        await client.DeleteAsync("api/v1/plan/pins/press/bearing");
        await client.PutAsJsonAsync("api/v1/plan/drained/press", new { });
        await pump.DisposeAsync();
        await Eventually.True(() => press.Workload?.Place == PlaceCode.Hub, "press is told to use the hub");
        var plan = await HubUnderTest.JsonAsync(client, "plan");
        var move = plan.GetProperty("moves").EnumerateArray().First(m => m.GetProperty("toNode").GetString() == "hub");
        Assert.Equal("nodedown", move.GetProperty("cause").GetString());
        var pumpStanding = await DeviceAsync(client, "pump");
        Assert.True(pumpStanding.GetProperty("down").GetBoolean());
        var took = move.GetProperty("timeMicros").GetInt64() - pumpStanding.GetProperty("seenMicros").GetInt64();
        Assert.InRange(took, 1, 5_000_000);
    }

    [Theory]
    [InlineData("PUT", "pins/nobody/bearing", "hub", 404, "it knows press")]
    [InlineData("PUT", "pins/press/unknown", "hub", 404, "it has bearing")]
    [InlineData("PUT", "pins/press/bearing", "moon", 400, "neither 'hub' nor a device")]
    [InlineData("PUT", "pins/press/bearing", "", 400, "neither 'hub' nor a device")]
    [InlineData("PUT", "drained/Not A Name", "", 400, "device")]
    [InlineData("PUT", "drained/nobody", "", 404, "it knows press; the hub's own are hub")]
    [InlineData("PUT", "drained/pool:nobody", "", 404, "the hub's own are hub")]
    [InlineData("DELETE", "drained/press", "", 404, "is not drained")]
    [InlineData("DELETE", "pins/press/bearing", "", 404, "is not pinned")]
    [InlineData("GET", "workloads/press/unknown", "", 404, "GET /api/v1/plan lists")]
    [InlineData("GET", "decisions?limit=0", "", 400, "limit")]
    [InlineData("POST", "decisions/x/recompute", "", 400, "no whole number")]
    [InlineData("POST", "decisions/999999/recompute", "", 404, "no decision of plan 999999 is kept")]
    public async Task A_refusal_names_the_item_and_the_remedy(
        string method, string path, string node, int status, string named)
    {
        await using var press = new ObedientDevice(_hub, "press");
        using var client = _hub.Operator();
        await Planned(client, "press", "local");
        using var request = new HttpRequestMessage(new HttpMethod(method), $"api/v1/plan/{path}");
        if (method == "PUT")
            request.Content = JsonContent.Create(new { node });
        using var response = await client.SendAsync(request);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains(named, (await HubUnderTest.JsonAsync(response)).GetProperty("detail").GetString());
    }

    [Fact]
    public async Task The_command_line_shows_explains_drains_and_recomputes()
    {
        await using var press = new ObedientDevice(_hub, "press");
        using var client = _hub.Operator();
        await Planned(client, "press", "local");
        var shown = await _hub.LeptonAsync("plan", "show");
        Assert.Equal((0, ""), (shown.Status, shown.Errors));
        Assert.Matches("press +bearing +press ", shown.Output);
        var drained = await _hub.LeptonAsync("plan", "drain", "press");
        Assert.Equal((0, "drained: press\n"), (drained.Status, drained.Output));
        await Eventually.True(() => press.Workload?.Place == PlaceCode.Hub, "the device is emptied");
        await Planned(client, "press", "hub");
        var explained = await _hub.LeptonAsync("plan", "explain", "bearing");
        Assert.Contains("press/bearing on hub: moved to hub: press is drained", explained.Output);
        Assert.Matches("press +whole .*drained", explained.Output);
        var history = await _hub.LeptonAsync("plan", "history");
        Assert.Matches(@"press/bearing: press to hub \(drained\).*yes", history.Output);
        var version = JsonDocument.Parse((await _hub.LeptonAsync("plan", "history", "-o", "json")).Output).RootElement
            .GetProperty("items").EnumerateArray().First(d => d.GetProperty("recomputable").GetBoolean())
            .GetProperty("version").ToString();
        var again = await _hub.LeptonAsync("plan", "recompute", version);
        Assert.Equal(0, again.Status);
        Assert.Contains("the same moves at the same cost", again.Output);
        var dry = await _hub.LeptonAsync("plan", "dry-run", "--undrain", "press");
        Assert.Contains("press/bearing would move to press, and waits for", dry.Output);
        var undrained = await _hub.LeptonAsync("plan", "undrain", "press");
        Assert.Equal((0, "nothing is pinned or drained\n"), (undrained.Status, undrained.Output));
        await Eventually.True(() => press.Workload?.Place == PlaceCode.Local, "the work goes home");
    }

    [Theory]
    [InlineData(3, "no device has 'nothing'", "plan", "explain", "nothing")]
    [InlineData(2, "must be DEVICE/WORKLOAD=NODE", "plan", "dry-run", "--pin", "press")]
    [InlineData(3, "no device 'nobody' has reported", "plan", "drain", "nobody")]
    [InlineData(3, "no decision of plan 77 is kept", "plan", "recompute", "77")]
    public async Task What_the_command_line_cannot_do_it_says_with_the_remedy(
        int expectedStatus, string expected, params string[] arguments)
    {
        var (status, output, errors) = await _hub.LeptonAsync(arguments);
        Assert.Equal((expectedStatus, ""), (status, output));
        Assert.Contains(expected, errors);
    }

    private static async Task<JsonElement> Planned(HttpClient client, string device, string place)
    {
        JsonElement found = default;
        await Eventually.True(async () =>
        {
            found = (await HubUnderTest.JsonAsync(client, "plan")).GetProperty("placements").EnumerateArray()
                .FirstOrDefault(placed => placed.GetProperty("device").GetString() == device);
            return found.ValueKind == JsonValueKind.Object && found.GetProperty("place").GetString() == place;
        }, $"{device}'s workload is planned: {place}");
        return found;
    }

    private static async Task<JsonElement> DeviceAsync(HttpClient client, string device) =>
        (await HubUnderTest.JsonAsync(client, "plan/devices")).GetProperty("items").EnumerateArray()
            .First(known => known.GetProperty("device").GetString() == device);

    private static async Task<string?> Distrust(HttpClient client, string device) =>
        (await DeviceAsync(client, device)).GetProperty("distrust").GetString();
}
