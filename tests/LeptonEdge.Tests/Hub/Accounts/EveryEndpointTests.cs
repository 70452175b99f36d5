using System.Net;
using System.Text.RegularExpressions;
using LeptonEdge.Hub.Api;
using LeptonEdge.Hub.Audit;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace LeptonEdge.Tests.Hub.Accounts;

/// <summary>Walks all that the hub has mapped, so that a new endpoint cannot be forgotten.</summary>
public sealed class EveryEndpointTests(HubUnderTest hub) : IClassFixture<HubUnderTest>
{
    // What answers anyone, and why it may.
    private static readonly string[] s_open =
    [
        "GET /healthz", "GET /readyz",
        // The test asks on the loopback listener.
        "GET /metrics",
    ];

    // POST for the sake of its body; it changes nothing.
    private static readonly string[] s_unaudited =
        ["POST /api/v1/plan/dry-run", "POST /api/v1/plan/decisions/{version}/recompute"];

    [Fact]
    public async Task Nothing_else_answers_whom_it_does_not_know()
    {
        using var client = hub.Client();
        var endpoints = Endpoints();
        Assert.True(endpoints.Count > 40, $"{endpoints.Count} endpoints");
        foreach (var (method, endpoint) in endpoints)
        {
            var name = $"{method} {endpoint.RoutePattern.RawText}";
            using var request = new HttpRequestMessage(new HttpMethod(method), PathOf(endpoint));
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            if (s_open.Contains(name))
                Assert.True(response.IsSuccessStatusCode, name);
            else if (response.Headers.TryGetValues("grpc-status", out var status))
                Assert.Equal("16", Assert.Single(status));
            else
                Assert.True(
                    response.StatusCode == HttpStatusCode.Unauthorized, $"{name} answered {response.StatusCode}");
        }
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
