using LeptonEdge.Agent;
using LeptonEdge.Agent.Configuration;
using LeptonEdge.Agent.Metering;
using LeptonEdge.Agent.Offload;
using LeptonEdge.Agent.Pipeline;
using LeptonEdge.Agent.Reconciling;
using LeptonEdge.Agent.Serving;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Plans;
using LeptonEdge.Hub.Trust;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Storage.Outboxes;
using LeptonEdge.Tests.Agent.Offload;
using LeptonEdge.Tests.Storage;
using LeptonEdge.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using System.Security.Cryptography.X509Certificates;

namespace LeptonEdge.Tests.Agent.Peers;

/// <summary>The end of a device whose workload the plan sends to another: reconciler, router and lane as in the
/// agent.</summary>
internal sealed class CallingDevice : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly OutboxFixture _fixture = new();
    private readonly Outbox _outbox;
    private readonly AgentIdentity _identity;
    private readonly LocalModels _models;
    private readonly InferenceRouter _router;
    private readonly InferenceLane _lane =
        new(new LaneSettings { Nice = 0 }, TimeProvider.System, NullLogger<InferenceLane>.Instance);
    private readonly PipelineQueue _queue = new(TimeProvider.System, NullLogger<PipelineQueue>.Instance);
    private ulong _version;

    public CallingDevice(FleetAuthority fleet, string name, Privacy privacy = Privacy.Site)
    {
        fleet.IssueDevice(new DeviceId(name), _folder.Path);
        _identity = new AgentIdentity(
            null!, X509Certificate2.CreateFromPemFile(_folder.File("device.crt"), _folder.File("device.key")),
            [X509CertificateLoader.LoadCertificateFromFile(_folder.File("ca.crt"))]);
        var meter = new UsageMeter(default, TimeProvider.System);
        var bundles = Path.Combine(Requires.RepositoryRoot, "firmware-config/models");
        _models = new LocalModels(bundles, new LaneSettings(), meter, NullLogger<LocalModels>.Instance);
        _router = new InferenceRouter(_lane, TimeProvider.System, NullLogger<InferenceRouter>.Instance);
        var id = new WorkloadId("bearing");
        var model = new ModelReference("bearing-fault", "1.0.0");
        Workload = new WorkloadRunner(
            new WorkloadConfiguration
            {
                Id = id, Channels = ["drive-end"], Model = model, Privacy = privacy, Deadline = OffloadRig.Patience,
            },
            new ChannelName("drive-end"), _models.Load(id, ModelBundle.Load(bundles, model)), null, _queue,
            TimeProvider.System, NullLogger<WorkloadRunner>.Instance);
        Workload.Connect(_router);
        Links = new PeerLinks(_identity, TimeProvider.System, NullLogger<HubEndpoint>.Instance);
        _outbox = _fixture.Open();
        Reconciler = new Reconciler(
            [Workload], _models, _outbox.State, new GuestBook(), meter, TimeProvider.System,
            NullLogger<Reconciler>.Instance, peers: Links);
        _lane.Start();
    }

    public WorkloadRunner Workload { get; }

    public Reconciler Reconciler { get; }

    public PeerLinks Links { get; }

    public void Want(PlaceCode place, DeviceId peer = default, Uri? address = null) => Reconciler.Take(new DesiredState
    {
        Version = ++_version,
        Workloads =
        {
            new DesiredWorkload
            {
                Workload = "bearing", Place = place, Peer = peer.Value ?? "", PeerAddress = address?.ToString() ?? "",
            },
        },
    });

    public Task SettleAsync() => Eventually.True(
        async () =>
        {
            await Reconciler.SettleAsync(CancellationToken.None);
            return Reconciler.IsSettled;
        },
        "the workload is where it shall be");

    public async Task<PipelineItem> TakeAsync(long timeMicros = 1)
    {
        Workload.Take(OffloadRig.Window(), timeMicros, TimeProvider.System.GetTimestamp());
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        return await _queue.Reader.ReadAsync(patience.Token);
    }

    public async ValueTask DisposeAsync()
    {
        _router.Dispose();
        _lane.Stop(TimeSpan.FromSeconds(5));
        await Eventually.True(() => Workload.IsIdle, "every window's end");
        Workload.Dispose();
        Links.Dispose();
        _outbox.Dispose();
        _fixture.Dispose();
        _identity.Dispose();
        _folder.Dispose();
    }
}
