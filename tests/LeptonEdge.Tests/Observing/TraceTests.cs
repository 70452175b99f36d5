using LeptonEdge.Tests.Agent;
using LeptonEdge.Tests.Observing.Otlp;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Observing;

/// <summary>Agent and hub as processes, and a collector that both send their spans to.</summary>
public sealed class TraceTests : IAsyncLifetime
{
    private readonly HubProcess _hub = new();
    private readonly AgentProcess _agent = new();
    private OtlpReceiver _receiver = null!;

    public async Task InitializeAsync()
    {
        _receiver = await OtlpReceiver.StartAsync();
        foreach (var environment in new[] { _hub.Environment, _agent.Environment })
        {
            environment["OTEL_BSP_SCHEDULE_DELAY"] = "100";
            environment["OTEL_METRIC_EXPORT_INTERVAL"] = "500";
        }
    }

    public async Task DisposeAsync()
    {
        _agent.Dispose();
        _hub.Dispose();
        await _receiver.DisposeAsync();
    }

    [Fact]
    public async Task One_trace_leads_from_a_window_over_model_outbox_and_broker_to_the_hubs_store()
    {
        await _hub.StartAsync(Otlp(_receiver.Http, "http/protobuf"));
        StartAgent(Otlp(_receiver.Grpc, "grpc"));

        var commit = await FindAsync(span => span.Name == "store commit" && Chain(span).Count == 5, "a whole trace");
        var chain = Chain(commit);
        Assert.Equal(
            [
                ("lepton-hub", "store commit"), ("lepton-hub", "ingest"), ("lepton-agent", "mqtt publish"),
                ("lepton-agent", "outbox append"), ("lepton-agent", "window"),
            ],
            chain.Select(span => (span.Service, span.Name)));
        Assert.Equal(commit.TraceId, Assert.Single(chain.Select(span => span.TraceId).Distinct()));
        var window = chain[^1];
        var within = _receiver.Spans.Where(span => span.ParentId == window.SpanId).ToList();
        Assert.Contains(within, span => span.Name == "transform" && span.TraceId == window.TraceId);
        Assert.Contains(within, span => span.Name == "infer" && span.TraceId == window.TraceId);
        Assert.Equal("bearing", window.Attributes["lepton.workload"]);
        Assert.Equal("Stored", chain[1].Attributes["lepton.outcome"]);
        Assert.Equal("edge-press", chain[1].Attributes["lepton.device"]);

        // A batch holds the verdicts of several windows: the others are links, and their windows are known as well.
        var append = await FindAsync(span => span.Name == "outbox append" && span.Links.Count > 0, "a batch of windows");
        await Eventually.True(
            () => append.Links.All(link => _receiver.Spans.Any(
                span => span.Name == "window" && $"{span.TraceId}/{span.SpanId}" == link)),
            "every linked window has come");
        Assert.Contains("grpc secret = 1%", _receiver.Keys);
        Assert.Contains("http secret = 1%", _receiver.Keys);
    }

    [Fact]
    public async Task A_window_that_the_hub_answers_takes_its_trace_along_in_the_calls_metadata()
    {
        await _hub.StartAsync(Otlp(_receiver.Grpc, "grpc"));
        StartAgent(Otlp(_receiver.Http, "http/protobuf"), "offload: hub, deadline: 500ms");

        var infer = await FindAsync(
            span => span is { Service: "lepton-hub", Name: "infer" } && Chain(span).Count == 4, "the hub's run");
        var chain = Chain(infer);
        Assert.Equal("lepton-hub", chain[1].Service);
        Assert.Equal(("lepton-agent", "ask"), (chain[2].Service, chain[2].Name));
        Assert.Equal(("lepton-agent", "window"), (chain[3].Service, chain[3].Name));
        Assert.Equal(infer.TraceId, Assert.Single(chain.Select(span => span.TraceId).Distinct()));
        Assert.Equal("edge-press", infer.Attributes["lepton.caller"]);
        Assert.Equal("Answered", chain[2].Attributes["lepton.outcome"]);
    }

    [Fact]
    public async Task The_trace_of_a_batch_outlives_a_hub_that_is_away_and_a_kill_of_the_agent()
    {
        await _hub.StartAsync(Otlp(_receiver.Http, "http/protobuf"));
        Issue();
        await _hub.StopAsync();
        StartAgent(Otlp(_receiver.Http, "http/protobuf"));
        var append = await FindAsync(
            span => span.Name == "outbox append" && span.Attributes["lepton.batch.class"] == "Event", "an append");
        await _agent.StopAsync("KILL");

        await _hub.StartAsync(Otlp(_receiver.Http, "http/protobuf"));
        StartAgent(Otlp(_receiver.Http, "http/protobuf"));
        // Hub and agent send their spans each in its own time: the publishing one may come last.
        await FindAsync(
            span => span.Name == "store commit" && span.TraceId == append.TraceId
                && Chain(span).Exists(each => each.SpanId == append.SpanId),
            "the old batch is stored, on from the span that appended it");
    }

    [Fact]
    public async Task A_hub_that_wants_no_traces_stores_what_names_one()
    {
        await _hub.StartAsync("");
        StartAgent(Otlp(_receiver.Http, "http/protobuf"));
        await FindAsync(span => span.Name == "mqtt publish" && span.Status == 0, "a batch that names its trace");
        using var http = _hub.Client();
        await Eventually.True(
            async () => (await http.GetStringAsync("metrics")).Contains(
                "lepton_verdict_seconds_count{workload=\"bearing\"", StringComparison.Ordinal),
            "its verdicts are stored");
        Assert.DoesNotContain(_receiver.Spans, span => span.Service == "lepton-hub");
    }

    [Fact]
    public async Task What_the_pages_of_metrics_hold_is_exported_as_well()
    {
        await _hub.StartAsync(Otlp(_receiver.Http, "http/protobuf"));
        StartAgent(Otlp(_receiver.Grpc, "grpc"));
        await Eventually.True(
            () => Has("lepton-agent", "lepton_agent_inferences") && Has("lepton-agent", "lepton_agent_verdict_seconds")
                && Has("lepton-hub", "lepton_hub_batches_stored") && Has("lepton-hub", "lepton_device_backlog_bytes"),
            "both have sent their metrics", 60);

        var verdicts = Find("lepton-agent", "lepton_agent_verdict_seconds");
        Assert.Equal("s", verdicts.Unit);
        await Eventually.True(
            () => Find("lepton-agent", "lepton_agent_verdict_seconds").Metric.Histogram.DataPoints[0].Count > 5,
            "verdicts are measured");
        var point = Find("lepton-agent", "lepton_agent_verdict_seconds").Metric.Histogram.DataPoints[0];
        Assert.Equal(point.Count, point.BucketCounts.Aggregate(0ul, (sum, count) => sum + count));
        Assert.Equal(5.12e-05, point.ExplicitBounds[0]);
        Assert.Contains(point.Attributes, label => label.Key == "workload" && label.Value.StringValue == "bearing");
        Assert.True(Find("lepton-hub", "lepton_hub_batches_stored").Metric.Sum.IsMonotonic);
        Assert.Equal("By", Find("lepton-hub", "lepton_device_backlog_bytes").Unit);

        bool Has(string service, string name) =>
            _receiver.Metrics.Any(metric => metric.Service == service && metric.Name == name);
        ReceivedMetric Find(string service, string name) =>
            _receiver.Metrics.First(metric => metric.Service == service && metric.Name == name);
    }

    [Fact]
    public async Task Without_a_word_of_it_nothing_of_it_is_loaded()
    {
        await _hub.StartAsync("");
        StartAgent("");
        await _agent.SaysAsync("first verdict");
        Assert.DoesNotContain(
            "OpenTelemetry", await File.ReadAllTextAsync($"/proc/{_agent.Id}/maps"), StringComparison.Ordinal);
        Assert.Empty(_receiver.Spans);
    }

    private static string Otlp(string endpoint, string protocol) =>
        $"telemetry: {{ otlp: {{ endpoint: '{endpoint}', protocol: {protocol}, sample_ratio: 1, "
        + "headers: { x-key: 'secret = 1%' } } }";

    private void StartAgent(string extra, string workload = "may_leave_device: false")
    {
        Issue();
        _agent.Start($$"""
            tenant: {{HubProcess.Tenant}}
            device: edge-press
            site: hall-2
            identity: { certificate: id/device.crt, key: id/device.key, ca: id/ca.crt, hub_key: id/hub.pub }
            hub: { mqtt: '127.0.0.1:{{_hub.Ports.Mqtt}}', grpc: 'https://127.0.0.1:{{_hub.Ports.Https}}' }
            data_dir: state
            models_dir: {{Requires.RepositoryRoot}}/firmware-config/models
            sensors:
              - { driver: simulated-bearing, channel: drive-end, healthy_for: 60s, growing_for: 1s, severe_for: 60s }
            channels:
              - { match: drive-end, upload: features }
            workloads:
              - { file: {{Requires.RepositoryRoot}}/firmware-config/workloads/bearing.yaml, channel: drive-end, {{workload}} }
            {{extra}}
            """);
    }

    private void Issue()
    {
        if (!Directory.Exists(_agent.PathOf("id")))
            _hub.Issue("edge-press", _agent.PathOf("id"));
    }

    private async Task<ReceivedSpan> FindAsync(Func<ReceivedSpan, bool> wanted, string what)
    {
        ReceivedSpan? found = null;
        try
        {
            await Eventually.True(() => (found = _receiver.Spans.FirstOrDefault(wanted)) is not null, what, 60);
        }
        catch (Exception fault)
        {
            var names = _receiver.Spans.GroupBy(span => $"{span.Service}: {span.Name}")
                .Select(group => $"{group.Key} × {group.Count()}");
            throw new InvalidOperationException(
                $"{fault.Message}; spans: {string.Join(", ", names)}\n{_hub.Output}\n{_agent.Output}", fault);
        }

        return found!;
    }

    /// <summary>A span, its parent, and so on.</summary>
    private List<ReceivedSpan> Chain(ReceivedSpan span)
    {
        var spans = _receiver.Spans.GroupBy(known => known.SpanId).ToDictionary(group => group.Key, group => group.First());
        var chain = new List<ReceivedSpan> { span };
        while (spans.TryGetValue(chain[^1].ParentId, out var parent))
            chain.Add(parent);
        return chain;
    }
}
