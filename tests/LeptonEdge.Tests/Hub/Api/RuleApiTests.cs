using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Identity;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Protocol.V1;
using Microsoft.Extensions.DependencyInjection;

namespace LeptonEdge.Tests.Hub.Api;

/// <summary>Alarm rules through the API, of devices that report them.</summary>
public sealed class RuleApiTests(HubUnderTest hub) : IClassFixture<HubUnderTest>
{
    private static string Address(string device, string rule = "hot") =>
        $"api/v1/devices/{device}/workloads/bearing/rules/{rule}";

    [Fact]
    public async Task A_rule_is_shown_as_its_device_holds_it_with_what_it_has_raised()
    {
        hub.Report("rule-1", rule: Stocked.Rule());
        hub.Store("rule-1", 1, batch =>
        {
            batch.Alarms.Add(Stocked.Alarm(AlarmTransition.Raised, 10));
            batch.Alarms.Add(Stocked.Alarm(AlarmTransition.Raised, 20, "gone"));
        });
        using var client = hub.Operator();
        var rules = (await HubUnderTest.JsonAsync(client, "rules?device=rule-1&sort=rule")).GetProperty("items");
        Assert.Equal(["gone", "hot"], rules.EnumerateArray().Select(rule => Text(rule, "rule")));
        Assert.Equal("past", Text(rules[0], "source"));
        var held = rules[1];
        Assert.Equal("rms at or above 5, 3 in a row; clears below 4", Text(held, "condition"));
        Assert.Equal(
            ("configuration", "bearing", "drive-end.rms"),
            (Text(held, "source"), Text(held, "workload"), Text(held, "channel")));
        Assert.Equal((1, 10), (held.GetProperty("alarms").GetInt32(), held.GetProperty("lastMicros").GetInt64()));
    }

    [Fact]
    public async Task A_change_travels_in_the_desired_state_and_survives_a_restart_of_the_hub()
    {
        hub.Report("rule-2", rule: Stocked.Rule());
        using (var client = hub.Operator())
        {
            using var read = await client.GetAsync(Address("rule-2"));
            var tag = read.Headers.ETag!.Tag;
            using var changed = await SendAsync(client, HttpMethod.Put, "rule-2", new { raiseAt = 9.5 }, tag);
            var rule = await HubUnderTest.JsonAsync(changed);
            Assert.True(rule.GetProperty("pending").GetBoolean());
            Assert.Equal(9.5, rule.GetProperty("wanted").GetProperty("raiseAt").GetDouble());
            using var stale = await SendAsync(client, HttpMethod.Put, "rule-2", new { raiseAt = 8 }, tag);
            Assert.Equal(HttpStatusCode.PreconditionFailed, stale.StatusCode);
            using var more = await SendAsync(client, HttpMethod.Put, "rule-2", new { severity = "critical" }, "\"1\"");
            Assert.Equal("\"2\"", more.Headers.ETag!.Tag);
        }

        await hub.StopAsync();
        await hub.StartAsync();
        using (var client = hub.Operator())
        {
            // A device that has not taken it up, then one that has.
            hub.Report("rule-2", rule: Stocked.Rule());
            Assert.True((await HubUnderTest.JsonAsync(client, Address("rule-2")["api/v1/".Length..]))
                .GetProperty("pending").GetBoolean());
            var taken = Assert.Single(Desired("rule-2").Rules);
            Assert.Equal(
                (9.5, 4.0, 3u, SeverityCode.Critical),
                (taken.RaiseAt, taken.ClearBelow, taken.RaiseAfter, taken.Severity));
            hub.Report("rule-2", rule: new ReportedRule
            {
                Rule = "hot", Of = "rms", Severity = SeverityCode.Critical, RaiseAt = 9.5, ClearBelow = 4,
                RaiseAfter = 3, ClearAfter = 1, FromHub = true,
            });
            var rule = await HubUnderTest.JsonAsync(client, Address("rule-2")["api/v1/".Length..]);
            Assert.Equal(("hub", false), (Text(rule, "source"), rule.GetProperty("pending").GetBoolean()));

            using var reset = await SendAsync(client, HttpMethod.Delete, "rule-2", null, "\"2\"");
            Assert.Equal("\"3\"", reset.Headers.ETag!.Tag);
            Assert.Empty(Desired("rule-2").Rules);
            using var again = await client.DeleteAsync(Address("rule-2"));
            Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
        }
    }

    [Theory]
    [InlineData("{}", "raiseAt")]
    [InlineData("""{"raiseAt":3}""", "clearBelow")]
    [InlineData("""{"raiseAt":1e31}""", "raiseAt")]
    [InlineData("""{"clearBelow":6}""", "clearBelow")]
    [InlineData("""{"raiseAfter":0}""", "raiseAfter")]
    [InlineData("""{"clearAfter":10001}""", "clearAfter")]
    [InlineData("""{"severity":"worst"}""", "severity")]
    [InlineData("""{"raiseAt":"5"}""", "raiseAt")]
    public async Task What_a_rule_cannot_be_is_refused_with_the_field(string body, string field)
    {
        hub.Report("rule-3", rule: Stocked.Rule());
        using var client = hub.Operator();
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var answer = await client.PutAsync(Address("rule-3"), content);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var errors = (await HubUnderTest.JsonAsync(answer)).GetProperty("errors");
        Assert.True(
            errors.TryGetProperty(field, out _) || errors.TryGetProperty($"$.{field}", out _), errors.ToString());
    }

    [Fact]
    public async Task A_rule_that_is_not_reported_cannot_be_changed()
    {
        hub.Report("rule-4");
        using var client = hub.Operator();
        using var answer = await client.PutAsJsonAsync(Address("rule-4"), new { raiseAt = 1 });
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("until it is updated", Text(await HubUnderTest.JsonAsync(answer), "detail"));
    }

    private DesiredWorkload Desired(string device) => Assert.Single(
        hub.Server.Services.GetRequiredService<DesiredStates>().Of(new DeviceId(device))!.Workloads);

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();

    private static async Task<HttpResponseMessage> SendAsync(
        HttpClient client, HttpMethod method, string device, object? body, string etag)
    {
        using var request = new HttpRequestMessage(method, Address(device)) { Headers = { { "If-Match", etag } } };
        request.Content = body is null ? null : JsonContent.Create(body);
        return await client.SendAsync(request);
    }
}
