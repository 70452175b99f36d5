using System.Collections.Concurrent;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Batches;
using LeptonEdge.Protocol.Delivery;
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
    private readonly List<ulong> _appended = [];
    private readonly TenantId _tenant;
    private readonly DeviceId _device;
    private readonly IngestOptions _ingest;
    private readonly HubPrivateKey _key = HubPrivateKey.Generate();
    private readonly BatchSealer _sealer;
    private readonly List<HubPrivateKey> _moreKeys = [];
    private (CancellationTokenSource Stop, Task Running) _deviceRun;
    private (CancellationTokenSource Stop, Task Running) _hubRun;

    private SyncLine(TenantId tenant, DeviceId device, string brokerSettings, IngestOptions ingest)
    {
        (_tenant, _device, _ingest) = (tenant, device, ingest);
        Mosquitto = new Mosquitto(brokerSettings);
        Proxy = new RecordingProxy(Mosquitto.Port);
        _sealer = new BatchSealer(_key.Public, tenant, device);
        StartHub();
        StartDevice();
    }

    public Mosquitto Mosquitto { get; }

    public RecordingProxy Proxy { get; }

    public Outbox Outbox { get; private set; } = null!;

    public HubStore Store { get; private set; } = null!;

    public RecordWriter Writer { get; private set; } = null!;

    public DeviceLink Device { get; private set; } = null!;

    public HubLink Hub { get; private set; } = null!;

    public string OutboxPath => _folder.File("outbox.db");

    public string StorePath => _folder.File("hub.db");

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

    public static async Task<SyncLine> StartAsync(
        TenantId tenant, DeviceId device, string brokerSettings = Mosquitto.DefaultSettings, IngestOptions? ingest = null)
    {
        var line = new SyncLine(tenant, device, brokerSettings, ingest ?? new IngestOptions());
        await line.Mosquitto.WaitUntilListeningAsync();
        await Eventually.True(() => line.Hub.Connected && line.Device.Connected, "both ends are connected");
        return line;
    }

    /// <summary>Fingerprints of all that the hub's store holds, gaps apart, sorted.</summary>
    public ulong[] StoredDigests() =>
        [.. Store.EnumerateBatches().Where(batch => batch.Records.Gaps.Count == 0).SelectMany(batch => RecordDigest.Compute(batch.Name, batch.Records)).Order()];

    public byte[] OutboxFileBytes() => [.. Directory.GetFiles(_folder.Path, "outbox.db*").SelectMany(ReadShared)];

    /// <summary>One batch of any size, past the writer's limits.</summary>
    public void Append(RecordBatch batch)
    {
        var plaintext = new System.Buffers.ArrayBufferWriter<byte>();
        BatchCodec.Encode(batch, plaintext);
        Outbox.Append(batch.Class, batch.Count, (first, sequence, target) => _sealer.Seal(
            new BatchHeader(_device, Outbox.Epoch, first, sequence, batch.Class, batch.Count, 0),
            plaintext.WrittenSpan, target));
        Device.Wake();
    }

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

    /// <summary>Ends the device's side, lets something happen to its files, and starts it again.</summary>
    public async Task RestartDeviceAsync(Action whileDown)
    {
        await StopDeviceAsync();
        whileDown();
        StartDevice();
    }

    /// <summary>Ends the hub's side, lets something happen to its files, and starts it again.</summary>
    public async Task RestartHubAsync(Action whileDown)
    {
        await StopHubAsync();
        whileDown();
        StartHub();
    }

    /// <summary>Seals from the hub's next start on are opened with this key, too.</summary>
    public void FindKey(HubPrivateKey key) => _moreKeys.Add(key);

    public async ValueTask DisposeAsync()
    {
        await StopDeviceAsync();
        await StopHubAsync();
        _sealer.Dispose();
        await Proxy.DisposeAsync();
        Mosquitto.Dispose();
        _folder.Dispose();
    }

    private void StartDevice()
    {
        Outbox = Outbox.Open(
            new OutboxOptions { Path = OutboxPath, SealGap = GapSealer.Create(_sealer, TimeProvider.System) },
            TimeProvider.System);
        Writer = new RecordWriter(
            Outbox, _sealer, new RecordWriterOptions { BatchRecords = 256, BatchAge = TimeSpan.FromMinutes(1) },
            TimeProvider.System, NullLogger<RecordWriter>.Instance,
            (name, batch, _) =>
            {
                lock (_appended)
                    _appended.AddRange(RecordDigest.Compute(name, batch));
            });
        Device = new DeviceLink(
            new DeviceLinkOptions
            {
                Tenant = _tenant,
                Device = _device,
                Host = "127.0.0.1",
                Port = Proxy.Port,
                Sending = new SenderRules { ReceiptTimeout = TimeSpan.FromSeconds(1) },
                ReconnectDelayMax = TimeSpan.FromMilliseconds(500),
            },
            Outbox, _sealer, TimeProvider.System, NullLogger<DeviceLink>.Instance);
        var stop = new CancellationTokenSource();
        _deviceRun = (stop, Task.WhenAll(Device.RunAsync(stop.Token), Writer.RunAsync(stop.Token)));
    }

    private void StartHub()
    {
        Store = HubStore.Open(new HubStoreOptions { Path = StorePath }, TimeProvider.System);
        Hub = new HubLink(
            new HubLinkOptions { Host = "127.0.0.1", Port = Mosquitto.Port, Shared = true, Ingest = _ingest,
                ReconnectDelayMax = TimeSpan.FromMilliseconds(300) },
            Store, new BatchOpener([_key, .. _moreKeys]), TimeProvider.System, NullLogger<HubLink>.Instance);
        Hub.Reported += (_, _, report) => Reports.Enqueue(report);
        var stop = new CancellationTokenSource();
        _hubRun = (stop, Hub.RunAsync(stop.Token));
    }

    private async Task StopDeviceAsync()
    {
        await _deviceRun.Stop.CancelAsync();
        await _deviceRun.Running;
        _deviceRun.Stop.Dispose();
        Device.Dispose();
        Writer.Dispose();
        Outbox.Dispose();
    }

    private async Task StopHubAsync()
    {
        await _hubRun.Stop.CancelAsync();
        await _hubRun.Running;
        _hubRun.Stop.Dispose();
        Hub.Dispose();
        Store.Dispose();
    }

    private static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var copy = new MemoryStream();
        file.CopyTo(copy);
        return copy.ToArray();
    }
}
