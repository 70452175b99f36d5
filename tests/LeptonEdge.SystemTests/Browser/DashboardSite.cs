using System.Text.RegularExpressions;
using LeptonEdge.Core.Identity;
using LeptonEdge.Hub.Trust;
using LeptonEdge.SystemTests.Faults;
using LeptonEdge.SystemTests.Support;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.SystemTests.Browser;

/// <summary>A hub and the agents of two sites as processes, and what a person needs to know to open the
/// dashboard.</summary>
internal sealed partial class DashboardSite : IDisposable
{
    public const string Tenant = "plant";
    public const string Press = "press-1";
    public const string Pump = "pump-7";

    /// <summary>Has no other task than to die.</summary>
    public const string Victim = "mill-3";

    private static readonly (string Device, string Site)[] s_devices = [(Press, "north"), (Pump, "south"), (Victim, "north")];

    private readonly TempFolder _folder = new();
    private readonly Dictionary<string, ServerProcess> _running = [];
    private readonly int _mqttPort = FaultFleet.FreePort();
    private readonly int _httpsPort = FaultFleet.FreePort();
    private readonly int _httpPort = FaultFleet.FreePort();
    private readonly string _data;
    private readonly HubProbe _api;

    public DashboardSite()
    {
        _data = Directory.CreateDirectory(_folder.File("hub")).FullName;
        _api = new HubProbe(_httpPort, _data);
        using var authority = FleetAuthority.OpenOrCreate(_data, new TenantId(Tenant));
        WriteHub();
        foreach (var (device, site) in s_devices)
        {
            authority.IssueDevice(new DeviceId(device), Directory.CreateDirectory(_folder.File(device)).FullName);
            WriteAgent(device, site);
        }
    }

    public string Address => $"http://127.0.0.1:{_httpPort}";

    /// <summary>The address that the hub said at its first start, for the first administrator.</summary>
    public string WelcomeLink => Link().Match(_running["hub"].Log).Value;

    /// <summary>Hub and agents, until all of them have reported and an alarm is raised.</summary>
    public async Task StartAsync()
    {
        Start("hub", "hub/LeptonEdge.Hub", "hub.yaml");
        foreach (var (device, _) in s_devices)
            Start(device, "agent/LeptonEdge.Agent", $"{device}.yaml");
        await Eventually.True(
            async () => await CountAsync("devices") == s_devices.Length && await CountAsync("alarms?state=active") > 0,
            "every device has reported and one raised an alarm", 120);
    }

    /// <summary>The document of the API, as the hub serves it.</summary>
    public async Task<string> OpenApiAsync()
    {
        using var answer = await _api.AskAsync("api/v1/openapi.json");
        return await answer!.Content.ReadAsStringAsync();
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync(string name)
    {
        _running.Remove(name, out var process);
        using (process)
            await process!.KillAsync();
    }

    /// <summary>The last lines of every process, for a message.</summary>
    public string Tails() => string.Join('\n', _running.Values.Select(process => $"{process.Name}:\n{process.Tail(8)}"));

    public void Dispose()
    {
        foreach (var process in _running.Values)
            process.Dispose();
        _api.Dispose();
        _folder.Dispose();
    }

    private async Task<int> CountAsync(string list)
    {
        using var answer = await _api.AskAsync($"api/v1/{list}");
        if (answer is not { IsSuccessStatusCode: true })
            return 0;
        using var document = System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return document.RootElement.GetProperty("items").GetArrayLength();
    }

    private void Start(string name, string assembly, string file) => _running[name] = ServerProcess.Start(
        name, _folder.File($"{name}.log"), Product.Line(assembly, "--config", _folder.File(file)));

    private void WriteHub() => File.WriteAllText(
        _folder.File("hub.yaml"),
        $$"""
        tenant: {{Tenant}}
        data_dir: {{_data}}
        models_dir: {{Product.ModelsFolder}}
        listen:
          https: 127.0.0.1:{{_httpsPort}}
          mqtt: 127.0.0.1:{{_mqttPort}}
          http: 127.0.0.1:{{_httpPort}}
        prices: { currency: EUR, default: { core_second: 0.00002, gb_moved: 0.02, kwh: 0.3 } }
        planner: { start_grace_seconds: 1, settle_seconds: 0, consider_every_seconds: 1 }

        """);

    private void WriteAgent(string device, string site) => File.WriteAllText(
        _folder.File($"{device}.yaml"),
        $$"""
        tenant: {{Tenant}}
        site: {{site}}
        device: {{device}}
        board: generic-linux
        identity:
          certificate: {{device}}/device.crt
          key: {{device}}/device.key
          ca: {{device}}/ca.crt
          hub_key: {{device}}/hub.pub
        hub:
          mqtt: 127.0.0.1:{{_mqttPort}}
          grpc: https://127.0.0.1:{{_httpsPort}}
        data_dir: {{Directory.CreateDirectory(_folder.File($"{device}.state")).FullName}}
        models_dir: {{Product.ModelsFolder}}
        outbox: { batch_age: 100ms }
        sensors:
          - { driver: simulated-bearing, channel: drive-end, fault: inner-race, healthy_for: 2s, growing_for: 2s, severe_for: 600s }
        channels:
          - { match: '*', upload: features }
        workloads:
          - file: {{Path.Combine(Product.WorkloadsFolder, "bearing.yaml")}}
            channel: drive-end
            deadline: 400ms

        """);

    [GeneratedRegex(@"http://\S+/welcome\?code=\w+")]
    private static partial Regex Link();
}
