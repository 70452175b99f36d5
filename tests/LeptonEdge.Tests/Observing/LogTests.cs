using System.Text.Json;
using System.Text.RegularExpressions;
using LeptonEdge.Tests.Agent;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Observing;

/// <summary>What the processes write, as a collector or the journal reads it.</summary>
public sealed partial class LogTests
{
    // Gives its child a socket for output and says so as systemd does; ends it after its first verdict.
    private const string AsSystemd = """
        import os, socket, subprocess, sys
        ours, its = socket.socketpair()
        found = os.fstat(its.fileno())
        environment = dict(os.environ, JOURNAL_STREAM=f"{found.st_dev}:{found.st_ino}")
        child = subprocess.Popen(sys.argv[1:], stdout=its, stderr=its, env=environment)
        its.close()
        for line in ours.makefile():
            print(line, end="", flush=True)
            if "first verdict" in line:
                child.terminate()
        sys.exit(child.wait())
        """;

    [PeerFact("python3")]
    public async Task Under_systemd_each_line_begins_with_its_priority_and_says_whose_it_is()
    {
        using var agent = new AgentProcess { Under = ["python3", "-c", AsSystemd] };
        agent.Start(AgentProcess.Bearing());
        Assert.Equal(0, await agent.ExitAsync());

        var lines = agent.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, line => Assert.Matches(JournalLine(), line));
        Assert.Contains(lines, line => line.StartsWith("<6>LeptonEdge.Agent.Pipeline.DecisionStage[3] Workload bearing: first ")
            && line.EndsWith(" tenant=acme device=edge-press workload=bearing"));
    }

    [PeerFact("python3")]
    public async Task Json_for_the_journal_keeps_its_priority_before_the_object()
    {
        using var agent = new AgentProcess { Under = ["python3", "-c", AsSystemd] };
        agent.Start(AgentProcess.Bearing("logging: { format: json }"));
        Assert.Equal(0, await agent.ExitAsync());

        var lines = agent.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, line => Assert.Equal("<6>{", line[..4]));
        Assert.All(lines, line => JsonDocument.Parse(line[3..]).Dispose());
    }

    [Fact]
    public async Task A_stream_that_is_not_the_journals_gets_text_whatever_the_environment_has_inherited()
    {
        using var agent = new AgentProcess();
        agent.Environment["JOURNAL_STREAM"] = "8:4242";
        agent.Start(AgentProcess.Bearing());
        await agent.SaysAsync("first verdict");
        Assert.Matches(TextLine(), agent.Output);
        Assert.Equal(0, await agent.StopAsync());
    }

    [Fact]
    public async Task Json_is_one_object_a_line_with_its_fields_and_levels_hold_by_category()
    {
        using var agent = new AgentProcess();
        agent.Start(AgentProcess.Bearing(
            "logging: { format: json, level: error, levels: { LeptonEdge.Agent.Pipeline.DecisionStage: information } }"));
        await agent.SaysAsync("first verdict");
        Assert.Equal(0, await agent.StopAsync());

        var all = agent.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Parse).ToList();
        Assert.All(all, line => Assert.Equal("LeptonEdge.Agent.Pipeline.DecisionStage", Text(line, "category")));
        var first = all.First(line => Text(line, "message").Contains("first verdict"));
        Assert.Equal(("information", "edge-press", "acme", "bearing"), (
            Text(first, "level"), Text(first, "device"), Text(first, "tenant"), Text(first, "workload")));
        Assert.Equal(3, first.GetProperty("event").GetInt32());
        Assert.True(first.GetProperty("fields").GetProperty("latencyMicros").GetInt32() > 0);
        Assert.Equal(TimeSpan.Zero, DateTimeOffset.Parse(Text(first, "time")).Offset);
        Assert.False(first.TryGetProperty("trace_id", out _));
    }

    [Fact]
    public async Task The_hub_logs_json_as_well_and_its_levels_hold_by_category()
    {
        using var hub = new HubProcess();
        await hub.StartAsync("logging: { format: json, levels: { LeptonEdge.Serving: none } }");
        Assert.Equal(0, await hub.StopAsync());

        var all = hub.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Parse).ToList();
        Assert.All(all, line => Assert.Equal("acme", Text(line, "tenant")));
        Assert.DoesNotContain(all, line => Text(line, "category").StartsWith("LeptonEdge.Serving"));
        Assert.Contains(all, line => Text(line, "category") == "LeptonEdge.Sync.Hubs.HubLink"
            && line.GetProperty("fields").GetProperty("host").GetString() == "127.0.0.1");
    }

    [Fact]
    public async Task Formats_and_levels_that_are_none_are_named_with_those_that_are()
    {
        using var agent = new AgentProcess();
        agent.Start(AgentProcess.Bearing("logging: { format: jsn, levels: { LeptonEdge: loud } }"));
        Assert.Equal(78, await agent.ExitAsync());
        Assert.Contains("logging.format: 'jsn' is none of text, json, journal: did you mean 'json'?", agent.Output);
        Assert.Contains("logging.levels.LeptonEdge: 'loud' is none of trace, debug, information", agent.Output);
    }

    private static JsonElement Parse(string line)
    {
        using var document = JsonDocument.Parse(line);
        return document.RootElement.Clone();
    }

    private static string Text(JsonElement line, string name) => line.GetProperty(name).GetString()!;

    [GeneratedRegex(@"^<[2-7]>[A-Za-z.]+\[\d+\] .+ tenant=acme device=edge-press( workload=bearing)?$")]
    private static partial Regex JournalLine();

    [GeneratedRegex(@"^\d\d:\d\d:\d\d\.\d{3} info: LeptonEdge\.Agent\.", RegexOptions.Multiline)]
    private static partial Regex TextLine();
}
