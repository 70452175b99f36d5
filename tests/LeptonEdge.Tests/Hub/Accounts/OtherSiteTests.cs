using System.Net;
using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Records;
using LeptonEdge.Hub.Api;
using LeptonEdge.Tests.Hub.Api;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace LeptonEdge.Tests.Hub.Accounts;

/// <summary>For who sees some sites the others do not exist, whatever is asked.</summary>
public sealed class OtherSiteTests(HubUnderTest hub) : IClassFixture<HubUnderTest>
{
    private const string Far = "edge-far";

    [Fact]
    public async Task Nothing_tells_of_a_device_of_another_site()
    {
        Stock();
        using var south = await Browser.OfRoleAsync(hub, "operator", "south-operator", ["south"]);
        string[] all = ["read", "change", "infer", "metrics"];
        using var script = Browser.Script(hub, await south.TokenAsync(new { name = "x", scopes = all }));
        var told = 0;
        foreach (var endpoint in Gets())
        {
            using var answer = await script.GetAsync(
                PathOf(endpoint), HttpCompletionOption.ResponseHeadersRead);
            var name = endpoint.RoutePattern.RawText!;
            // Events do not end; their own tests read them.
            if (answer.Content.Headers.ContentType?.MediaType == "text/event-stream")
                continue;
            Assert.True((int)answer.StatusCode < 500, $"{name}: {answer.StatusCode}");
            if (name.Contains("{device}"))
                Assert.True(answer.StatusCode == HttpStatusCode.NotFound, $"{name}: {answer.StatusCode}");
            else if (answer.IsSuccessStatusCode)
                Assert.DoesNotContain(Far, await answer.Content.ReadAsStringAsync());
            told++;
        }

        Assert.True(told > 40, $"{told} endpoints");
    }

    [Fact]
    public async Task Nothing_changes_a_device_of_another_site()
    {
        Stock();
        using var admin = await Browser.AdminAsync(hub);
        (await admin.SendAsync("POST", "accounts", new
        {
            name = "mia", password = Browser.Password, role = "viewer", operatorSites = new[] { "south" },
        })).Dispose();
        // Sees all sites, and may change one of them.
        using var mia = await Browser.SignedInAsync(hub, "mia", Browser.Password);
        Assert.Equal(HttpStatusCode.OK, (await mia.SendAsync("GET", $"devices/{Far}")).StatusCode);
        foreach (var (method, path, body) in new (string, string, object?)[]
        {
            ("PUT", $"plan/drained/{Far}", null), ("DELETE", $"plan/drained/{Far}", null),
            ("PUT", $"plan/pins/{Far}/bearing", new { node = "hub" }), ("PUT", "plan/drained/hub", null),
            ("POST", $"devices/{Far}/workloads/bearing/model", new { model = "" }),
            ("POST", $"devices/{Far}/commands/load-drill", new { utilisation = 0, rampSeconds = 0, seconds = 0 }),
        })
        {
            using var answer = await mia.SendAsync(method, path, body);
            Assert.True(answer.StatusCode == HttpStatusCode.NotFound, $"{method} {path}: {answer.StatusCode}");
        }

        using var own = await mia.SendAsync("PUT", "plan/drained/edge-near");
        Assert.Equal(HttpStatusCode.OK, own.StatusCode);
        using var job = await mia.SendAsync("POST", "jobs/inputs");
        Assert.Equal(HttpStatusCode.Forbidden, job.StatusCode);
        using var client = hub.Operator();
        Assert.DoesNotContain(Far, await client.GetStringAsync("api/v1/plan/controls"));
    }

    private void Stock()
    {
        hub.Report(Far, "north");
        hub.Report("edge-near", "south");
        foreach (var device in (string[])[Far, "edge-near"])
        {
            hub.Store(device, 1, batch =>
            {
                batch.Alarms.Add(Stocked.Alarm(AlarmTransition.Raised, 5));
                batch.AddReading(Stocked.Channel, 5, 1);
            });
        }
    }

    private IEnumerable<RouteEndpoint> Gets() => hub.Server.Services.GetServices<EndpointDataSource>()
        .SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
        .Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith("/api/v1/", StringComparison.Ordinal)
            && AccessRules.AccessOf(endpoint) == Access.Role
            && endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Contains("GET"));

    private static string PathOf(RouteEndpoint endpoint) => endpoint.RoutePattern.RawText!
        .Replace("{device}", Far).Replace("{channel}", Stocked.Channel.Value).Replace("{workload}", "bearing")
        .Replace("{site}", "north").Replace("{id:long}", "1048576").Replace("{version}", "1").Replace("{name}", "x")
        .Replace("{tenant}", HubUnderTest.Tenant.Value).Replace("{id}", "1");
}
