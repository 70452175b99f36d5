using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Hub;

public sealed class HubApiTests(HubUnderTest hub) : IClassFixture<HubUnderTest>
{
    [Theory]
    [InlineData("/api/v1/summary")]
    [InlineData("/api/v1/live")]
    [InlineData("/api/v1/openapi.json")]
    [InlineData("/no/such/place")]
    public async Task Without_the_token_an_operators_address_is_refused(string path)
    {
        using var client = hub.Client();
        string?[] headers = [null, "Bearer ", "Bearer wrong", $"Basic {hub.Token}", $"Bearer {hub.Token}x"];
        foreach (var header in headers)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            if (header is not null)
                request.Headers.TryAddWithoutValidation("Authorization", header);
            using var response = await client.SendAsync(request);
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        }
    }

    [Fact]
    public async Task A_device_certificate_is_no_operators_token()
    {
        using var client = new HttpClient(hub.TlsHandler(hub.Device("edge-api"))) { BaseAddress = hub.Https };
        using var response = await client.GetAsync("api/v1/summary");
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task A_link_signs_a_browser_in_once_and_the_token_stays_out_of_addresses()
    {
        using var client = hub.Operator();
        using var made = await client.PostAsync("api/v1/session/links", null);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var path = (await HubUnderTest.JsonAsync(made)).GetProperty("path").GetString();
        Assert.DoesNotContain(hub.Token, path);
        using var browser = hub.Client();
        using var first = await browser.GetAsync(path);
        Assert.Equal(HttpStatusCode.Redirect, first.StatusCode);
        Assert.Equal("/", first.Headers.Location!.ToString());
        var cookie = Assert.Single(first.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        using var ask = new HttpRequestMessage(HttpMethod.Get, "/api/v1/session");
        ask.Headers.Add("Cookie", cookie.Split(';')[0]);
        using var session = await browser.SendAsync(ask);
        Assert.Equal("operator", (await HubUnderTest.JsonAsync(session)).GetProperty("name").GetString());
        using var second = await browser.GetAsync(path);
        Assert.Equal(HttpStatusCode.Unauthorized, second.StatusCode);
        Assert.False(second.Headers.Contains("Set-Cookie"));
        using var old = await browser.GetAsync($"/?token={hub.Token}");
        Assert.False(old.Headers.Contains("Set-Cookie"));
        var noted = (await HubUnderTest.JsonAsync(client, "audit?action=session.begin&limit=1")).GetProperty("items")[0];
        Assert.DoesNotContain(path!.Split('/')[^1], noted.GetRawText());
    }

    [Theory]
    [InlineData("devices?limit=0", 400, "limit")]
    [InlineData("devices?limit=1001", 400, "limit")]
    [InlineData("devices?limit=many", 400, "limit")]
    [InlineData("devices/Not_A_Name", 400, "device")]
    [InlineData("devices/nobody", 404, "nobody")]
    [InlineData("devices/nobody/channels/c/readings?from=5&to=5", 400, "to")]
    [InlineData("devices/nobody/channels/c/readings?from=-1", 400, "from")]
    [InlineData("devices/nobody/channels/c/readings?to=9223372036854775807", 400, "to")]
    [InlineData("devices/nobody/channels/c/readings?points=5001", 400, "points")]
    [InlineData("devices/nobody/channels/C!/readings", 400, "channel")]
    [InlineData("alarms?state=some", 400, "state")]
    [InlineData("alarms?limit=-1", 400, "limit")]
    [InlineData("gaps?limit=0", 400, "limit")]
    [InlineData("plan/history?limit=0", 400, "limit")]
    [InlineData("live?points=a", 400, "points")]
    [InlineData("nothing", 404, "openapi")]
    public async Task A_wrong_request_is_explained(string path, int status, string names)
    {
        using var client = hub.Operator();
        using var response = await client.GetAsync($"/api/v1/{path}");
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        var problem = await HubUnderTest.JsonAsync(response);
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.Contains(names, problem.GetProperty("detail").GetString());
    }

    [Theory]
    [InlineData("""{"utilisation":1,"rampSeconds":1,"seconds":2}""", "utilisation")]
    [InlineData("""{"utilisation":0.5,"rampSeconds":3,"seconds":2}""", "rampSeconds")]
    [InlineData("""{"utilisation":0.5,"rampSeconds":0,"seconds":601}""", "seconds")]
    [InlineData("""{"utilisation":"much"}""", "utilisation")]
    [InlineData("{", "JSON")]
    public async Task A_wrong_drill_is_explained(string body, string names)
    {
        using var client = hub.Operator();
        using var response = await client.PostAsync(
            "/api/v1/devices/edge-1/commands/load-drill",
            new StringContent(body, System.Text.Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(names, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_command_to_a_device_that_never_reported_is_not_found()
    {
        using var client = hub.Operator();
        using var response = await client.PostAsJsonAsync(
            "/api/v1/devices/nobody/commands/load-drill", new { utilisation = 0.5, rampSeconds = 1, seconds = 2 });
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Health_is_open_and_metrics_are_open_on_loopback_alone()
    {
        using var plain = hub.Client();
        Assert.Equal(HttpStatusCode.OK, (await plain.GetAsync("/healthz")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await plain.GetAsync("/readyz")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await plain.GetAsync("/metrics")).StatusCode);
        using var tls = new HttpClient(hub.TlsHandler()) { BaseAddress = hub.Https };
        Assert.Equal(HttpStatusCode.OK, (await tls.GetAsync("/healthz")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await tls.GetAsync("/metrics")).StatusCode);
        tls.DefaultRequestHeaders.Authorization = new("Bearer", hub.Token);
        Assert.Equal(HttpStatusCode.OK, (await tls.GetAsync("/metrics")).StatusCode);
    }

    [Fact]
    public async Task The_metrics_follow_the_text_format()
    {
        using var client = hub.Client();
        using var response = await client.GetAsync("/metrics");
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        var typed = new HashSet<string>();
        foreach (var line in (await response.Content.ReadAsStringAsync()).TrimEnd('\n').Split('\n'))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
                Assert.True(typed.Add(line.Split(' ')[2]), line);
            else if (!line.StartsWith('#'))
                Assert.Matches("""^[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? (\+Inf|-?[0-9.E+-]+)$""", line);
        }

        Assert.Contains("lepton_hub_batches_stored_total", typed);
        Assert.Contains("process_resident_memory_bytes", typed);
    }

    [Fact]
    public async Task The_api_describes_itself()
    {
        using var client = hub.Operator();
        var document = await HubUnderTest.JsonAsync(await client.GetAsync("/api/v1/openapi.json"));
        var paths = document.GetProperty("paths");
        foreach (var path in (
            string[])["/api/v1/summary", "/api/v1/devices", "/api/v1/devices/{device}", "/api/v1/plan",
            "/api/v1/devices/{device}/channels", "/api/v1/devices/{device}/channels/{channel}/readings",
            "/api/v1/alarms",
            "/api/v1/workloads", "/api/v1/plan/history", "/api/v1/gaps",
            "/api/v1/devices/{device}/commands/load-drill"])
            Assert.True(paths.TryGetProperty(path, out _), path);
    }

    [Fact]
    public async Task The_hub_says_which_ports_it_got()
    {
        var ports = System.Text.Json.JsonDocument.Parse(
            await File.ReadAllTextAsync(Path.Combine(hub.DataFolder, "ports.json")));
        Assert.Equal(hub.Server.Ports.Https, ports.RootElement.GetProperty("https").GetInt32());
        Assert.Equal(hub.Server.Ports.Mqtt, ports.RootElement.GetProperty("mqtt").GetInt32());
        Assert.Equal(hub.Server.Ports.Http, ports.RootElement.GetProperty("http").GetInt32());
    }

    [Fact]
    public async Task A_configuration_that_is_wrong_ends_with_status_78()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("hub.yaml"), "tenant: t\n");
        Assert.Equal(78, await LeptonEdge.Hub.HubHost.RunAsync(["--config", folder.File("hub.yaml")]));
        Assert.Equal(64, await LeptonEdge.Hub.HubHost.RunAsync([]));
    }
}
