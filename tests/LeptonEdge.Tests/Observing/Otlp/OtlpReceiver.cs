using System.Collections.Concurrent;
using System.Net;
using Google.Protobuf;
using Grpc.Core;
using LeptonEdge.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Tests.Observing.Otlp;

/// <summary>One span as it came.</summary>
internal sealed record ReceivedSpan(
    string Service, string TraceId, string SpanId, string ParentId, string Name, IReadOnlyList<string> Links,
    IReadOnlyDictionary<string, string> Attributes, int Status);

/// <summary>One metric as it came last.</summary>
internal sealed record ReceivedMetric(string Service, string Name, string Unit, Metric Metric);

/// <summary>A collector that keeps what it is sent: OTLP over gRPC and over HTTP.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly ConcurrentQueue<ReceivedSpan> _spans = [];
    private readonly ConcurrentDictionary<(string Service, string Name), ReceivedMetric> _metrics = [];
    private readonly ConcurrentBag<string> _keys = [];
    private WebApplication? _app;
    private int _grpc;
    private int _http;

    public string Grpc => $"http://127.0.0.1:{_grpc}";

    public string Http => $"http://127.0.0.1:{_http}";

    public IReadOnlyList<ReceivedSpan> Spans => [.. _spans];

    public IReadOnlyList<ReceivedMetric> Metrics => [.. _metrics.Values];

    /// <summary>The header <c>x-key</c> of each export, with the way it came.</summary>
    public IReadOnlyCollection<string> Keys => _keys;

    public static async Task<OtlpReceiver> StartAsync()
    {
        var receiver = new OtlpReceiver();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        });
        builder.Services.AddSingleton(receiver).AddGrpc();
        var app = receiver._app = builder.Build();
        app.MapGrpcService<Traces>();
        app.MapGrpcService<Measures>();
        app.MapPost("/v1/traces", context => TakeAsync(
            context, bytes => receiver.Take(ExportTraceServiceRequest.Parser.ParseFrom(bytes))));
        app.MapPost("/v1/metrics", context => TakeAsync(
            context, bytes => receiver.Take(ExportMetricsServiceRequest.Parser.ParseFrom(bytes))));
        await app.StartAsync();
        var ports = app.Urls.Select(url => new Uri(url).Port).ToArray();
        (receiver._grpc, receiver._http) = (ports[0], ports[1]);
        return receiver;

        async Task TakeAsync(HttpContext context, Action<byte[]> take)
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            Assert.Equal("application/x-protobuf", context.Request.ContentType);
            receiver.Note("http", context.Request.Headers["x-key"]);
            take(body.ToArray());
        }
    }

    public ValueTask DisposeAsync() => _app!.DisposeAsync();

    private void Note(string way, string? key) => _keys.Add($"{way} {key}");

    private void Take(ExportTraceServiceRequest request)
    {
        foreach (var resource in request.ResourceSpans)
        {
            var service = Text(resource.Resource.Attributes, "service.name");
            foreach (var span in resource.ScopeSpans.SelectMany(scope => scope.Spans))
            {
                _spans.Enqueue(new ReceivedSpan(
                    service, Hex(span.TraceId), Hex(span.SpanId), Hex(span.ParentSpanId), span.Name,
                    [.. span.Links.Select(link => $"{Hex(link.TraceId)}/{Hex(link.SpanId)}")],
                    span.Attributes.ToDictionary(entry => entry.Key, entry => Text(entry.Value)), span.Status?.Code ?? 0));
            }
        }
    }

    private void Take(ExportMetricsServiceRequest request)
    {
        foreach (var resource in request.ResourceMetrics)
        {
            var service = Text(resource.Resource.Attributes, "service.name");
            foreach (var metric in resource.ScopeMetrics.SelectMany(scope => scope.Metrics))
                _metrics[(service, metric.Name)] = new ReceivedMetric(service, metric.Name, metric.Unit, metric);
        }
    }

    private static string Hex(ByteString bytes) => Convert.ToHexStringLower(bytes.Span);

    private static string Text(IEnumerable<KeyValue> attributes, string key) =>
        attributes.FirstOrDefault(entry => entry.Key == key) is { } found ? Text(found.Value) : "";

    private static string Text(AnyValue value) => value.ValueCase switch
    {
        AnyValue.ValueOneofCase.StringValue => value.StringValue,
        AnyValue.ValueOneofCase.BoolValue => value.BoolValue ? "true" : "false",
        AnyValue.ValueOneofCase.IntValue => $"{value.IntValue}",
        AnyValue.ValueOneofCase.DoubleValue => $"{value.DoubleValue}",
        _ => "",
    };

    internal sealed class Traces(OtlpReceiver receiver) : TraceService.TraceServiceBase
    {
        public override Task<ExportTraceServiceResponse> Export(
            ExportTraceServiceRequest request, ServerCallContext context)
        {
            receiver.Note("grpc", context.RequestHeaders.GetValue("x-key"));
            receiver.Take(request);
            return Task.FromResult(new ExportTraceServiceResponse());
        }
    }

    internal sealed class Measures(OtlpReceiver receiver) : MetricsService.MetricsServiceBase
    {
        public override Task<ExportMetricsServiceResponse> Export(
            ExportMetricsServiceRequest request, ServerCallContext context)
        {
            receiver.Take(request);
            return Task.FromResult(new ExportMetricsServiceResponse());
        }
    }
}
