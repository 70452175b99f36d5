using LeptonEdge.Core.Metrics;
using LeptonEdge.Core.Tracing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace LeptonEdge.Telemetry;

/// <summary>Who exports.</summary>
/// <param name="Service">Such as <c>lepton-hub</c>; OTEL_SERVICE_NAME says otherwise.</param>
/// <param name="Instance">Which one of them.</param>
/// <param name="Attributes">What else is known of it.</param>
/// <param name="Sources">Spans of others within this process that are wanted as well.</param>
/// <param name="Meters">Metrics of others within this process that are wanted as well.</param>
public sealed record TelemetryIdentity(
    string Service, string Version, string Instance, IReadOnlyList<KeyValuePair<string, object>> Attributes,
    IReadOnlyList<string> Sources, IReadOnlyList<string> Meters);

/// <summary>Sends traces and metrics over OTLP while it runs. What the receiver does not take is given up: nothing
/// of the product waits for it.</summary>
public sealed class OtlpService(
    OtlpSettings settings, TelemetryIdentity identity, Action<IMetricSink> write, TimeProvider clock,
    ILogger<OtlpService> logger) : IHostedLifecycleService, IDisposable
{
    private const int FlushMilliseconds = 2_000;

    private TracerProvider? _traces;
    private MeterProvider? _metrics;
    private MetricBridge? _bridge;

    private ResourceBuilder Resource => ResourceBuilder.CreateDefault()
        .AddService(
            Environment.GetEnvironmentVariable("OTEL_SERVICE_NAME") ?? identity.Service,
            serviceNamespace: "leptonedge", identity.Version, autoGenerateServiceInstanceId: false, identity.Instance)
        .AddAttributes(identity.Attributes);

    /// <summary>Spans first: whatever starts after this is seen.</summary>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(Resource)
            .AddSource([Traces.SourceName, .. identity.Sources])
            .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(settings.SampleRatio)))
            .AddOtlpExporter(options => Configure(options, "v1/traces"))
            .Build();
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Metrics once all that is measured is there.</summary>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _bridge = new MetricBridge(write, clock);
        _metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(Resource)
            .AddMeter([Traces.SourceName, .. identity.Meters])
            .AddOtlpExporter(options => Configure(options, "v1/metrics"))
            .Build();
        OtlpServiceLog.Exporting(
            logger, settings.Endpoint?.ToString() ?? "the address of the environment", settings.SampleRatio);
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>What the last of all did is sent as well.</summary>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            _traces?.ForceFlush(FlushMilliseconds);
            _metrics?.ForceFlush(FlushMilliseconds);
        },
        CancellationToken.None);

    public void Dispose()
    {
        _traces?.Dispose();
        _metrics?.Dispose();
        _bridge?.Dispose();
    }

    private void Configure(OtlpExporterOptions options, string path)
    {
        // Without an address of ours the options hold what the environment says.
        if (settings.Endpoint is not { } endpoint)
            return;
        options.Protocol = settings.Protocol == OtlpProtocol.Grpc
            ? OtlpExportProtocol.Grpc
            : OtlpExportProtocol.HttpProtobuf;
        options.Endpoint = settings.Protocol == OtlpProtocol.Grpc
            ? endpoint
            : new Uri($"{endpoint.ToString().TrimEnd('/')}/{path}");
        if (settings.Headers.Count > 0)
            options.Headers = string.Join(
                ',', settings.Headers.Select(header => $"{header.Key}={Uri.EscapeDataString(header.Value)}"));
    }
}

internal static partial class OtlpServiceLog
{
    [LoggerMessage(1, LogLevel.Information, "Traces (a share of {Ratio}) and metrics are sent to {Endpoint} over OTLP")]
    public static partial void Exporting(ILogger logger, string endpoint, double ratio);
}
