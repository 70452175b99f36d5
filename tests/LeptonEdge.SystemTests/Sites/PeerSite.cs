using System.Text.Json;
using LeptonEdge.Agent.Status;
using LeptonEdge.Core.Identity;
using LeptonEdge.Hub.Trust;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.SystemTests.Faults;
using LeptonEdge.SystemTests.Support;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.SystemTests.Sites;

/// <summary>A hub with its own broker and the agents of one site, which answer each other; all of them real
/// processes.</summary>
internal sealed class PeerSite : IDisposable
{
    private const string Tenant = "plant";

    private readonly TempFolder _folder = new();
    private readonly Dictionary<string, ServerProcess> _running = [];
    private readonly int _mqttPort = FaultFleet.FreePort();
    private readonly int _httpsPort = FaultFleet.FreePort();
    private readonly int _httpPort = FaultFleet.FreePort();
    private readonly HubProbe _api;
    private readonly string _models;

    /// <param name="devices">The first one's workload follows the plan; those of the others stay at home.</param>
    public PeerSite(params string[] devices)
        : this(Product.ModelsFolder, [], devices)
    {
    }

    /// <param name="models">Of the hub and of the devices.</param>
    /// <param name="offload">Keys of the first device's workload, as lines of YAML.</param>
    /// <inheritdoc cref="PeerSite(string[])"/>
    public PeerSite(string models, string[] offload, params string[] devices)
    {
        _models = models;
        HubData = Directory.CreateDirectory(_folder.File("hub")).FullName;
        _api = new HubProbe(_httpPort, HubData);
        using var authority = FleetAuthority.OpenOrCreate(HubData, new TenantId(Tenant));
        WriteHub();
        foreach (var device in devices)
        {
            authority.IssueDevice(new DeviceId(device), Directory.CreateDirectory(_folder.File(device)).FullName);
            WriteAgent(device, device == devices[0] ? ["may_leave_device: true", .. offload] : ["may_leave_device: false"]);
        }
    }

    public string HubData { get; }

    /// <summary>The channel of a device's bearing.</summary>
    public static string ChannelOf(string device) => $"{device}-end";

    public void StartHub() => Start("hub", "hub/LeptonEdge.Hub", "hub.yaml");

    public void StartAgent(string device) => Start(device, "agent/LeptonEdge.Agent", $"{device}.yaml");

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync(string name)
    {
        _running.Remove(name, out var process);
        using (process)
            await process!.KillAsync();
    }

    /// <summary>SIGTERM, and an orderly end.</summary>
    public async Task StopAsync(string name)
    {
        _running.Remove(name, out var process);
        using (process)
        {
            await process!.StopAsync();
            Assert.True(process.ExitCode == 0, $"{name} stopped with status {process.ExitCode}:\n{process.Tail()}");
        }
    }

    /// <summary>Runs <c>lepton</c> against this hub.</summary>
    public async Task<(int Status, string Output, string Errors)> LeptonAsync(params string[] arguments) =>
        await Product.LeptonAsync(
            60, [
                .. arguments, "--hub", $"http://127.0.0.1:{_httpPort}", "--token-file",
                Path.Combine(HubData, "operator.token"),
            ]);

    /// <summary>What the hub's API says; null while the hub does not answer.</summary>
    /// <param name="path">After <c>api/v1/</c>.</param>
    public async Task<JsonElement?> AskAsync(string path)
    {
        using var response = await _api.AskAsync($"api/v1/{path}");
        if (response is not { IsSuccessStatusCode: true })
            return null;
        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return document.RootElement.Clone();
    }

    /// <summary>The entry of a device in one of the API's lists; null while there is none.</summary>
    public async Task<JsonElement?> DeviceAsync(string path, string list, string device)
    {
        if (await AskAsync(path) is not { } answer)
            return null;
        foreach (var entry in answer.GetProperty(list).EnumerateArray())
        {
            if (entry.GetProperty("device").GetString() == device)
                return entry;
        }

        return null;
    }

    /// <summary>Waits on a condition; when time runs out, the message holds what the processes said last.</summary>
    public async Task UntilAsync(Func<Task<bool>> condition, string what, int secondsMax = 90)
    {
        try
        {
            await Eventually.True(condition, what, secondsMax);
        }
        catch (TimeoutException fault)
        {
            var tails = Directory.GetFiles(_folder.Path, "*.log").Select(log =>
                $"{Path.GetFileName(log)}:\n{string.Join('\n', File.ReadLines(log).TakeLast(20))}");
            throw new TimeoutException($"{fault.Message}\n{string.Join('\n', tails)}");
        }
    }

    /// <summary>Windows and verdicts of a device in the hub's store; the hub must not run.</summary>
    public WindowComparison Compare(string device)
    {
        using var store = HubStore.OpenReadOnly(Path.Combine(HubData, "hub.db"));
        return new WindowComparison(store, new ChannelName(ChannelOf(device)));
    }

    /// <summary>What a device's life came to, by its own account; after its orderly end.</summary>
    public LedgerSummary Summary(string device) => JsonSerializer.Deserialize(
        File.ReadAllText(_folder.File($"{device}.ledger.summary.json")), LedgerSummaryJson.Default.LedgerSummary)!;

    public void Dispose()
    {
        foreach (var process in _running.Values)
            process.Dispose();
        _api.Dispose();
        _folder.Dispose();
    }

    private void Start(string name, string assembly, string file) => _running[name] = ServerProcess.Start(
        name, _folder.File($"{name}.log"), Product.Line(assembly, "--config", _folder.File(file)));

    private void WriteHub() => File.WriteAllText(
        _folder.File("hub.yaml"),
        $"""
        tenant: {Tenant}
        data_dir: {HubData}
        models_dir: {_models}
        listen:
          https: 127.0.0.1:{_httpsPort}
          mqtt: 127.0.0.1:{_mqttPort}
          http: 127.0.0.1:{_httpPort}
        planner:
          start_grace_seconds: 1
          settle_seconds: 0
          consider_every_seconds: 1

        """);

    private void WriteAgent(string device, string[] offload) => File.WriteAllText(
        _folder.File($"{device}.yaml"),
        $"""
        tenant: {Tenant}
        site: north
        device: {device}
        identity:
          certificate: {device}/device.crt
          key: {device}/device.key
          ca: {device}/ca.crt
          hub_key: {device}/hub.pub
        hub:
          mqtt: 127.0.0.1:{_mqttPort}
          grpc: https://127.0.0.1:{_httpsPort}
        data_dir: {Directory.CreateDirectory(_folder.File($"{device}.state")).FullName}
        models_dir: {_models}
        ledger: {device}.ledger
        outbox: {"{ batch_age: 40ms }"}
        peers:
          listen: 127.0.0.1:{FaultFleet.FreePort()}
        sensors:
          - driver: simulated-bearing
            channel: {ChannelOf(device)}
        channels:
          - match: '*'
            upload: features
        workloads:
          - file: {Path.Combine(Product.WorkloadsFolder, "bearing.yaml")}
            channel: {ChannelOf(device)}
            deadline: 200ms
            {string.Join("\n    ", offload)}

        """);
}
