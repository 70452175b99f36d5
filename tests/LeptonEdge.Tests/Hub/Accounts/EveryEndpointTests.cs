using System.Net;
using System.Text.RegularExpressions;
using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Api;
using LeptonEdge.Hub.Audit;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace LeptonEdge.Tests.Hub.Accounts;

/// <summary>Walks all that the hub has mapped, so that a new endpoint cannot be forgotten.</summary>
public sealed class EveryEndpointTests(HubUnderTest hub) : IClassFixture<HubUnderTest>
{
    // What answers anyone, beside the files of the page: it holds no data.
    private static readonly string[] s_open =
    [
        "GET /healthz", "GET /readyz", "POST /api/v1/session", "POST /api/v1/welcome",
        // The test asks on the loopback listener.
        "GET /metrics",
    ];

    // POST for the sake of its body; it changes nothing.
    private static readonly string[] s_unaudited =
        ["POST /api/v1/plan/dry-run", "POST /api/v1/plan/decisions/{version}/recompute", "POST /api/v1/live/subscriptions"];

    [Fact]
    public async Task Nothing_else_answers_whom_it_does_not_know()
    {
        using var client = hub.Client();
        var endpoints = Endpoints();
        Assert.True(endpoints.Count > 60, $"{endpoints.Count} endpoints");
        foreach (var (method, endpoint) in endpoints)
        {
            var name = Name(method, endpoint);
            var isOpen = AccessRules.AccessOf(endpoint) is Access.Open or Access.OpenOnLoopback;
            Assert.Equal(s_open.Contains(name) || IsPage(method, endpoint), isOpen);
            if (isOpen)
                continue;
            using var response = await AskAsync(client, method, endpoint);
            if (response.Headers.TryGetValues("grpc-status", out var status))
                Assert.Equal("16", Assert.Single(status));
            else
                Assert.True(
                    response.StatusCode == HttpStatusCode.Unauthorized, $"{name} answered {response.StatusCode}");
        }
    }

    [Fact]
    public async Task Nothing_answers_whose_role_is_too_low()
    {
        using var viewer = await Browser.OfRoleAsync(hub, "viewer", "low-viewer");
        using var worker = await Browser.OfRoleAsync(hub, "operator", "low-operator");
        string[] all = ["read", "change", "infer", "metrics"];
        using var asViewer = Browser.Script(hub, await viewer.TokenAsync(new { name = "x", scopes = all }));
        using var asOperator = Browser.Script(hub, await worker.TokenAsync(new { name = "x", scopes = all }));
        var asked = 0;
        foreach (var (method, endpoint) in Endpoints())
        {
            var role = AccessRules.RoleFor(endpoint, method);
            if (role == Role.Viewer || AccessRules.AccessOf(endpoint) is Access.Open or Access.OpenOnLoopback)
                continue;
            foreach (var client in role == Role.Admin ? [asViewer, asOperator] : (HttpClient[])[asViewer])
            {
                using var response = await AskAsync(client, method, endpoint);
                if (response.Headers.TryGetValues("grpc-status", out var status))
                    Assert.Equal("7", Assert.Single(status));
                else
                    Assert.True(
                        response.StatusCode == HttpStatusCode.Forbidden,
                        $"{Name(method, endpoint)} answered {response.StatusCode}");
                asked++;
            }
        }

        Assert.True(asked > 40, $"{asked} refusals");
    }

    [Theory]
    [InlineData("GET", "/api/v1/accounts", Role.Admin)]
    [InlineData("POST", "/api/v1/accounts", Role.Admin)]
    [InlineData("PUT", "/api/v1/accounts/{name}", Role.Admin)]
    [InlineData("GET", "/api/v1/audit", Role.Admin)]
    [InlineData("GET", "/api/v1/audit/verify", Role.Admin)]
    [InlineData("PUT", "/api/v1/plan/pins/{device}/{workload}", Role.Operator)]
    [InlineData("POST", "/api/v1/jobs", Role.Operator)]
    [InlineData("GET", "/api/v1/devices", Role.Viewer)]
    public void Roles_are_those_that_were_agreed(string method, string path, Role role)
    {
        var endpoint = Endpoints().Single(e => Name(e.Method, e.Endpoint) == $"{method} {path}").Endpoint;
        Assert.Equal(role, AccessRules.RoleFor(endpoint, method));
    }

    [Fact]
    public void Every_change_lands_in_the_audit_log()
    {
        var forgotten = Endpoints()
            .Where(e => e.Method is not ("GET" or "HEAD") && e.Endpoint.RoutePattern.RawText!.StartsWith("/api/"))
            .Where(e => e.Endpoint.Metadata.GetMetadata<AuditRule>() is null)
            .Select(e => $"{e.Method} {e.Endpoint.RoutePattern.RawText}");
        Assert.Equal(s_unaudited.Order(), forgotten.Order());
    }

    private static string Name(string method, RouteEndpoint endpoint) => $"{method} {endpoint.RoutePattern.RawText!.TrimEnd('/')}";

    private static bool IsPage(string method, RouteEndpoint endpoint) => method is "GET" or "HEAD"
        && endpoint.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is not null
        && !((string[])["/api", "/v2", "/openapi", "/metrics"]).Any(endpoint.RoutePattern.RawText!.StartsWith);

    private static Task<HttpResponseMessage> AskAsync(HttpClient client, string method, RouteEndpoint endpoint)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), PathOf(endpoint));
        return client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private List<(string Method, RouteEndpoint Endpoint)> Endpoints() =>
    [
        .. hub.Server.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints)
            .OfType<RouteEndpoint>()
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods
                .Select(method => (method, endpoint)) ?? [("GET", endpoint)]),
    ];

    private static string PathOf(RouteEndpoint endpoint) => Regex.Replace(
        endpoint.RoutePattern.RawText!, @"\{([^}:]+)(:[^}]*)?\}",
        match => match.Groups[2].Length > 0 || match.Groups[1].Value == "version" ? "1" : "some");
}
