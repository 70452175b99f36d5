using System.Collections.Concurrent;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Batches;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Storage.Outboxes;
using LeptonEdge.Sync.Devices;
using LeptonEdge.Sync.Hubs;
using LeptonEdge.Sync.Uplink;
using LeptonEdge.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using MQTTnet;

namespace LeptonEdge.Tests.Sync;

/// <summary>Device and hub ends with mosquitto between, the device's side through a proxy that sees and cuts.</summary>
internal sealed class SyncLine : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<ulong> _appended = [];
    private readonly BatchSealer _sealer;
    private Task _running = Task.CompletedTask;

    private SyncLine(TenantId tenant, DeviceId device)
    {
        Mosquitto = new Mosquitto();
        Proxy = new RecordingProxy(Mosquitto.Port);
        var key = HubPrivateKey.Generate();
        _sealer = new BatchSealer(key.Public, tenant, device);
        Outbox = Outbox.Open(new OutboxOptions { Path = _folder.File("outbox.db"),
            SealGap = GapSealer.Create(_sealer, TimeProvider.System) }, TimeProvider.System);
        Store = HubStore.Open(new HubStoreOptions { Path = _folder.File("hub.db") }, TimeProvider.System);
        Writer = new RecordWriter(
            Outbox, _sealer, new RecordWriterOptions { BatchRecords = 256, BatchAge = TimeSpan.FromMilliseconds(50) },
            TimeProvider.System, NullLogger<RecordWriter>.Instance,
            (name, batch, _) =>
            {
                lock (_appended)
                    _appended.AddRange(RecordDigest.Compute(name, batch));
            });
        Device = new DeviceLink(
            new DeviceLinkOptions
            {
                Tenant = tenant,
                Device = device,
                Host = "127.0.0.1",
                Port = Proxy.Port,
                ReceiptTimeout = TimeSpan.FromSeconds(1),
                ReconnectDelayMax = TimeSpan.FromMilliseconds(500),
            },
            Outbox, _sealer, TimeProvider.System, NullLogger<DeviceLink>.Instance);
        Hub = new HubLink(
            new HubLinkOptions { Host = "127.0.0.1", Port = Mosquitto.Port, Shared = true,
                ReconnectDelayMax = TimeSpan.FromMilliseconds(300) },
            Store, new BatchOpener([key]), TimeProvider.System, NullLogger<HubLink>.Instance);
        Hub.Reported += (_, _, report) => Reports.Enqueue(report);
    }

    public Mosquitto Mosquitto { get; }

    public RecordingProxy Proxy { get; }

    public Outbox Outbox { get; }

    public HubStore Store { get; }

    public RecordWriter Writer { get; }

    public DeviceLink Device { get; }

    public HubLink Hub { get; }

    public ConcurrentQueue<ReportedState> Reports { get; } = [];

    /// <summary>Fingerprints of all that was appended, sorted.</summary>
    public ulong[] Appended
    {
        get
        {
            lock (_appended)
                return [.. _appended.Order()];
        }
    }

    public CancellationToken Patience => new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token;

    public static async Task<SyncLine> StartAsync(TenantId tenant, DeviceId device)
    {
        var line = new SyncLine(tenant, device);
        await line.Mosquitto.WaitUntilListeningAsync();
        line._running = Task.WhenAll(
            line.Hub.RunAsync(line._stop.Token), line.Device.RunAsync(line._stop.Token),
            line.Writer.RunAsync(line._stop.Token));
        await Eventually.True(() => line.Hub.Connected && line.Device.Connected, "both ends are connected");
        return line;
    }

    /// <summary>Fingerprints of all that the hub's store holds, sorted.</summary>
    public ulong[] StoredDigests() =>
        [.. Store.EnumerateBatches().SelectMany(batch => RecordDigest.Compute(batch.Name, batch.Records)).Order()];

    public byte[] OutboxFileBytes() => [.. Directory.GetFiles(_folder.Path, "outbox.db*").SelectMany(ReadShared)];

    public async Task PublishRawAsync(string topic, byte[] payload)
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        await client.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", Mosquitto.Port).Build());
        await client.PublishAsync(new MqttApplicationMessageBuilder()
            .WithTopic(topic).WithPayload(payload)
            .WithQualityOfServiceLevel(MQTTnet.Protocol.MqttQualityOfServiceLevel.AtLeastOnce)
            .Build());
        await client.DisconnectAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        Device.Dispose();
        Hub.Dispose();
        Writer.Dispose();
        Outbox.Dispose();
        Store.Dispose();
        _sealer.Dispose();
        await Proxy.DisposeAsync();
        Mosquitto.Dispose();
        _stop.Dispose();
        _folder.Dispose();
    }

    private static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var copy = new MemoryStream();
        file.CopyTo(copy);
        return copy.ToArray();
    }
}
