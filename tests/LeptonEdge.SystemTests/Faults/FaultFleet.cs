using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using LeptonEdge.Core.Identity;
using LeptonEdge.Hub.Trust;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.SystemTests.Support;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.SystemTests.Faults;

/// <summary>The processes of a fleet that a test may kill.</summary>
[Flags]
internal enum Part
{
    None = 0,
    Agent = 1,
    Hub = 2,
    Broker = 4,
}

/// <summary>One agent, one hub and a mosquitto between them, as real processes: started, killed, stopped, and at the
/// end compared.</summary>
internal sealed class FaultFleet : IDisposable
{
    private static readonly TenantId Tenant = new("plant");
    private static readonly DeviceId Device = new("edge-1");
    private static readonly Part[] All = [Part.Broker, Part.Hub, Part.Agent];

    private readonly TempFolder _folder = new();
    private readonly Dictionary<Part, ServerProcess> _running = [];
    private readonly FleetOptions _options;
    private readonly string _brokerConfig;
    private readonly string _hubConfig;
    private readonly string _agentConfig;
    private readonly HttpClient _api;
    private int _ledgers;

    public FaultFleet(FleetOptions? options = null)
    {
        options ??= new FleetOptions();
        var port = options.BrokerPort == 0 ? FreePort() : options.BrokerPort;
        _options = options with
        {
            BrokerPort = port,
            AgentBrokerPort = options.AgentBrokerPort == 0 ? port : options.AgentBrokerPort,
            HubBrokerPort = options.HubBrokerPort == 0 ? port : options.HubBrokerPort,
        };
        HubData = options.HubData ?? Directory.CreateDirectory(_folder.File("hub")).FullName;
        AgentData = options.AgentData ?? Directory.CreateDirectory(_folder.File("state")).FullName;
        using var authority = FleetAuthority.OpenOrCreate(HubData, Tenant);
        authority.IssueDevice(Device, _folder.Path);
        var httpPort = FreePort();
        _brokerConfig = FleetFiles.Mosquitto(_folder.Path, port, authority);
        _hubConfig = FleetFiles.Hub(_folder.Path, HubData, Tenant, _options.HubBrokerPort, httpPort);
        _agentConfig = FleetFiles.Agent(_folder.Path, AgentData, Tenant, Device, _options);
        _api = new HttpClient
            { BaseAddress = new Uri($"http://127.0.0.1:{httpPort}"), Timeout = TimeSpan.FromSeconds(10) };
    }

    public string AgentData { get; }

    public string HubData { get; }

    public string OutboxFile => Path.Combine(AgentData, "outbox.db");

    public string AgentLog => Log(Part.Agent);

    public string HubLog => Log(Part.Hub);

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public void StartAll()
    {
        foreach (var part in All)
            Start(part);
    }

    public void Start(Part part)
    {
        var log = _folder.File($"{part}.log");
        _running[part] = part switch
        {
            Part.Agent => ServerProcess.Start("agent", log,
                [.. _options.AgentPrefix, .. Product.Line("agent/LeptonEdge.Agent", "--config", _agentConfig)],
                // Each life of the agent has a ledger of its own: one that grew for hours would slow its start.
                new Dictionary<string, string>(_options.AgentEnvironment)
                    { ["LEPTON_LEDGER"] = _folder.File($"ledger.{_ledgers++}") }),
            Part.Hub => ServerProcess.Start("hub", log, Product.Line("hub/LeptonEdge.Hub", "--config", _hubConfig)),
            _ => ServerProcess.Start("mosquitto", log, [Requires.FindProgram("mosquitto")!, "-c", _brokerConfig]),
        };
    }

    /// <summary>SIGKILL to each, at once.</summary>
    public async Task KillAsync(Part parts)
    {
        ThrowIfAnyEnded();
        var victims = All.Where(part => parts.HasFlag(part) && _running.ContainsKey(part)).ToList();
        await Task.WhenAll(victims.Select(part => _running[part].KillAsync()));
        foreach (var part in victims)
            Forget(part);
    }

    /// <summary>SIGTERM, and an orderly end.</summary>
    public async Task StopAsync(Part part)
    {
        var process = _running[part];
        await process.StopAsync();
        var status = process.ExitCode;
        // mosquitto takes SIGTERM as an order, too.
        Assert.True(status == 0, $"{process.Name} stopped with status {status}:\n{process.Tail()}");
        Forget(part);
    }

    /// <exception cref="InvalidOperationException">A process ended that nobody killed; the message holds its last
    /// lines.</exception>
    public void ThrowIfAnyEnded()
    {
        foreach (var process in _running.Values.Where(process => process.HasExited))
            throw new InvalidOperationException(
                $"{process.Name} ended by itself with status {process.ExitCode}:\n{process.Tail()}");
    }

    /// <summary>A request to the hub's API in the operator's name; null while the hub is away.</summary>
    public async Task<HttpResponseMessage?> AskAsync(string path)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            var token = await File.ReadAllTextAsync(Path.Combine(HubData, "operator.token"));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Trim());
            return await _api.SendAsync(request);
        }
        catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException or IOException)
        {
            return null;
        }
    }

    /// <summary>Batches that wait on the device, by its own newest report; null while nothing newer than
    /// <paramref name="sinceMicros"/> is known.</summary>
    public async Task<long?> BacklogAsync(long sinceMicros = 0)
    {
        using var response = await AskAsync("api/v1/devices");
        if (response is not { IsSuccessStatusCode: true })
            return null;
        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        var devices = document.RootElement.GetProperty("devices");
        if (devices.GetArrayLength() == 0 || devices[0].GetProperty("lastSeenMicros").GetInt64() < sinceMicros)
            return null;
        return devices[0].GetProperty("backlog").GetProperty("batches").GetInt64();
    }

    /// <summary>Waits until a report that is newer than this call says that the device's backlog is next to
    /// nothing.</summary>
    public async Task CaughtUpAsync(int secondsMax = 60)
    {
        var since = NowMicros() + 500_000;
        await UntilAsync(async () => await BacklogAsync(since) is < 20, "the hub has caught up", secondsMax);
    }

    /// <summary>Waits on a condition; when time runs out, the message holds what the processes said last.</summary>
    public async Task UntilAsync(Func<Task<bool>> condition, string what, int secondsMax = 60)
    {
        try
        {
            await Eventually.True(async () =>
            {
                ThrowIfAnyEnded();
                return await condition();
            }, what, secondsMax);
        }
        catch (TimeoutException fault)
        {
            throw new TimeoutException(
                $"{fault.Message}\nagent:\n{Tail(Part.Agent)}\nhub:\n{Tail(Part.Hub)}\nbroker:\n{Tail(Part.Broker)}");
        }
    }

    /// <summary>Lets all that was appended reach the hub, and ends every process in order.</summary>
    public async Task DrainAndStopAsync()
    {
        for (var attempt = 0; ; attempt++)
        {
            await CaughtUpAsync(120);
            await StopAsync(Part.Agent);
            if (Tail(Part.Agent).Contains("has stopped; 0 batches wait", StringComparison.Ordinal))
                break;
            Assert.True(attempt < 5, $"the agent does not get rid of its backlog:\n{Tail(Part.Agent)}");
            Start(Part.Agent);
        }

        await StopAsync(Part.Hub);
        await StopAsync(Part.Broker);
    }

    /// <summary>Every ledger of the agent's lives beside the hub's store.</summary>
    public FaultComparison Compare()
    {
        var comparison = new FaultComparison();
        for (var i = 0; i < _ledgers; i++)
        {
            // An agent that was killed while it started has none.
            if (new FileInfo(_folder.File($"ledger.{i}")) is { Exists: true, Length: >= sizeof(ulong) } ledger)
                comparison.AddLedger(ledger.FullName);
        }

        using var store = HubStore.OpenReadOnly(Path.Combine(HubData, "hub.db"));
        foreach (var batch in store.EnumerateBatches())
            comparison.AddStored(batch);
        return comparison;
    }

    public string Tail(Part part, int lines = 20) => File.Exists(_folder.File($"{part}.log"))
        ? string.Join('\n', File.ReadLines(_folder.File($"{part}.log")).TakeLast(lines))
        : "(no output)";

    public void Dispose()
    {
        foreach (var process in _running.Values)
            process.Dispose();
        _api.Dispose();
        _folder.Dispose();
    }

    public static long NowMicros() => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1_000;

    private string Log(Part part) =>
        File.Exists(_folder.File($"{part}.log")) ? File.ReadAllText(_folder.File($"{part}.log")) : "";

    private void Forget(Part part)
    {
        _running.Remove(part, out var process);
        process!.Dispose();
    }
}
