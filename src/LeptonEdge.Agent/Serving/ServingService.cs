using System.Net;
using LeptonEdge.Agent.Configuration;
using LeptonEdge.Agent.Metering;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Serving;
using LeptonEdge.Serving.Grpc;
using LeptonEdge.Serving.Models;
using LeptonEdge.Serving.Rest;
using LeptonEdge.Sync;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using KestrelListenOptions = Microsoft.AspNetCore.Server.Kestrel.Core.ListenOptions;

namespace LeptonEdge.Agent.Serving;

/// <summary>The Open Inference Protocol for other programs of this device, on loopback alone, and for other devices of
/// the site, with TLS. The device's own windows do not pass here: they have a lane of their own.</summary>
public sealed class ServingService(
    AgentConfiguration configuration, UsageMeter meter, GuestBook guests, AgentIdentity identity, TimeProvider clock,
    ILoggerFactory logs) : IHostedService, IAsyncDisposable
{
    private const int QueueMax = 16;
    private const int ModelsMax = 8;
    private const long BodyBytesMax = 4 * 1024 * 1024;
    private const long ConnectionsMax = 64;
    private const int ReportedModelsMax = 256;

    private KestrelListenOptions? _grpc;
    private KestrelListenOptions? _http;
    private KestrelListenOptions? _peers;
    private ModelRepository? _models;
    private WebApplication? _app;

    /// <summary>Where gRPC is served, once started; null where it is not.</summary>
    public IPEndPoint? Grpc => _grpc?.IPEndPoint;

    /// <summary>Where REST is served, once started; null where it is not.</summary>
    public IPEndPoint? Http => _http?.IPEndPoint;

    /// <summary>Where other devices are served, once started; null where they are not.</summary>
    public Uri? Peers => _peers?.IPEndPoint is { } bound && configuration.Peers is { } peers
        // Port 0 stands for any free one.
        ? new UriBuilder(peers.Address) { Port = peers.Address.Port > 0 ? peers.Address.Port : bound.Port }.Uri
        : null;

    /// <summary>What can be run for other devices: each model and version in the models folder.</summary>
    public IEnumerable<string> PeerModels => Peers is null || _models is null
        ? []
        : _models.Index().Where(entry => entry.State != "UNAVAILABLE").Take(ReportedModelsMax)
            .Select(entry => $"{entry.Name}/{entry.Version}");

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
            CallerOf = static context => context.Features.Get<FleetIdentity>()?.Name ?? "",
            Meter = work =>
            {
                meter.Served(work.Workload, work.Model, work.Version)
                    .Ran(work.Rows, work.Busy, work.OnAccelerator ? 0 : 1);
                guests.Count(work.Caller, work.Workload, work.Rows);
            },
        };
        _models = await ModelRepository.OpenAsync(options, clock, logs.CreateLogger<ModelRepository>())
            .ConfigureAwait(false);
        var builder = WebApplication.CreateEmptyBuilder(
            new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Services.AddSingleton(logs).AddSingleton(clock).AddSingleton(guests).AddRouting().AddServing(options, _models);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(Configure);
        _app = builder.Build();
        _app.UseRouting();
        _app.UseMiddleware<PeerGate>();
        _app.MapGrpcService<InferenceService>();
        _app.MapInferenceRest();
        var logger = logs.CreateLogger<ServingService>();
        try
        {
            await _app.StartAsync(cancellationToken).ConfigureAwait(false);
            if (configuration.Serving is not null)
                ServingLog.Serving(logger, Grpc?.ToString() ?? "nowhere", Http?.ToString() ?? "nowhere");
            if (Peers is { } peers)
            {
                guests.Offer = new PeerOffer(peers, () => PeerModels);
                ServingLog.ServingPeers(logger, peers);
            }
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
        if (configuration.Serving?.Grpc is { } grpc)
            kestrel.Listen(grpc, listen => (_grpc, listen.Protocols) = (listen, HttpProtocols.Http2));
        if (configuration.Serving?.Http is { } http)
            kestrel.Listen(http, listen => (_http, listen.Protocols) = (listen, HttpProtocols.Http1));
        if (configuration.Peers is { } peers)
            kestrel.Listen(peers.Listen, listen =>
            {
                (_peers, listen.Protocols) = (listen, HttpProtocols.Http2);
                listen.UseHttps(PeerTls.Options(identity, clock));
            });
    }
}

internal static partial class ServingLog
{
    [LoggerMessage(1, LogLevel.Information, "Other programs may ask for inferences: gRPC at {Grpc}, REST at {Http}")]
    public static partial void Serving(ILogger logger, string grpc, string http);

    [LoggerMessage(3, LogLevel.Information, "Other devices of the site may be sent here: {Address}")]
    public static partial void ServingPeers(ILogger logger, Uri address);

    [LoggerMessage(2, LogLevel.Error, "Other programs cannot ask for inferences: {Reason}")]
    public static partial void NotServing(ILogger logger, string reason);
}
