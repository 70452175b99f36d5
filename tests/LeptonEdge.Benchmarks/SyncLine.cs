using System.Buffers;
using LeptonEdge.Core;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Batches;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Storage.Outboxes;
using LeptonEdge.Sync.Devices;
using LeptonEdge.Sync.Hubs;
using LeptonEdge.Sync.Uplink;
using Microsoft.Extensions.Logging.Abstractions;

namespace LeptonEdge.Benchmarks;

/// <summary>Both ends of the line on files of their own, over the broker at a loopback port.</summary>
internal sealed class SyncLine : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly TenantId Tenant = new("benchmark");
    private static readonly DeviceId Device = new("edge-lathe");
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lepton-sync-");
    private readonly HubPrivateKey _key = HubPrivateKey.Generate();
    private readonly BatchSealer _sealer;
    private readonly HubStore _store;
    private readonly DeviceLink _device;
    private readonly HubLink _hub;
    private readonly ArrayBufferWriter<byte> _plaintext = new();

    public SyncLine(int port)
    {
        _sealer = new BatchSealer(_key.Public, Tenant, Device);
        Outbox = Outbox.Open(
            new OutboxOptions
            {
                Path = Path.Combine(_folder.FullName, "outbox.db"),
                BytesMax = 1L << 33,
                SealGap = GapSealer.Create(_sealer, TimeProvider.System),
            }, TimeProvider.System);
        _store = HubStore.Open(
            new HubStoreOptions { Path = Path.Combine(_folder.FullName, "hub.db") }, TimeProvider.System);
        _device = new DeviceLink(
            new DeviceLinkOptions { Tenant = Tenant, Device = Device, Host = "127.0.0.1", Port = port },
            Outbox, _sealer, TimeProvider.System, NullLogger<DeviceLink>.Instance);
        _hub = new HubLink(
            new HubLinkOptions { Host = "127.0.0.1", Port = port, ClientId = $"hub-{Guid.NewGuid():N}" },
            _store, new BatchOpener([_key]), TimeProvider.System, NullLogger<HubLink>.Instance);
    }

    public Outbox Outbox { get; }

    /// <summary>As the agent does: encoded, sealed, durable when it returns.</summary>
    public void Append(RecordBatch batch)
    {
        _plaintext.ResetWrittenCount();
        BatchCodec.Encode(batch, _plaintext);
        Outbox.Append(batch.Class, batch.Count, (first, sequence, target) => _sealer.Seal(
            new BatchHeader(
                Device, Outbox.Epoch, first, sequence, batch.Class, batch.Count, TimeProvider.System.GetUnixMicros()),
            _plaintext.WrittenSpan, target));
        _device.Wake();
    }

    /// <summary>Both ends work until what is returned is disposed of.</summary>
    public IAsyncDisposable Run() => new Running(_hub, _device);

    public async Task DrainedAsync()
    {
        if (!await _device.DrainAsync(Patience))
            throw new BenchmarkException(
                $"the outbox still holds {Outbox.Backlog.Batches} batches after {Patience.TotalMinutes} minutes");
    }

    public void CheckStored(long readings)
    {
        var stored = _store.Channels(Tenant, Device).Sum(channel => channel.Readings);
        if (stored != readings)
            throw new BenchmarkException($"the store holds {stored} readings, {readings} were appended");
    }

    public void Dispose()
    {
        _device.Dispose();
        _hub.Dispose();
        Outbox.Dispose();
        _store.Dispose();
        _sealer.Dispose();
        _key.Dispose();
        _folder.Delete(recursive: true);
    }

    private sealed class Running : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _both;

        public Running(HubLink hub, DeviceLink device) =>
            _both = Task.WhenAll(
                Task.Run(() => hub.RunAsync(_stop.Token)), Task.Run(() => device.RunAsync(_stop.Token)));

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _both;
            _stop.Dispose();
        }
    }
}
