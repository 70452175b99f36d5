using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Api;
using LeptonEdge.Hub.Api.Accounts;
using LeptonEdge.Hub.Api.Audit;
using LeptonEdge.Hub.Api.Administration;
using LeptonEdge.Hub.Api.Alarms;
using LeptonEdge.Hub.Api.Common;
using LeptonEdge.Hub.Api.Devices;
using LeptonEdge.Hub.Api.Models;
using LeptonEdge.Hub.Api.OpenApi;
using LeptonEdge.Hub.Api.Readings;
using LeptonEdge.Hub.Api.SavedViews;
using LeptonEdge.Hub.Api.Sites;
using LeptonEdge.Hub.Api.Status;
using LeptonEdge.Hub.Configuration;
using LeptonEdge.Hub.Gateway;
using LeptonEdge.Hub.Jobs;
using LeptonEdge.Hub.Live;
using LeptonEdge.Hub.Metering;
using LeptonEdge.Hub.Metrics;
using LeptonEdge.Hub.Offload;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Hub.Trust;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Serving;
using LeptonEdge.Serving.Grpc;
using LeptonEdge.Serving.Models;
using LeptonEdge.Serving.Rest;
using LeptonEdge.Storage.Hubs;
using Microsoft.AspNetCore.Builder;
using MQTTnet.AspNetCore;

namespace LeptonEdge.Hub;

/// <summary>One hub, from its options to open ports. Its whole state is in the data folder, so that it may be killed at
/// any time.</summary>
public sealed class HubServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly List<IDisposable> _owned;

    private HubServer(WebApplication app, List<IDisposable> owned) => (_app, _owned) = (app, owned);

    public HubPorts Ports => _app.Services.GetRequiredService<HubListeners>().Ports;

    public IServiceProvider Services => _app.Services;

    /// <summary>Opens the data folder, takes up what an earlier run left, and listens.</summary>
    /// <exception cref="IOException">A port is taken, or the data folder cannot be used.</exception>
    public static async Task<HubServer> StartAsync(
        HubOptions options, TimeProvider clock, Action<ILoggingBuilder> logging)
    {
        var owned = new List<IDisposable>();
        try
        {
            var app = await BuildAsync(options, clock, logging, owned).ConfigureAwait(false);
            var server = new HubServer(app, owned);
            Restore(app.Services, options);
            await app.StartAsync().ConfigureAwait(false);
            app.Services.GetRequiredService<FirstLink>().Announce(server.Ports);
            return server;
        }
        catch
        {
            foreach (var part in Enumerable.Reverse(owned))
                part.Dispose();
            throw;
        }
    }

    internal static string StorePath(HubOptions options) => Path.Combine(options.DataFolder, "hub.db");

    /// <summary>Until SIGTERM or SIGINT.</summary>
    public Task WaitForShutdownAsync() => _app.WaitForShutdownAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync().ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
        foreach (var part in Enumerable.Reverse(_owned))
            part.Dispose();
    }

    private static async Task<WebApplication> BuildAsync(
        HubOptions options, TimeProvider clock, Action<ILoggingBuilder> logging, List<IDisposable> owned)
    {
        CreatePrivate(options.DataFolder);
        // The empty builder reads no settings, environment or files of its own: hub.yaml is the only voice.
        var builder =
            WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        logging(builder.Logging);
        using var logs = LoggerFactory.Create(logging);
        var authority =
            Own(FleetAuthority.OpenOrCreate(options.DataFolder, options.Tenant, NamesOf(options), clock), owned);
        var token = OperatorToken.OpenOrCreate(options.DataFolder);
        var store =
            Own(HubStore.Open(new HubStoreOptions { Path = StorePath(options) }, clock), owned);
        var meters = new HubMeters();
        var totals = new UsageTotals();
        var usage = new HubUsageMeter(options, totals, clock);
        var plans = new PlanHolder();
        var calls = Own(CallBoard.Create(), owned);
        var serving = options.ToServing(meters, usage, calls, new PlannedAnswerers(plans));
        var loading = ModelRepository.OpenAsync(serving, clock, logs.CreateLogger<ModelRepository>());
        var models = Own(await loading.ConfigureAwait(false), owned);
        var listeners = new HubListeners(options.Listen, authority);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(listeners.Configure);
        builder.Services.AddSingleton(clock).AddSingleton(options).AddSingleton(listeners).AddSingleton(store)
            .AddSingleton(meters).AddSingleton(totals).AddSingleton(usage).AddSingleton<UsageKeeper>().AddSingleton(plans);
        builder.Services.AddTelemetry(options).AddTrust(authority, token).AddAccounts(options)
            .AddServing(serving, models).AddPlanning(options).AddJobs(options, calls).AddApi().AddGateway(options);
        var app = builder.Build();
        Map(app, options);
        return app;
    }

    private static void Map(WebApplication app, HubOptions options)
    {
        app.Use(app.Services.GetRequiredService<HttpMeters>().RunAsync);
        app.UsePageHeaders();
        app.UseMiddleware<ProblemMiddleware>();
        app.UseRouting();
        app.UseMiddleware<AccessGate>();
        app.UseRateLimiter();
        app.UseMiddleware<IdempotencyGate>();
        app.UseMiddleware<CallerGate>();
        if (options.Broker is null)
        {
            app.UseMqttServer(app.Services.GetRequiredService<BrokerRights>().Guard);
            app.UseMqttServer(server => BrokerFile.Use(server, options.DataFolder));
        }
        app.MapGrpcService<InferenceService>().WithMetadata(new AccessRule(Access.FleetOrOperator));
        app.MapGrpcService<JobsService>().WithMetadata(new AccessRule(Access.FleetOrOperator));
        app.MapInferenceRest().WithMetadata(new AccessRule(Access.FleetOrOperator));
        var api = app.MapGroup("/api/v1");
        api.MapHub();
        api.MapFleet();
        api.MapPlan();
        api.MapPlanControls();
        api.MapPlanMoves();
        api.MapStore();
        api.MapJobs();
        api.MapUsage();
        api.MapSessions();
        api.MapOperatorLinks();
        api.MapTokens();
        api.MapAccounts();
        api.MapAudit();
        api.MapDevices();
        api.MapDeviceLogs();
        api.MapAlarms();
        api.MapRules();
        api.MapSites();
        api.MapFloorPlans();
        api.MapReadings();
        api.MapModels();
        api.MapSavedViews();
        api.MapAdministration();
        api.MapLive();
        app.MapHealth();
        app.MapOperatorLinkPage();
        app.MapPage();
        app.MapOpenApi(ApiDocument.Address);
    }

    /// <summary>Takes up plan, reports and raised alarms, so that a restart changes nothing by itself.</summary>
    private static void Restore(IServiceProvider services, HubOptions options)
    {
        var store = services.GetRequiredService<HubStore>();
        var fleet = services.GetRequiredService<FleetState>();
        foreach (var kept in store.AllReported(options.Tenant))
            fleet.Restore(kept.Device, ReportedState.Parser.ParseFrom(kept.Content), kept.TimeMicros);
        services.GetRequiredService<DesiredStates>().Restore();
        RestorePlan(services);
        var board = services.GetRequiredService<AlarmBoard>();
        foreach (var alarm in store.ActiveAlarms(options.Tenant))
            board.Take(alarm.Device, alarm.Event);
    }

    private static void RestorePlan(IServiceProvider services)
    {
        var (archive, desk) = (services.GetRequiredService<PlanArchive>(), services.GetRequiredService<PlanDesk>());
        desk.SetControls(archive.Restore(desk.Controls));
        if (archive.Newest() is not { } newest)
            return;
        services.GetRequiredService<PlanHolder>().Restore(newest);
        desk.Restore(newest.Plan);
    }

    /// <summary>The certificate also names the addresses that the hub listens on by name.</summary>
    private static IEnumerable<string> NamesOf(HubOptions options) => options.Names.Concat(
        new[] { options.Listen.Https, options.Listen.Mqtt }
            .OfType<System.Net.IPEndPoint>()
            .Where(e => !e.Address.Equals(System.Net.IPAddress.Any) && !e.Address.Equals(System.Net.IPAddress.IPv6Any))
            .Select(e => e.Address.ToString()));

    // Keys have a mode of their own; the store, its journal and its lock rely on the folder's.
    private static void CreatePrivate(string folder)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(
                folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static T Own<T>(T part, List<IDisposable> owned)
        where T : IDisposable
    {
        owned.Add(part);
        return part;
    }
}
