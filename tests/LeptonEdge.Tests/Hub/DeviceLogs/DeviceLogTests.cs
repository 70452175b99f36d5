using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using LeptonEdge.Core;
using LeptonEdge.Hub.DeviceLogs;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Tests.Agent;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Hub.DeviceLogs;

/// <summary>A real agent at a real hub: its log, its alarm rules and what it says of its machine.</summary>
public sealed class DeviceLogTests(HubUnderTest hub) : IClassFixture<HubUnderTest>
{
    private const string Device = "devices/edge-press";

    [Fact]
    public async Task A_device_shows_its_log_takes_up_a_rule_and_says_what_it_is()
    {
        using var agent = new AgentProcess();
        Start(agent);
        using var client = hub.Operator();
        await agent.SaysAsync("alarm bearing-fault Raised");
        await RaisedAsync(client);

        var raised = Assert.Single(
            await LinesAsync(client, "level=warning"),
            line => Text(line, "message").Contains("alarm bearing-fault Raised", StringComparison.Ordinal));
        Assert.Equal("warning", Text(raised, "level"));
        Assert.Equal("LeptonEdge.Agent.Pipeline.DecisionStage", Text(raised, "category"));
        Assert.Single(await LinesAsync(client, "lines=1"));
        Assert.Empty(await LinesAsync(client, "level=critical"));

        await ClearsByAnotherRuleAsync(client);
        await SaysWhatItIsAsync(client);

        var started = await StartedAsync(client);
        await agent.StopAsync();
        Start(agent);
        await Eventually.True(
            async () => await StartedAsync(client) > started && Text(await RuleAsync(client), "source") == "hub",
            "the rule is held after a restart");
        Assert.Equal(1, (await RuleAsync(client)).GetProperty("alarms").GetInt64());

        await agent.StopAsync("KILL");
        await Eventually.True(
            async () => (await client.GetAsync($"api/v1/{Device}/logs")).StatusCode == HttpStatusCode.Conflict,
            "nobody answers for a device that is gone");
        using var follow = await client.GetAsync($"api/v1/{Device}/logs/follow");
        Assert.Equal(HttpStatusCode.Conflict, follow.StatusCode);
    }

    [Fact]
    public async Task A_device_that_does_not_answer_or_is_too_old_is_said_so()
    {
        await using var device = new ObedientDevice(hub, "edge-old");
        using var client = hub.Operator();
        const string Path = "devices/edge-old/logs";
        await Eventually.True(
            async () => (await client.GetAsync($"api/v1/{Path}")).StatusCode == HttpStatusCode.GatewayTimeout,
            "the old agent's command is taken");
        Assert.Contains("does not know how", Text(await HubUnderTest.JsonAsync(client, Path), "detail"));

        device.Lie = report => report.AnswersLogs = true;
        await Eventually.True(
            async () => Text(await HubUnderTest.JsonAsync(client, Path), "detail")
                .Contains("did not answer within 5 s", StringComparison.Ordinal),
            "the hub's patience has an end");
        var open = new List<HttpResponseMessage>();
        for (var i = 0; i < LogDesk.FollowersOfDeviceMax; i++)
            open.Add(await client.GetAsync($"api/v1/{Path}/follow", HttpCompletionOption.ResponseHeadersRead));
        Assert.All(open, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        using var more = await client.GetAsync($"api/v1/{Path}/follow");
        Assert.Equal(HttpStatusCode.TooManyRequests, more.StatusCode);
        open.ForEach(answer => answer.Dispose());
        await Eventually.True(
            async () =>
            {
                using var again = await client.GetAsync(
                    $"api/v1/{Path}/follow", HttpCompletionOption.ResponseHeadersRead);
                return again.IsSuccessStatusCode;
            },
            "who left makes room");
    }

    private static async Task ClearsByAnotherRuleAsync(HttpClient client)
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        using var reader = new StreamReader(
            await client.GetStreamAsync($"api/v1/{Device}/logs/follow?level=information", stop.Token));
        await client.PutAsJsonAsync(
            $"api/v1/{Device}/workloads/bearing/rules/bearing-fault", new { raiseAt = 60, clearBelow = 50 },
            stop.Token);
        var name = "";
        while (await reader.ReadLineAsync(stop.Token) is { } line)
        {
            if (line.StartsWith("event: ", StringComparison.Ordinal))
                name = line;
            else if (line.Contains("alarm bearing-fault Cleared", StringComparison.Ordinal))
                break;
        }

        Assert.Equal("event: log", name);
        var rule = await RuleAsync(client);
        Assert.Equal(("hub", 60.0, "", false), (
            Text(rule, "source"), rule.GetProperty("raiseAt").GetDouble(), Text(rule, "refused"),
            rule.GetProperty("pending").GetBoolean()));
        await Eventually.True(
            async () => (await RuleAsync(client)) is var now && !now.GetProperty("active").GetBoolean()
                && now.GetProperty("alarms").GetInt64() == 1,
            "the alarm was cleared, and raised once");
    }

    private static async Task SaysWhatItIsAsync(HttpClient client)
    {
        JsonElement shown = default;
        await Eventually.True(
            async () => (shown = await HubUnderTest.JsonAsync(client, Device)).GetProperty("summary")
                .GetProperty("storage").ValueKind != JsonValueKind.Null,
            "it has looked at its machine");
        Assert.True(shown.GetProperty("summary").GetProperty("storage").GetProperty("freeBytes").GetInt64() > 0);
        Assert.True(shown.GetProperty("summary").GetProperty("certificate").GetProperty("expiresMicros").GetInt64()
            > TimeProvider.System.GetUnixMicros());
        Assert.NotEqual("", Text(shown.GetProperty("inventory"), "kernel"));
        Assert.NotEqual("", Text(shown.GetProperty("inventory"), "architecture"));
    }

    private static async Task<JsonElement[]> LinesAsync(HttpClient client, string query) =>
        [.. (await HubUnderTest.JsonAsync(client, $"{Device}/logs?{query}")).GetProperty("items").EnumerateArray()];

    private static async Task<long> StartedAsync(HttpClient client) =>
        (await HubUnderTest.JsonAsync(client, Device)).GetProperty("summary").GetProperty("startedMicros").GetInt64();

    private static Task RaisedAsync(HttpClient client) => Eventually.True(
        async () => (await client.GetAsync($"api/v1/{Device}")).IsSuccessStatusCode
            && (await RuleAsync(client)).GetProperty("alarms").GetInt64() == 1,
        "the agent has raised its alarm", 60);

    private static Task<JsonElement> RuleAsync(HttpClient client) =>
        HubUnderTest.JsonAsync(client, $"{Device}/workloads/bearing/rules/bearing-fault");

    private void Start(AgentProcess agent)
    {
        hub.Device("edge-press");
        var folder = hub.DeviceFolder("edge-press");
        agent.Start(AgentProcess.Bearing($$"""
            hub: { mqtt: '127.0.0.1:{{hub.Server.Ports.Mqtt}}', grpc: 'https://127.0.0.1:{{hub.Server.Ports.Https}}' }
            """)
            .Replace("tenant: acme", $"tenant: {HubUnderTest.Tenant}", StringComparison.Ordinal)
            .Replace(
                "identity: { hub_key: hub.pub }",
                $"identity: {{ certificate: {folder}/device.crt, key: {folder}/device.key, ca: {folder}/ca.crt, "
                + $"hub_key: {folder}/hub.pub }}",
                StringComparison.Ordinal));
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;
}
