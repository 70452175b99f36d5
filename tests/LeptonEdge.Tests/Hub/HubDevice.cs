using LeptonEdge.Core.Identity;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Storage.Outboxes;
using LeptonEdge.Sync.Devices;
using LeptonEdge.Sync.Uplink;
using Microsoft.Extensions.Logging.Abstractions;

namespace LeptonEdge.Tests.Hub;

/// <summary>The sync half of a real device: outbox, sealer, link.</summary>
internal sealed class HubDevice : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly BatchSealer _sealer;
    private readonly Outbox _outbox;
    private Task _running = Task.CompletedTask;

    /// <param name="plainPort">An external broker without TLS; else the hub's own broker.</param>
    public HubDevice(HubUnderTest hub, string name, int? plainPort = null, TimeProvider? clock = null)
    {
        clock ??= TimeProvider.System;
        var certificate = hub.Device(name);
        var folder = hub.DeviceFolder(name);
        Id = new DeviceId(name);
        _sealer = new BatchSealer(HubPublicKey.Load(Path.Combine(folder, "hub.pub")), HubUnderTest.Tenant, Id);
        _outbox = Outbox.Open(new OutboxOptions
        {
            Path = Path.Combine(folder, $"outbox-{Guid.NewGuid():n}.db"),
            SealGap = GapSealer.Create(_sealer, clock),
        }, clock);
        Writer = new RecordWriter(
            _outbox, _sealer, new RecordWriterOptions(), clock, NullLogger<RecordWriter>.Instance);
        Link = new DeviceLink(
            new DeviceLinkOptions
            {
                Tenant = HubUnderTest.Tenant,
                Device = Id,
                Host = "127.0.0.1",
                Port = plainPort ?? hub.Server.Ports.Mqtt,
                ClientCertificate = plainPort is null ? certificate : null,
                TrustRoots = plainPort is null ? [hub.Authority] : null,
                ReconnectDelay = TimeSpan.FromMilliseconds(50),
                ReconnectDelayMax = TimeSpan.FromMilliseconds(200),
            },
            _outbox, _sealer, clock, NullLogger<DeviceLink>.Instance);
    }

    public DeviceId Id { get; }

    public RecordWriter Writer { get; }

    public DeviceLink Link { get; }

    /// <summary>What it was told last.</summary>
    public DesiredState Obeyed { get; set; } = new();

    public HubDevice Start()
    {
        _running = Link.RunAsync(_stop.Token);
        return this;
    }

    /// <summary>A device with one workload that the hub could take over.</summary>
    public static ReportedState Report(double lane, PlaceCode place = PlaceCode.Local, ulong desiredVersion = 0) =>
        new()
    {
        AgentVersion = "test",
        Board = "bench",
        Site = "hall-2",
        LaneUtilisation = lane,
        LaneServiceSeconds = 0.0004,
        HubRttSeconds = 0.001,
        DesiredVersion = desiredVersion,
        StartedMicros = 1,
        Backlog = new Backlog { Records = 3 },
        Channels =
        {
            new ReportedChannel
            {
                Channel = "drive-end", Source = "simulated bearing", Unit = "g", ReadingsPerSecond = 12_000,
                Simulated = true,
            },
        },
        Workloads =
        {
            new ReportedWorkload
            {
                Workload = "bearing", Channel = "drive-end", Model = "bearing-fault", ModelVersion = "1.0.0",
                Place = place, DeadlineSeconds = 0.02, WindowsPerSecond = 11.7, InferencesPerSecond = 11.7,
                LocalP50Seconds = 0.0004, LocalP99Seconds = 0.0008, HubModel = "bearing-fault", WindowBytes = 2052,
            },
        },
    };

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        Link.Dispose();
        Writer.Dispose();
        _outbox.Dispose();
        _sealer.Dispose();
        _stop.Dispose();
    }
}
