using LeptonEdge.Core;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Hub.Trust;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Storage.Outboxes;
using LeptonEdge.Sync.Devices;
using LeptonEdge.Sync.Uplink;
using Microsoft.Extensions.Logging.Abstractions;

namespace LeptonEdge.Benchmarks.Api;

/// <summary>Devices that send a reading of each of their channels again and again, sealed, through their outbox, over TLS to
/// the hub's own broker. The time of a reading is when it was made.</summary>
internal sealed class SendingFleet : IAsyncDisposable
{
    private readonly List<Member> _members = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _running = [];

    public SendingFleet(string data, string folder, int port, int devices, int channels)
    {
        using var authority = FleetAuthority.OpenOrCreate(data, new TenantId(HubProcess.Tenant));
        for (var i = 0; i < devices; i++)
            _members.Add(new Member(authority, folder, $"sender-{i}", port, channels));
    }

    public IEnumerable<string> Channels => _members.SelectMany(member => member.Names.Select(name => $"{member.Device}/{name}"));

    /// <param name="every">Between two readings of a channel.</param>
    public void Start(TimeSpan every)
    {
        foreach (var member in _members)
        {
            _running.Add(member.Link.RunAsync(_stop.Token));
            _running.Add(SendAsync(member, every));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running.Select(task => task.ContinueWith(_ => { }, TaskScheduler.Default)));
        foreach (var member in _members)
            member.Dispose();
        _stop.Dispose();
    }

    private async Task SendAsync(Member member, TimeSpan every)
    {
        using var timer = new PeriodicTimer(every);
        while (await timer.WaitForNextTickAsync(_stop.Token))
        {
            var now = TimeProvider.System.GetUnixMicros();
            foreach (var name in member.Names)
                member.Writer.AddReading(RecordClass.Telemetry, name, now, now % 1000);
            member.Writer.Flush();
            member.Link.Wake();
        }
    }

    private sealed class Member : IDisposable
    {
        private readonly Outbox _outbox;

        public Member(FleetAuthority authority, string folder, string name, int port, int channels)
        {
            Device = new DeviceId(name);
            var own = Path.Combine(folder, name);
            authority.IssueDevice(Device, own);
            var tenant = new TenantId(HubProcess.Tenant);
            var sealer = new BatchSealer(HubPublicKey.Load(Path.Combine(own, "hub.pub")), tenant, Device);
            _outbox = Outbox.Open(
                new OutboxOptions
                {
                    Path = Path.Combine(own, "outbox.db"), SealGap = GapSealer.Create(sealer, TimeProvider.System),
                }, TimeProvider.System);
            Writer = new RecordWriter(
                _outbox, sealer, new RecordWriterOptions(), TimeProvider.System, NullLogger<RecordWriter>.Instance);
            Link = new DeviceLink(
                new DeviceLinkOptions
                {
                    Tenant = tenant, Device = Device, Host = "127.0.0.1", Port = port,
                    ClientCertificate = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPemFile(
                        Path.Combine(own, "device.crt"), Path.Combine(own, "device.key")),
                    TrustRoots = [System.Security.Cryptography.X509Certificates.X509CertificateLoader
                        .LoadCertificateFromFile(Path.Combine(own, "ca.crt"))],
                },
                _outbox, sealer, TimeProvider.System, NullLogger<DeviceLink>.Instance);
            Names = [.. Enumerable.Range(0, channels).Select(i => new ChannelName($"channel-{i}"))];
        }

        public DeviceId Device { get; }

        public IReadOnlyList<ChannelName> Names { get; }

        public RecordWriter Writer { get; }

        public DeviceLink Link { get; }

        public void Dispose()
        {
            Writer.Dispose();
            _outbox.Dispose();
        }
    }
}
