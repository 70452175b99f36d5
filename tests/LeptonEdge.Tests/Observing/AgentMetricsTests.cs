using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using LeptonEdge.Tests.Agent;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Observing;

public sealed partial class AgentMetricsTests : IDisposable
{
    private readonly AgentProcess _agent = new();

    public void Dispose() => _agent.Dispose();

    [PeerFact("promtool")]
    public async Task The_page_of_an_agent_at_work_is_clean_by_Prometheus_own_checker()
    {
        using var http = new HttpClient { BaseAddress = await StartAsync() };
        var page = "";
        await Eventually.True(
            async () => Verdicts().Match(page = await http.GetStringAsync("metrics")) is { Success: true } found
                && int.Parse(found.Groups[1].Value) > 5,
            "verdicts are counted", 60);

        await Promtool.AssertCleanAsync(page);
        Assert.Contains("lepton_agent_verdict_seconds_bucket{workload=\"bearing\",le=\"+Inf\"}", page);
        Assert.Contains("lepton_agent_readings_total{channel=\"drive-end\"}", page);
        Assert.Contains("\nlepton_agent_outbox_append_seconds_count ", page);
        Assert.Equal(0, await _agent.StopAsync());
    }

    [Fact]
    public async Task What_is_no_question_for_the_page_is_refused_and_the_page_goes_on()
    {
        var address = await StartAsync();
        Assert.StartsWith("HTTP/1.1 404 ", await AskAsync(address, "GET /other HTTP/1.1\r\nHost: x\r\n\r\n"));
        Assert.StartsWith("HTTP/1.1 405 ", await AskAsync(address, "POST /metrics HTTP/1.1\r\nHost: x\r\n\r\n"));
        Assert.StartsWith("HTTP/1.1 400 ", await AskAsync(address, "hello\r\n\r\n"));
        Assert.StartsWith("HTTP/1.1 400 ", await AskAsync(address, new string('x', 20_000)));
        var head = await AskAsync(address, "HEAD /metrics HTTP/1.0\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 ", head);
        Assert.EndsWith("\r\n\r\n", head);
        Assert.Contains("lepton_agent_build_info{", await AskAsync(address, "GET /metrics?x=1 HTTP/1.1\r\n\r\n"));
    }

    [Fact]
    public async Task A_port_that_another_program_holds_is_said_and_costs_nothing_else()
    {
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        other.Listen();
        _agent.Start(AgentProcess.Bearing($"metrics: {{ listen: '{other.LocalEndPoint}' }}"));
        await _agent.SaysAsync($"Metrics cannot be served at {other.LocalEndPoint}");
        await _agent.SaysAsync("first verdict");
        Assert.Equal(0, await _agent.StopAsync());
    }

    [Fact]
    public async Task An_address_that_is_none_is_named()
    {
        _agent.Start(AgentProcess.Bearing("metrics: { listen: 9465 }"));
        Assert.Equal(78, await _agent.ExitAsync());
        Assert.Contains("metrics.listen: '9465' is not ADDRESS:PORT, such as 127.0.0.1:9465", _agent.Output);
    }

    private async Task<Uri> StartAsync()
    {
        _agent.Start(AgentProcess.Bearing("metrics: { listen: 127.0.0.1:0 }"));
        await _agent.SaysAsync("/metrics");
        return new Uri(Address().Match(_agent.Output).Groups[1].Value);
    }

    private static async Task<string> AskAsync(Uri address, string request)
    {
        using var caller = new TcpClient();
        await caller.ConnectAsync(IPAddress.Loopback, address.Port);
        await using var stream = caller.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        caller.Client.Shutdown(SocketShutdown.Send);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }

    [GeneratedRegex("""lepton_agent_verdict_seconds_count\{workload="bearing"\} (\d+)""")]
    private static partial Regex Verdicts();

    [GeneratedRegex("(http://[0-9.:]+/)metrics")]
    private static partial Regex Address();
}
