using System.Runtime.CompilerServices;
using LeptonEdge.Agent.Actuators;
using LeptonEdge.Agent.Configuration;
using LeptonEdge.Agent.Logs;
using LeptonEdge.Agent.Metering;
using LeptonEdge.Agent.Metrics;
using LeptonEdge.Agent.Offload;
using LeptonEdge.Agent.Pipeline;
using LeptonEdge.Agent.Reconciling;
using LeptonEdge.Agent.Serving;
using LeptonEdge.Agent.Status;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Core.Tracing;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Storage.Outboxes;
using LeptonEdge.Sync.Devices;
using LeptonEdge.Sync.Tracing;
using LeptonEdge.Sync.Uplink;
using LeptonEdge.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Agent;

/// <summary>The agent's rooms, one method each.</summary>
internal static class AgentServices
{
    public static IServiceCollection AddSensing(this IServiceCollection services) => services
        .AddSingleton<Heartbeats>()
        .AddSingleton<PipelineQueue>()
        .AddSingleton<PipelineBuilder>()
        .AddSingleton(provider => provider.GetRequiredService<PipelineBuilder>().Build())
        .AddSingleton(provider => provider.GetRequiredService<AgentPipeline>().Workloads)
        .AddSingleton<SensorService>();

    public static IServiceCollection AddInference(
        this IServiceCollection services, AgentConfiguration configuration) => services
        .AddSingleton(configuration.Lane)
        .AddSingleton(provider => new LocalModels(
            configuration.ModelsDirectory, configuration.Lane, provider.GetRequiredService<UsageMeter>(),
            provider.GetRequiredService<ILogger<LocalModels>>()))
        .AddSingleton<InferenceLane>();

    public static IServiceCollection AddDecision(this IServiceCollection services) => services
        .AddSingleton<Lamps>()
        .AddSingleton<DecisionStage>();

    public static IServiceCollection AddOffload(this IServiceCollection services, AgentConfiguration configuration)
    {
        services.AddSingleton<InferenceRouter>();
        if (configuration.Hub is not { Grpc: { Count: > 0 } addresses })
            return services;
        return services
            .AddSingleton(provider =>
            {
                var identity = provider.GetRequiredService<AgentIdentity>();
                var (clock, logger) = (
                    provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<HubEndpoint>>());
                return new HubInference(
                    [.. addresses.Select(address => new HubEndpoint(
                        address, identity.Certificate!, identity.Roots!, clock, logger))],
                    clock);
            })
            .AddHostedService<HubProbe>();
    }

    public static IServiceCollection AddServing(this IServiceCollection services, AgentConfiguration configuration) =>
        configuration.Serving is null && configuration.Peers is null
            ? services
            : services.AddSingleton<ServingService>()
                .AddHostedService(provider => provider.GetRequiredService<ServingService>());

    public static IServiceCollection AddOutbox(this IServiceCollection services, AgentConfiguration configuration)
    {
        services
            .AddSingleton(_ => AgentIdentity.Load(configuration))
            .AddSingleton(provider => new BatchSealer(
                provider.GetRequiredService<AgentIdentity>().HubKey, configuration.Tenant, configuration.Device))
            .AddSingleton(provider => OpenOutbox(configuration, provider))
            .AddSingleton(provider => provider.GetRequiredService<Outbox>().State)
            .AddSingleton(provider => new RecordWriter(
                provider.GetRequiredService<Outbox>(), provider.GetRequiredService<BatchSealer>(),
                new RecordWriterOptions
                {
                    BatchRecords = configuration.Outbox.BatchRecords,
                    BatchAge = configuration.Outbox.BatchAge,
                },
                provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<RecordWriter>>(),
                Appended(provider), provider.GetRequiredService<BatchTraces>()))
            .AddSingleton(provider => new BatchTraces(provider.GetRequiredService<Outbox>()));
        return configuration.LedgerFile is { } file
            ? services.AddSingleton(_ => OpenLedger(configuration, file))
            : services;
    }

    public static IServiceCollection AddUplink(this IServiceCollection services, AgentConfiguration configuration)
    {
        if (configuration.Hub is not { } hub)
            return services;
        return services.AddSingleton(provider =>
        {
            var identity = provider.GetRequiredService<AgentIdentity>();
            var options = new DeviceLinkOptions
            {
                Tenant = configuration.Tenant, Device = configuration.Device, Host = hub.MqttHost, Port = hub.MqttPort,
                ClientCertificate = identity.Certificate, TrustRoots = identity.Roots,
            };
            return new DeviceLink(
                options, provider.GetRequiredService<Outbox>(), provider.GetRequiredService<BatchSealer>(),
                provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<DeviceLink>>(),
                provider.GetRequiredService<BatchTraces>());
        });
    }

    public static IServiceCollection AddReconciling(this IServiceCollection services, AgentConfiguration configuration)
    {
        services.AddSingleton<GuestBook>().AddSingleton<Reconciler>();
        if (configuration.Hub is null)
            return services;
        return services
            .AddSingleton<PeerLinks>().AddHostedService(provider => provider.GetRequiredService<PeerLinks>())
            .AddSingleton<LogSender>().AddHostedService(provider => provider.GetRequiredService<LogSender>())
            .AddHostedService<DownlinkService>();
    }

    public static IServiceCollection AddMetering(
        this IServiceCollection services, AgentConfiguration configuration) => services
        .AddSingleton(provider =>
            new UsageMeter(configuration.Metering.Power, provider.GetRequiredService<TimeProvider>()))
        .AddSingleton<MeteringService>();

    public static IServiceCollection AddMetrics(this IServiceCollection services, AgentConfiguration configuration)
    {
        services.AddSingleton<AgentMetrics>();
        if (configuration.Metrics is not { } settings)
            return services;
        return services.AddSingleton(settings).AddSingleton<MetricsServer>()
            .AddHostedService(provider => provider.GetRequiredService<MetricsServer>());
    }

    public static IServiceCollection AddTelemetry(
        this IServiceCollection services, AgentConfiguration configuration) =>
        configuration.Otlp is { } settings ? services.AddOtlp(configuration, settings) : services;

    // By itself, so that an agent that exports nothing never loads what exports.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IServiceCollection AddOtlp(
        this IServiceCollection services, AgentConfiguration configuration, OtlpSettings settings) =>
        services.AddHostedService(provider => new OtlpService(
            settings,
            new TelemetryIdentity(
                "lepton-agent", StatusReporter.Version, configuration.Device.Value,
                [
                    new("lepton.tenant", configuration.Tenant.Value), new("lepton.site", configuration.Site),
                    new("lepton.device", configuration.Device.Value),
                ],
                [], []),
            sink => provider.GetRequiredService<AgentMetrics>().Write(sink), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<OtlpService>>()));

    /// <summary>The newest lines of the log are kept beside what goes to the journal.</summary>
    public static ILoggingBuilder AddTail(this ILoggingBuilder logging, AgentConfiguration configuration)
    {
        var tail = new LogTail(configuration.Logging, TimeProvider.System);
        // It decides by itself, for while somebody follows it takes more than the configuration says.
        logging.AddFilter<LogTail>(null, LogLevel.Trace).AddProvider(tail);
        logging.Services.AddSingleton(tail);
        return logging;
    }

    public static IServiceCollection AddStatus(this IServiceCollection services)
    {
        services.TryAddSingleton<ISystemdNotifier, SystemdNotifier>();
        return services
            .AddSingleton(provider => new DeviceFacts(
                provider.GetRequiredService<AgentConfiguration>(), provider.GetRequiredService<AgentIdentity>(),
                provider.GetRequiredService<Outbox>(), provider.GetRequiredService<TimeProvider>()))
            .AddSingleton<StatusReporter>().AddHostedService<StatusService>();
    }

    // What was appended is noted down first, then sent: a batch that the hub has is always in the ledger.
    private static Action<BatchName, RecordBatch, int> Appended(IServiceProvider provider)
    {
        var ledger = provider.GetService<AgentLedger>();
        var link = provider.GetService<DeviceLink>();
        return (name, batch, sealedBytes) =>
        {
            ledger?.Append(name, batch, sealedBytes);
            link?.Wake();
        };
    }

    private static AgentLedger OpenLedger(AgentConfiguration configuration, string file)
    {
        try
        {
            return new AgentLedger(file);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new ConfigurationException([new ConfigurationFault(configuration.File, 0, "ledger", fault.Message)]);
        }
    }

    private static Outbox OpenOutbox(AgentConfiguration configuration, IServiceProvider provider)
    {
        var sealer = provider.GetRequiredService<BatchSealer>();
        var clock = provider.GetRequiredService<TimeProvider>();
        try
        {
            Directory.CreateDirectory(configuration.DataDirectory);
            return Outbox.Open(
                new OutboxOptions
                {
                    Path = Path.Combine(configuration.DataDirectory, "outbox.db"),
                    BytesMax = configuration.Outbox.BytesMax,
                    Reserves = configuration.Outbox.Reserves,
                    SealGap = GapSealer.Create(sealer, clock),
                },
                clock, provider.GetRequiredService<ILogger<Outbox>>());
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException(
                [new ConfigurationFault(configuration.File, 0, "data_dir", fault.Message)]);
        }
    }
}
