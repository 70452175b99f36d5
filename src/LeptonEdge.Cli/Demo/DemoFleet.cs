using System.Text.Json;
using LeptonEdge.Cli.Output;
using LeptonEdge.Core.Identity;
using LeptonEdge.Hub.Trust;

namespace LeptonEdge.Cli.Demo;

/// <summary>The demo's hub and agents: their folders, certificates, configuration files and processes.</summary>
internal sealed class DemoFleet : IDisposable
{
    public const string PressName = "edge-press";

    public static readonly TenantId Tenant = new("demo");
    private readonly bool _temporary;
    private readonly List<ManagedProcess> _agents = [];
    private readonly string? _data;
    private ManagedProcess? _hub;
    private HubClient? _client;
    private DemoPorts _ports = new(0, 0, 0);
    private readonly DemoPage _page = new(TimeProvider.System);
    private long _hubResidentBytesMax;

    private DemoFleet(string folder, bool temporary, string? data) =>
        (Folder, _temporary, _data) = (folder, temporary, data);

    public string Folder { get; }

    public string HubFolder => Path.Combine(Folder, "hub");

    public IReadOnlyList<ManagedProcess> Agents => _agents;

    public int HubRestarts { get; private set; }

    public bool AllStoppedCleanly { get; private set; } = true;

    public long HubResidentBytesMax => Math.Max(_hubResidentBytesMax, _hub?.ResidentBytesMax ?? 0);

    /// <summary>Where a browser finds the live page, signed in once.</summary>
    public string PageAddress => _page.Address;

    private string Token => File.ReadAllText(Path.Combine(HubFolder, "operator.token")).Trim();

    /// <summary>Makes the folders and the certificate authority; starts nothing yet.</summary>
    /// <exception cref="DemoException">A folder is not usable.</exception>
    public static DemoFleet Create(DemoOptions options)
    {
        if (options.Data is { } data && !Directory.Exists(data))
            throw new DemoException($"--data: '{data}' is not a folder; give one that holds .npy recordings");
        if (options.Folder is { } kept && Directory.Exists(kept) && Directory.EnumerateFileSystemEntries(kept).Any())
            throw new DemoException($"--dir: '{kept}' is not empty; give a new folder");
        var folder = options.Folder is null
            ? Directory.CreateTempSubdirectory("lepton-demo-").FullName
            : Directory.CreateDirectory(options.Folder).FullName;
        var fleet = new DemoFleet(
            folder, options.Folder is null, options.Data is null ? null : Path.GetFullPath(options.Data));
        Directory.CreateDirectory(fleet.HubFolder);
        return fleet;
    }

    public void StartHub()
    {
        DemoFiles.WriteHub(Folder, HubFolder, Tenant, _ports);
        _hub = ManagedProcess.Start(
            "hub", "hub", "LeptonEdge.Hub", ["--config", Path.Combine(Folder, "hub.yaml")],
            Path.Combine(Folder, "hub.log"));
    }

    /// <summary>The hub's API once it is ready; null before that.</summary>
    public async Task<HubClient?> ConnectAsync()
    {
        var portsFile = Path.Combine(HubFolder, "ports.json");
        if (_client is null)
        {
            if (!File.Exists(portsFile))
                return null;
            _ports = JsonSerializer.Deserialize(
                await File.ReadAllTextAsync(portsFile), DemoFilesJson.Default.DemoPorts)!;
            _client = new HubClient(new Uri($"http://127.0.0.1:{_ports.Http}"), Token);
        }

        return await _client.IsReadyAsync() ? _client : null;
    }

    public void StartAgents()
    {
        var authority = FleetAuthority.OpenOrCreate(HubFolder, Tenant);
        foreach (var name in (string[])["edge-host", PressName, "edge-pump"])
        {
            var folder = Directory.CreateDirectory(Path.Combine(Folder, name)).FullName;
            authority.IssueDevice(new DeviceId(name), folder);
            var config = DemoFiles.WriteAgent(folder, name, Tenant, _ports, _data);
            _agents.Add(ManagedProcess.Start(
                name, "agent", "LeptonEdge.Agent", ["--config", config], Path.Combine(Folder, $"{name}.log")));
        }
    }

    /// <returns>True when the page has another address than before.</returns>
    public Task<bool> KeepPageAsync() =>
        _page.KeepAsync(_client!, new Uri($"http://127.0.0.1:{_ports.Http}"), HubRestarts);

    /// <summary>What the hub says of every channel; empty while it is away.</summary>
    public async Task<IReadOnlyList<FleetRow>> FleetRowsAsync()
    {
        try
        {
            return FleetRow.ReadAll(await _client!.GetAsync("api/v1/summary"));
        }
        catch (HubException)
        {
            return [];
        }
    }

    /// <summary>Rehearses an overload on edge-press: real inferences of its own models take up its inference
    /// lane.</summary>
    public async Task LoadPressAsync(TimeSpan length) =>
        await _client!.PostAsync(
            $"api/v1/devices/{PressName}/commands/load-drill",
            new { utilisation = 0.93, rampSeconds = length.TotalSeconds / 3, seconds = length.TotalSeconds });

    public async Task KillAndRestartHubAsync()
    {
        await _hub!.KillAsync();
        _hubResidentBytesMax = HubResidentBytesMax;
        _hub.Dispose();
        StartHub();
        HubRestarts++;
    }

    public void SampleMemory()
    {
        _hub?.SampleMemory();
        foreach (var agent in _agents)
            agent.SampleMemory();
    }

    /// <exception cref="DemoException">A process ended by itself; the message holds its last lines.</exception>
    public void ThrowIfAnyDied()
    {
        foreach (var process in (IEnumerable<ManagedProcess>)[.. _agents, .. _hub is null ? [] : new[] { _hub }])
        {
            if (process.HasExited)
                throw new DemoException(
                    $"{process.Name} ended with status {process.ExitCode}:{Environment.NewLine}{process.Tail()}");
        }
    }

    /// <summary>Stops the agents, which drain to the hub first, and then the hub.</summary>
    public async Task StopAsync()
    {
        var agents = await Task.WhenAll(_agents.Select(agent => agent.StopAsync(TimeSpan.FromSeconds(20))));
        var hub = await _hub!.StopAsync(TimeSpan.FromSeconds(20));
        AllStoppedCleanly = hub && agents.All(clean => clean) && _agents.All(agent => agent.ExitCode == 0);
    }

    public void Dispose()
    {
        foreach (var agent in _agents)
            agent.Dispose();
        _hub?.Dispose();
        _client?.Dispose();
        if (_temporary)
            Directory.Delete(Folder, recursive: true);
    }
}
