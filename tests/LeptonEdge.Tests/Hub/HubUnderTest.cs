using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Pricing;
using LeptonEdge.Hub;
using LeptonEdge.Hub.Configuration;
using LeptonEdge.Hub.Jobs;
using LeptonEdge.Hub.Trust;
using LeptonEdge.Placement.Planning;
using LeptonEdge.Serving.Upstream;
using LeptonEdge.Tests.Support;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Tests.Hub;

/// <summary>A real hub on free ports with a data folder of its own, and certificates for whoever a test
/// needs.</summary>
public sealed class HubUnderTest : IAsyncLifetime
{
    public static readonly TenantId Tenant = new("plant-7");

    /// <summary>Moves as soon as it is worth it, however slow a busy machine is: for tests of what is chosen, not of how
    /// soon it answers.</summary>
    public static readonly PlannerRules QuickRules = new()
    {
        StartGrace = TimeSpan.FromSeconds(1), Hold = TimeSpan.FromMilliseconds(100),
        ReturnHold = TimeSpan.FromMilliseconds(100), SettleTime = TimeSpan.FromMilliseconds(100),
        ReturnShare = 0.94, LeaveShare = 0.95,
    };

    private readonly TempFolder _folder = new();
    private readonly Dictionary<string, X509Certificate2> _certificates = [];
    private HubServer? _server;

    /// <summary>Null: the embedded one.</summary>
    public ExternalBroker? Broker { get; init; }

    public HubServer Server => _server ?? throw new InvalidOperationException("the hub is down");

    /// <summary>Where the hub keeps everything; null: a folder of its own.</summary>
    public string? DataFolderAt { get; init; }

    public string DataFolder => DataFolderAt ?? _folder.File("data");

    public string Token { get; private set; } = "";

    public X509Certificate2 Authority { get; private set; } = null!;

    public Uri Https => new($"https://localhost:{Server.Ports.Https}");

    public Uri Http => new($"http://127.0.0.1:{Server.Ports.Http}");

    public Action<ILoggingBuilder> Logging { get; init; } = static logging => logging.SetMinimumLevel(LogLevel.None);

    /// <summary>Null: the ones of this repository.</summary>
    public string? ModelsFolder { get; init; }

    public IReadOnlyList<UpstreamOptions> Upstreams { get; set; } = [];

    public PriceBook Prices { get; init; } = PriceBook.Free;

    public PowerModel Power { get; init; }

    public PlannerRules Rules { get; init; } = new() { SettleTime = TimeSpan.Zero };

    public JobsOptions Jobs { get; init; } = new();

    /// <summary>Tests sign in more often than people do.</summary>
    public ApiOptions Api { get; init; } = new() { SignInsPerMinute = 10_000 };

    public Task InitializeAsync() => InitializeAsync(ready: true);

    /// <param name="ready">Waits until all is well; a hub with a broken model never is.</param>
    public async Task InitializeAsync(bool ready)
    {
        await StartAsync(ready);
        Token = (await File.ReadAllTextAsync(Path.Combine(DataFolder, "operator.token"))).Trim();
        Authority = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(DataFolder, "ca", "ca.crt"));
    }

    public async Task DisposeAsync()
    {
        await StopAsync();
        foreach (var certificate in _certificates.Values)
            certificate.Dispose();
        _folder.Dispose();
    }

    public Task StartAsync() => StartAsync(ready: true);

    private async Task StartAsync(bool ready)
    {
        var any = new IPEndPoint(IPAddress.Loopback, 0);
        var options = new HubOptions
        {
            Tenant = Tenant,
            DataFolder = DataFolder,
            ModelsFolder = ModelsFolder ?? Path.Combine(Requires.RepositoryRoot, "firmware-config", "models"),
            Listen = new ListenOptions(any, Broker is null ? any : null, any),
            Broker = Broker,
            Workers = 1,
            QueueMax = 4,
            Upstreams = Upstreams,
            Prices = Prices,
            Power = Power,
            Jobs = Jobs,
            Api = Api,
            Planning = new PlanningOptions { Every = TimeSpan.FromMilliseconds(100), Rules = Rules },
        };
        _server =
            await HubServer.StartAsync(options, TimeProvider.System, Logging);
        if (!ready)
            return;
        using var http = Client();
        await Eventually.True(async () => (await http.GetAsync("readyz")).IsSuccessStatusCode, "the hub is ready");
    }

    public async Task StopAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _server = null;
    }

    /// <summary>On the loopback listener, without a token.</summary>
    public HttpClient Client() =>
        new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Http };

    /// <summary>On the loopback listener, as the operator.</summary>
    public HttpClient Operator()
    {
        var client = Client();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        return client;
    }

    /// <summary>HTTPS that trusts the fleet's authority, with a client certificate if one is given.</summary>
    public SocketsHttpHandler TlsHandler(X509Certificate2? certificate = null)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { Authority },
            RevocationMode = X509RevocationMode.NoCheck,
        };
        if (certificate is not null)
            handler.SslOptions.ClientCertificates = [certificate];
        return handler;
    }

    /// <summary>Issued by the hub's own authority; the same one for the same name.</summary>
    public X509Certificate2 Device(string name)
    {
        if (_certificates.TryGetValue(name, out var known))
            return known;
        using var authority = FleetAuthority.OpenOrCreate(DataFolder, Tenant);
        authority.IssueDevice(new DeviceId(name), DeviceFolder(name));
        return _certificates[name] = X509Certificate2.CreateFromPemFile(
            Path.Combine(DeviceFolder(name), "device.crt"), Path.Combine(DeviceFolder(name), "device.key"));
    }

    public string DeviceFile(string name, string file)
    {
        Device(name);
        return Path.Combine(DeviceFolder(name), file);
    }

    public string DeviceFolder(string name) => _folder.File($"device-{name}");

    public static async Task<JsonElement> JsonAsync(HttpResponseMessage response)
    {
        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return document.RootElement.Clone();
    }

    /// <summary>What the API has at a path below its version.</summary>
    public static async Task<JsonElement> JsonAsync(HttpClient client, string path) =>
        await JsonAsync(await client.GetAsync($"api/v1/{path}"));

    /// <summary>The command line, as this hub's operator.</summary>
    public Task<(int Status, string Output, string Errors)> LeptonAsync(params string[] arguments) =>
        LeptonProcess.RunAsync(
            [.. arguments, "--hub", Http.ToString()], new Dictionary<string, string> { ["LEPTON_TOKEN"] = Token });
}
