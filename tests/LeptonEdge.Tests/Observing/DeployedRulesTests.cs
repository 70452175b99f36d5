using System.Text.Json;
using System.Text.RegularExpressions;
using LeptonEdge.Tests.Agent;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Observing;

/// <summary>What <c>deploy/observability</c> offers to operators.</summary>
public sealed partial class DeployedRulesTests
{
    private const int GrafanaSchema = 39;

    private static readonly string Folder = Path.Combine(Requires.RepositoryRoot, "deploy", "observability");
    private static readonly string Rules = Path.Combine(Folder, "leptonedge.rules.yaml");
    private static readonly string RuleTests = Path.Combine(Folder, "leptonedge.test.yaml");

    [PeerFact("promtool")]
    public async Task Alert_rules_and_scrape_configuration_are_sound()
    {
        var (rules, said) = await Promtool.RunAsync(null, "check", "rules", Rules);
        Assert.True(rules == 0, said);
        var (config, why) = await Promtool.RunAsync(
            null, "check", "config", "--syntax-only", Path.Combine(Folder, "prometheus.yaml"));
        Assert.True(config == 0, why);
    }

    [PeerFact("promtool")]
    public async Task Every_alert_is_raised_when_it_should_be_and_not_before()
    {
        var tests = await File.ReadAllTextAsync(RuleTests);
        var alerts = AlertNames().Matches(await File.ReadAllTextAsync(Rules)).Select(match => match.Groups[1].Value).ToList();
        Assert.True(alerts.Count >= 20);
        Assert.All(alerts, alert =>
        {
            Assert.Contains($"alertname: {alert}, exp_alerts: []", tests);
            Assert.Contains($"alertname: {alert}\n        exp_alerts:\n          - exp_labels:", tests);
        });
        var (status, says) = await Promtool.RunAsync(null, "test", "rules", RuleTests);
        Assert.True(status == 0, says);
    }

    [Fact]
    public async Task Alerts_and_dashboards_ask_only_for_what_a_real_hub_and_a_real_agent_have()
    {
        var known = await KnownMetricsAsync();
        Assert.True(known.Count > 80, $"only {known.Count} metrics");
        var asked = new Dictionary<string, List<string>> { ["rules"] = [await File.ReadAllTextAsync(Rules)] };
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Folder, "grafana"), "*.json"))
            asked[Path.GetFileName(file)] = Expressions(file);
        Assert.Equal(4, asked.Count);
        foreach (var (file, expressions) in asked)
        {
            var names = expressions.SelectMany(text => MetricNames().Matches(text)).Select(match => match.Value).ToList();
            Assert.NotEmpty(names);
            Assert.All(names, name => Assert.True(known.Contains(name), $"{file}: no page has {name}"));
        }
    }

    [Fact]
    public void Dashboards_are_of_the_form_that_Grafana_imports()
    {
        var seen = new HashSet<string>();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Folder, "grafana"), "*.json"))
        {
            using var document = JsonDocument.Parse(File.ReadAllText(file));
            var board = document.RootElement;
            Assert.Equal(GrafanaSchema, board.GetProperty("schemaVersion").GetInt32());
            Assert.InRange(board.GetProperty("uid").GetString()!.Length, 1, 40);
            Assert.True(seen.Add(board.GetProperty("uid").GetString()!));
            Assert.False(string.IsNullOrEmpty(board.GetProperty("title").GetString()));
            var variables = board.GetProperty("templating").GetProperty("list").EnumerateArray()
                .Select(variable => variable.GetProperty("name").GetString()!).ToHashSet();
            Assert.Contains("datasource", variables);
            var ids = new HashSet<int>();
            foreach (var panel in board.GetProperty("panels").EnumerateArray())
                CheckPanel(panel, ids, variables);
            Assert.True(ids.Count > 10);
        }

        Assert.Equal(3, seen.Count);
    }

    [PeerFact("promtool")]
    public async Task What_dashboards_ask_is_sound_by_Prometheus_own_parser()
    {
        using var folder = new TempFolder();
        var rules = folder.File("asked.yaml");
        var asked = Directory.EnumerateFiles(Path.Combine(Folder, "grafana"), "*.json").SelectMany(Expressions)
            .Where(text => !text.StartsWith("label_values", StringComparison.Ordinal))
            .Select(text => Variables().Replace(text.Replace("$__rate_interval", "5m").Replace("$__range", "1h"), "x"))
            .Select((text, at) => $"  - {{ record: 'asked:{at}', expr: {JsonSerializer.Serialize(text)} }}");
        await File.WriteAllLinesAsync(rules, ["groups:", "- name: asked", "  rules:", .. asked]);
        var (status, says) = await Promtool.RunAsync(null, "check", "rules", rules);
        Assert.True(status == 0, says);
        Assert.Contains("rules found", says);
    }

    private static void CheckPanel(JsonElement panel, HashSet<int> ids, HashSet<string> variables)
    {
        Assert.True(ids.Add(panel.GetProperty("id").GetInt32()));
        Assert.Contains(panel.GetProperty("type").GetString(), (string[])["row", "stat", "timeseries", "table"]);
        var place = panel.GetProperty("gridPos");
        Assert.InRange(place.GetProperty("x").GetInt32() + place.GetProperty("w").GetInt32(), 1, 24);
        Assert.False(string.IsNullOrEmpty(panel.GetProperty("title").GetString()));
        if (panel.GetProperty("type").GetString() == "row")
            return;
        Assert.Equal("${datasource}", panel.GetProperty("datasource").GetProperty("uid").GetString());
        Assert.NotEmpty(panel.GetProperty("fieldConfig").GetProperty("defaults").GetProperty("unit").GetString()!);
        var targets = panel.GetProperty("targets").EnumerateArray().ToList();
        Assert.NotEmpty(targets);
        Assert.Equal(targets.Count, targets.Select(target => target.GetProperty("refId").GetString()).Distinct().Count());
        foreach (var used in targets.SelectMany(target => Variables().Matches(target.GetProperty("expr").GetString()!)))
            Assert.True(
                variables.Contains(used.Groups[1].Value) || used.Groups[1].Value.StartsWith("__", StringComparison.Ordinal),
                $"no variable {used.Value}");
    }

    private static List<string> Expressions(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(file));
        var board = document.RootElement;
        return
        [
            .. board.GetProperty("panels").EnumerateArray()
                .Where(panel => panel.TryGetProperty("targets", out _))
                .SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
                .Select(target => target.GetProperty("expr").GetString()!),
            .. board.GetProperty("templating").GetProperty("list").EnumerateArray()
                .Where(variable => variable.TryGetProperty("definition", out _))
                .Select(variable => variable.GetProperty("definition").GetString()!),
        ];
    }

    /// <summary>Names that an expression may use: of each family on the pages, a histogram's with its endings.</summary>
    private static async Task<HashSet<string>> KnownMetricsAsync()
    {
        using var hub = new HubProcess();
        await hub.StartAsync("");
        using var agent = new AgentProcess();
        hub.Issue("edge-press", agent.PathOf("id"));
        agent.Start(AgentProcess.Bearing("metrics: { listen: 127.0.0.1:0 }")
            .Replace("identity: { hub_key: hub.pub }", $$"""
                identity: { certificate: id/device.crt, key: id/device.key, ca: id/ca.crt, hub_key: id/hub.pub }
                hub: { mqtt: '127.0.0.1:{{hub.Ports.Mqtt}}', grpc: 'https://127.0.0.1:{{hub.Ports.Https}}' }
                """));
        await agent.SaysAsync("/metrics");
        using var http = new HttpClient();
        var ownPage = await http.GetStringAsync(Address().Match(agent.Output).Value);
        using var client = hub.Client();
        var known = new HashSet<string>();
        foreach (Match family in Families().Matches(await client.GetStringAsync("metrics") + ownPage))
        {
            string[] endings = family.Groups[2].Value == "histogram" ? ["_bucket", "_sum", "_count"] : [""];
            known.UnionWith(endings.Select(ending => family.Groups[1].Value + ending));
        }

        return known;
    }

    [GeneratedRegex(@"^      - alert: (\w+)$", RegexOptions.Multiline)]
    private static partial Regex AlertNames();

    [GeneratedRegex(@"\b(lepton|process|dotnet)_[a-z0-9_]+\b")]
    private static partial Regex MetricNames();

    [GeneratedRegex(@"^# TYPE (\S+) (\w+)$", RegexOptions.Multiline)]
    private static partial Regex Families();

    [GeneratedRegex(@"\$\{?(\w+)")]
    private static partial Regex Variables();

    [GeneratedRegex("http://[0-9.:]+/metrics")]
    private static partial Regex Address();
}
