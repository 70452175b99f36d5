using System.Net;
using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Api;
using LeptonEdge.Hub.Api.Accounts;
using LeptonEdge.Hub.Api.Alarms;
using LeptonEdge.Hub.Api.Devices;
using LeptonEdge.Hub.Api.OpenApi;
using LeptonEdge.Hub.Api.Status;
using LeptonEdge.Hub.Audit;
using LeptonEdge.Hub.Configuration;
using LeptonEdge.Hub.DeviceLogs;
using LeptonEdge.Hub.Gateway;
using LeptonEdge.Hub.Jobs;
using LeptonEdge.Hub.Live;
using LeptonEdge.Hub.Metrics;
using LeptonEdge.Hub.Offload;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Hub.Trust;
using LeptonEdge.Placement.Planning;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Sync.Hubs;
using LeptonEdge.Telemetry;
using Microsoft.AspNetCore.Routing;
using MQTTnet.AspNetCore;
using MQTTnet.Diagnostics.Logger;

namespace LeptonEdge.Hub;

/// <summary>The hub's parts, room by room.</summary>
internal static class HubServices
{
    public static IServiceCollection AddTrust(
        this IServiceCollection services, FleetAuthority authority, OperatorToken token) => services
        .AddSingleton(authority)
        .AddSingleton(token)
        .AddSingleton<AuditLog>().AddSingleton<RefusalBook>().AddHostedService<AuditKeeper>();

    public static IServiceCollection AddAccounts(this IServiceCollection services, HubOptions options)
    {
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, AccountJson.Default);
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, AuditJson.Default);
        });
        services.AddSingleton(provider => new AccountBook(provider.GetRequiredService<HubStore>(), options.Tenant));
        return services.AddSingleton(options.Api).AddSingleton<PasswordDesk>().AddSingleton<SignInDesk>()
            .AddSingleton<SessionDesk>().AddSingleton<TokenDesk>().AddSingleton<FirstLink>().AddSingleton<OperatorLinks>()
            .AddSingleton<CallerReader>().AddSingleton<OpenCalls>().AddSingleton<RefusedRequests>().AddRateLimits(options.Api);
    }

    public static IServiceCollection AddGateway(this IServiceCollection services, HubOptions options)
    {
        services.AddSingleton<BrokerRights>().AddSingleton<IngestService>().AddSingleton<ChartKeeper>();
        services.AddSingleton(provider => new HubLink(
            LinkOptions(
                options, provider.GetRequiredService<FleetAuthority>(),
                provider.GetRequiredService<HubListeners>().Ports),
            provider.GetRequiredService<HubStore>(),
            provider.GetRequiredService<BatchOpener>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<HubLink>>()));
        services.AddSingleton(provider =>
            new BatchOpener(
                [.. provider.GetRequiredService<FleetAuthority>().SealKeyFiles.Select(HubPrivateKey.Load)]));
        if (options.Broker is null)
        {
            services.AddSingleton<IMqttNetLogger, BrokerLog>();
            services.AddHostedMqttServer(server => server.WithoutDefaultEndpoint().WithPersistentSessions());
            services.AddMqttConnectionHandler();
            services.AddConnections();
        }

        services.AddSystemd();
        return services.AddHostedService<SystemdWatchdog>().AddHostedService<HubBackground>();
    }

    public static IServiceCollection AddPlanning(this IServiceCollection services, HubOptions options) => services
        .AddSingleton(options.Planning)
        .AddSingleton(provider => new FleetState(options.Tenant, provider.GetRequiredService<TimeProvider>()))
        .AddSingleton(provider => new RuleWishes(options.Tenant, provider.GetRequiredService<HubStore>()))
        .AddSingleton(provider => new DesiredStates(
            options.Tenant, provider.GetRequiredService<HubStore>(), provider.GetRequiredService<RuleWishes>()))
        .AddSingleton<HubNodes>()
        .AddSingleton<IFleetSolver>(new LagrangianSolver())
        .AddSingleton<PlanDesk>()
        .AddSingleton(provider => new PlanArchive(
            options.Tenant, provider.GetRequiredService<HubStore>(), provider.GetRequiredService<PlanHolder>(),
            provider.GetRequiredService<ILogger<PlanArchive>>()))
        .AddSingleton<PlanningService>();

    public static IServiceCollection AddJobs(this IServiceCollection services, HubOptions options, CallBoard calls)
    {
        services.ConfigureHttpJsonOptions(
            json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, JobJson.Default));
        return services.AddSingleton(options.Jobs).AddSingleton(calls).AddSingleton<JobNews>().AddSingleton<JobWorkerKeeper>()
            .AddSingleton<JobRunner>().AddSingleton<JobDesk>().AddSingleton<JobsService>();
    }

    public static IServiceCollection AddApi(this IServiceCollection services)
    {
        services.AddSingleton<AlarmBoard>().AddSingleton<SummaryService>().AddSingleton<LiveHub>()
            .AddSingleton<LiveStates>().AddSingleton<LiveSubscriptions>().AddSingleton<LiveTopics>().AddSingleton<LiveRows>()
            .AddSingleton<DeviceNotes>().AddSingleton<DeviceViews>().AddSingleton<PlanControlDesk>()
            .AddSingleton<MetricsPage>().AddSingleton<HttpMeters>().AddSingleton<HubStates>().AddSingleton<HubTrend>()
            .AddSingleton<RuleViews>().AddSingleton<LogDesk>();
        services.ConfigureHttpJsonOptions(
            json =>
            {
                var rules = json.SerializerOptions;
                rules.TypeInfoResolverChain.Insert(0, OperationsJson.Default);
                rules.TypeInfoResolverChain.Insert(0, ApiJson.Default);
                // What a request must give is given, and of its type: a number is no text.
                rules.NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.Strict;
                rules.RespectNullableAnnotations = true;
                rules.RespectRequiredConstructorParameters = true;
                rules.AllowDuplicateProperties = false;
            });
        // A parameter that does not parse is an error with a sentence, not a bare 400.
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.AddApiDocument();
        return services.AddRouting();
    }

    public static IServiceCollection AddTelemetry(this IServiceCollection services, HubOptions options) =>
        options.Otlp is not { } settings
            ? services
            : services.AddHostedService(provider => new OtlpService(
                settings,
                new TelemetryIdentity(
                    "lepton-hub", HubVersion.Text, Environment.MachineName,
                    [new("lepton.tenant", options.Tenant.Value)], ["Microsoft.AspNetCore"],
                    ["Microsoft.AspNetCore.Hosting"]),
                sink => provider.GetRequiredService<MetricsPage>().Write(sink), provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<OtlpService>>()));

    private static HubLinkOptions LinkOptions(HubOptions options, FleetAuthority authority, HubPorts ports)
    {
        if (options.Broker is { } external)
        {
            return new HubLinkOptions
            {
                Host = external.Host,
                Port = external.Port,
                Shared = true,
                ClientCertificate = external.Tls ? authority.HubCertificate : null,
                TrustRoots = external.Tls ? [authority.Certificate] : null,
            };
        }

        return new HubLinkOptions
        {
            Host = Reach(options.Listen.Mqtt!.Address),
            Port = ports.Mqtt,
            ClientCertificate = authority.HubCertificate,
            TrustRoots = [authority.Certificate],
        };
    }

    /// <summary>An address at which this machine reaches itself: "any" is none to connect to.</summary>
    private static string Reach(IPAddress address) =>
        address.Equals(IPAddress.Any) ? "127.0.0.1" : address.Equals(IPAddress.IPv6Any) ? "::1" : address.ToString();
}
