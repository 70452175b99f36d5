using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using LeptonEdge.Core;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Hub.Trust;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Sync;
using LeptonEdge.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace LeptonEdge.Tests.Hub;

/// <summary>A board without a battery boots in 1970, and clocks jump: nothing may stall, and order is by sequence.</summary>
public sealed class WrongClockTests : IAsyncLifetime
{
    private static readonly ChannelName Channel = new("spindle.current");
    private readonly HubUnderTest _hub = new();

    public Task InitializeAsync() => _hub.InitializeAsync();

    public Task DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task A_device_of_1970_connects_and_jumps_of_ten_years_stall_nothing()
    {
        var clock = new ShiftedClock { Shift = DateTimeOffset.UnixEpoch - TimeProvider.System.GetUtcNow() };
        var began = TimeProvider.System.GetUnixMicros();
        await using var device = new HubDevice(_hub, "press-7", clock: clock).Start();
        var decade = TimeSpan.FromDays(3_652);
        TimeSpan[] shifts = [clock.Shift, decade, -decade, TimeSpan.Zero, clock.Shift, decade];
        for (var i = 0; i < shifts.Length; i++)
        {
            clock.Shift = shifts[i];
            device.Writer.AddReading(RecordClass.Telemetry, Channel, clock.GetUnixMicros(), i);
            device.Writer.Flush();
            Assert.True(await device.Link.DrainAsync(TimeSpan.FromSeconds(20)), $"reading {i} arrives");
        }

        var store = _hub.Server.Services.GetRequiredService<HubStore>();
        var batches = store.EnumerateBatches().OrderBy(batch => batch.Header.Sequence).ToList();
        Assert.Equal(Enumerable.Range(0, shifts.Length).Select(i => (double)i),
            batches.Select(batch => Assert.Single(batch.Records.Series[0].Values)));
        // The device's time as it was told, and the hub's own beside it.
        Assert.InRange(batches[0].Header.CreatedMicros, 0, 3_600_000_000);
        Assert.True(batches[1].Header.CreatedMicros > began + (long)(decade / 2).TotalMicroseconds);
        Assert.All(batches, batch => Assert.InRange(
            batch.ReceivedMicros, began, TimeProvider.System.GetUnixMicros()));
    }

    [Fact]
    public async Task A_connection_that_was_lost_comes_back_under_a_clock_that_has_jumped()
    {
        var clock = new ShiftedClock();
        await using (var device = new HubDevice(_hub, "press-8", clock: clock).Start())
        {
            await Eventually.True(() => device.Link.Connected, "the device is connected");
            clock.Shift = TimeSpan.FromDays(3_652);
            await _hub.StopAsync();
            await Eventually.True(() => !device.Link.Connected, "the device has noticed");
        }

        await _hub.StartAsync();
        foreach (var shift in (TimeSpan[])[TimeSpan.FromDays(3_652), TimeSpan.FromDays(-3_652)])
        {
            clock.Shift = shift;
            await using var device = new HubDevice(_hub, "press-8", clock: clock).Start();
            await Eventually.True(() => device.Link.Connected, $"the device connects with its clock off by {shift}");
        }
    }

    [Fact]
    public void A_hub_that_boots_in_1970_keeps_its_certificate_and_knows_its_devices()
    {
        using var folder = new TempFolder();
        using (var first = FleetAuthority.OpenOrCreate(folder.Path, HubUnderTest.Tenant))
            first.IssueDevice(new DeviceId("edge-1"), folder.File("edge-1"));
        using var device = X509CertificateLoader.LoadCertificateFromFile(folder.File("edge-1/device.crt"));
        var clock = new ShiftedClock { Shift = DateTimeOffset.UnixEpoch - TimeProvider.System.GetUtcNow() };
        // A name more, so that the hub's certificate is made anew by the wrong clock.
        using var second = FleetAuthority.OpenOrCreate(folder.Path, HubUnderTest.Tenant, ["hub.example"], clock);

        Assert.True(second.Issued(device));
        Assert.True(second.HubCertificate.NotAfter > TimeProvider.System.GetUtcNow().AddDays(300));
        using var stranger = FleetAuthority.OpenOrCreate(folder.File("other"), HubUnderTest.Tenant);
        Assert.False(stranger.Issued(device));
    }

    [Fact]
    public void Beyond_the_end_of_its_own_certificate_a_device_leaves_the_judgement_to_the_hub()
    {
        var now = TimeProvider.System.GetUtcNow();
        using var own = Certificate(now.AddDays(-10), now.AddDays(300));
        using var server = Certificate(now.AddDays(-5), now.AddDays(200));
        using var expired = Certificate(now.AddDays(-400), now.AddDays(-30));
        Assert.Equal(server.NotBefore.ToUniversalTime(), FleetTrust.TimeOf(server, own, DateTimeOffset.UnixEpoch));
        Assert.Equal(now.UtcDateTime, FleetTrust.TimeOf(server, own, now));
        Assert.Equal(
            server.NotAfter.ToUniversalTime().AddSeconds(-1), FleetTrust.TimeOf(server, own, now.AddYears(10)));
        // Without a jump, what has expired has expired.
        Assert.True(FleetTrust.TimeOf(expired, own, now) > expired.NotAfter.ToUniversalTime());
    }

    private static X509Certificate2 Certificate(DateTimeOffset from, DateTimeOffset to)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=x", key, HashAlgorithmName.SHA256).CreateSelfSigned(from, to);
    }

    private sealed class ShiftedClock : TimeProvider
    {
        public TimeSpan Shift { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Shift;
    }
}
