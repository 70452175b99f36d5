using System.Collections;
using LeptonEdge.Agent;
using LeptonEdge.Agent.Configuration;
using LeptonEdge.Agent.Metering;
using LeptonEdge.Agent.Serving;
using LeptonEdge.Core.Identity;
using LeptonEdge.Hub.Trust;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace LeptonEdge.Tests.Agent.Peers;

/// <summary>The end of a device that answers others of its site, by its own configuration and certificate.</summary>
internal sealed class PeerDevice : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly AgentIdentity _identity;
    private ServingService? _serving;
    private int _port;

    public PeerDevice(FleetAuthority fleet, string name)
    {
        Name = new DeviceId(name);
        fleet.IssueDevice(Name, _folder.File("identity"));
        Configuration = Load(0);
        _identity = AgentIdentity.Load(Configuration);
    }

    public DeviceId Name { get; }

    public AgentConfiguration Configuration { get; private set; }

    public GuestBook Guests { get; } = new();

    public UsageMeter Meter { get; } = new(default, TimeProvider.System);

    public Uri Address => _serving!.Peers!;

    public IEnumerable<string> Models => _serving!.PeerModels;

    public async Task StartAsync()
    {
        Configuration = Load(_port);
        _serving = new ServingService(
            Configuration, Meter, Guests, _identity, TimeProvider.System, NullLoggerFactory.Instance);
        await _serving.StartAsync(CancellationToken.None);
        _port = Address.Port;
    }

    public async Task StopAsync()
    {
        if (_serving is null)
            return;
        await _serving.StopAsync(new CancellationToken(canceled: true));
        await _serving.DisposeAsync();
        _serving = null;
    }

    public void Admit(params string[] devices) => Guests.Admit(devices.Select(
        device => new Guest { Device = device, Workload = "bearing", Model = "bearing-fault/1.0.0" }));

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _identity.Dispose();
        _folder.Dispose();
    }

    private AgentConfiguration Load(int port)
    {
        var file = _folder.File("agent.yaml");
        File.WriteAllText(file, $$"""
            tenant: acme
            site: hall-2
            device: {{Name}}
            identity: { certificate: identity/device.crt, key: identity/device.key, ca: identity/ca.crt, hub_key: identity/hub.pub }
            hub: { mqtt: "127.0.0.1:8883" }
            data_dir: data
            models_dir: {{Path.Combine(Requires.RepositoryRoot, "firmware-config/models")}}
            peers: { listen: "127.0.0.1:{{port}}" }
            sensors: [{ driver: simulated-bearing, channel: drive-end }]
            workloads: [{ id: bearing, channel: drive-end, model: bearing-fault/1.0.0, may_leave_device: site }]
            """);
        return AgentConfigurationLoader.Load(file, new Hashtable());
    }
}
