using System.Net;
using LeptonEdge.Agent.Configuration;
using LeptonEdge.Agent.Metering;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Serving;
using LeptonEdge.Serving.Grpc;
using LeptonEdge.Serving.Models;
using LeptonEdge.Serving.Rest;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using KestrelListenOptions = Microsoft.AspNetCore.Server.Kestrel.Core.ListenOptions;

namespace LeptonEdge.Agent.Serving;

/// <summary>The Open Inference Protocol for other programs of this device, on loopback alone. The device's own windows
/// do not pass here: they have a lane of their own.</summary>
public sealed class ServingService(
    AgentConfiguration configuration, UsageMeter meter, TimeProvider clock, ILoggerFactory logs) : IHostedService, IAsyncDisposable
{
    private const int QueueMax = 16;
    private const int ModelsMax = 8;
    private const long BodyBytesMax = 4 * 1024 * 1024;
    private const long ConnectionsMax = 64;

    private KestrelListenOptions? _grpc;
    private KestrelListenOptions? _http;
    private ModelRepository? _models;
    private WebApplication? _app;

    /// <summary>Where gRPC is served, once started; null where it is not.</summary>
    public IPEndPoint? Grpc => _grpc?.IPEndPoint;

    /// <summary>Where REST is served, once started; null where it is not.</summary>
    public IPEndPoint? Http => _http?.IPEndPoint;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var own = configuration.Workloads.Select(workload => workload.Model.Name).ToHashSet(StringComparer.Ordinal);
        var options = new ServingOptions
        {
            ServerName = "leptonedge-agent",
            ServerVersion = typeof(ServingService).Assembly.GetName().Version?.ToString(3) ?? "0",
            ModelsFolder = configuration.ModelsDirectory,
            Variant = ModelVariant.Int8,
            QueueMax = QueueMax,
            ModelsMax = ModelsMax,
            // What no workload uses takes memory only once it is asked for.
            Preload = own.Contains,
            Meter = work => meter.Served(work.Workload, work.Model, work.Version)
                .Ran(work.Rows, work.Busy, work.OnAccelerator ? 0 : 1),
        };
        _models = await ModelRepository.OpenAsync(options, clock, logs.CreateLogger<ModelRepository>())
            .ConfigureAwait(false);
        var builder = WebApplication.CreateEmptyBuilder(
            new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Services.AddSingleton(logs).AddSingleton(clock).AddRouting().AddServing(options, _models);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(Configure);
        _app = builder.Build();
        _app.UseRouting();
        _app.MapGrpcService<InferenceService>();
        _app.MapInferenceRest();
        var logger = logs.CreateLogger<ServingService>();
        try
        {
            await _app.StartAsync(cancellationToken).ConfigureAwait(false);
            ServingLog.Serving(logger, Grpc?.ToString() ?? "nowhere", Http?.ToString() ?? "nowhere");
        }
        catch (IOException fault)
        {
            // A port that another program holds is no reason to leave the sensors unread.
            ServingLog.NotServing(logger, fault.Message);
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_app is not null)
            await _app.StopAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync().ConfigureAwait(false);
        _models?.Dispose();
    }

    private void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = BodyBytesMax;
        kestrel.Limits.MaxConcurrentConnections = ConnectionsMax;
        // Without TLS nothing tells the two versions of HTTP apart, so that each has a port.
        if (configuration.Serving!.Grpc is { } grpc)
            kestrel.Listen(grpc, listen => (_grpc, listen.Protocols) = (listen, HttpProtocols.Http2));
        if (configuration.Serving.Http is { } http)
            kestrel.Listen(http, listen => (_http, listen.Protocols) = (listen, HttpProtocols.Http1));
    }
}

internal static partial class ServingLog
{
    [LoggerMessage(1, LogLevel.Information, "Other programs may ask for inferences: gRPC at {Grpc}, REST at {Http}")]
    public static partial void Serving(ILogger logger, string grpc, string http);

    [LoggerMessage(2, LogLevel.Error, "Other programs cannot ask for inferences: {Reason}")]
    public static partial void NotServing(ILogger logger, string reason);
}
