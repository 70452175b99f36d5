using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Plans;
using LeptonEdge.Hub.Trust;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Agent.Peers;

/// <summary>A workload of one device on another of its site: real sockets, real certificates, real models.</summary>
public sealed class PeerTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly FleetAuthority _fleet;
    private readonly PeerDevice _peer;
    private readonly CallingDevice _device;

    public PeerTests()
    {
        _fleet = FleetAuthority.OpenOrCreate(_folder.File("hub"), new TenantId("acme"));
        _peer = new PeerDevice(_fleet, "press-8");
        _device = new CallingDevice(_fleet, "press-7");
    }

    public Task InitializeAsync() => _peer.StartAsync();

    public async Task DisposeAsync()
    {
        await _device.DisposeAsync();
        await _peer.DisposeAsync();
        _fleet.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_workload_runs_on_the_peer_once_the_peer_expects_it_and_comes_home_again()
    {
        Assert.Contains("bearing-fault/1.0.0", _peer.Models);
        var own = await _device.TakeAsync();

        _device.Want(PlaceCode.Peer, _peer.Name, _peer.Address);
        await _device.Reconciler.SettleAsync(CancellationToken.None);
        // The peer has not been told yet: nothing moves, nothing is lost.
        Assert.False(_device.Reconciler.IsSettled);
        Assert.Equal(Place.Local, (await _device.TakeAsync()).Place);

        _peer.Admit("press-7");
        await _device.SettleAsync();
        var answer = await _device.TakeAsync();
        Assert.Equal((Place.Peer, false), (answer.Place, answer.Late));
        // The same model on the same input: the very same finding.
        Assert.Equal((own.Finding, own.Model), (answer.Finding, answer.Model));
        Assert.Equal((2, 0, 1), (_device.Workload.InferencesLocal, _device.Workload.InferencesHub,
            _device.Workload.InferencesPeer));
        var guest = Assert.Single(_peer.Guests.Describe());
        Assert.Equal(("press-7", "bearing"), (guest.Device, guest.Workload));
        // Two rehearsals and the window.
        Assert.True(guest.Inferences >= 3, $"{guest.Inferences}");
        Assert.True(_peer.Meter.Served("bearing", "bearing-fault", "1.0.0").Take().Inferences >= 3);

        _device.Want(PlaceCode.Local);
        await _device.SettleAsync();
        Assert.Equal(Place.Local, (await _device.TakeAsync()).Place);
    }

    [Fact]
    public async Task A_peer_that_goes_away_costs_no_window_its_answer_and_is_used_again_when_it_is_back()
    {
        await _device.Links.StartAsync(CancellationToken.None);
        _peer.Admit("press-7");
        _device.Want(PlaceCode.Peer, _peer.Name, _peer.Address);
        await _device.SettleAsync();
        Assert.Equal(Place.Peer, (await _device.TakeAsync()).Place);
        var address = _peer.Address;

        await _peer.StopAsync();
        for (var window = 0; window < 20; window++)
        {
            var answer = await _device.TakeAsync(window);
            Assert.Equal((Place.Local, false, window), (answer.Place, answer.Late, answer.TimeMicros));
        }

        await _peer.StartAsync();
        Assert.Equal(address, _peer.Address);
        await Eventually.True(
            async () => (await _device.TakeAsync()).Place == Place.Peer, "the peer answers again");
        await _device.Links.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Another_device_at_the_address_is_given_nothing()
    {
        await using var other = new PeerDevice(_fleet, "press-9");
        await other.StartAsync();
        other.Admit("press-7");
        _device.Want(PlaceCode.Peer, _peer.Name, other.Address);
        await _device.Reconciler.SettleAsync(CancellationToken.None);
        Assert.False(_device.Reconciler.IsSettled);
        Assert.Equal(0UL, Assert.Single(other.Guests.Describe()).Inferences);
        Assert.Equal(Place.Local, (await _device.TakeAsync()).Place);
    }

    [Fact]
    public async Task A_device_of_another_fleet_is_not_served_whatever_its_name()
    {
        using var strangers = FleetAuthority.OpenOrCreate(_folder.File("strangers"), new TenantId("acme"));
        await using var stranger = new CallingDevice(strangers, "press-7");
        _peer.Admit("press-7");
        stranger.Want(PlaceCode.Peer, _peer.Name, _peer.Address);
        await stranger.Reconciler.SettleAsync(CancellationToken.None);
        Assert.False(stranger.Reconciler.IsSettled);
        Assert.Equal(0UL, Assert.Single(_peer.Guests.Describe()).Inferences);
    }

    [Fact]
    public async Task A_workload_that_must_stay_on_its_device_stays()
    {
        await using var device = new CallingDevice(_fleet, "press-6", Privacy.Device);
        _peer.Admit("press-6");
        device.Want(PlaceCode.Peer, _peer.Name, _peer.Address);
        await device.SettleAsync();
        Assert.Equal(Place.Local, (await device.TakeAsync()).Place);
    }
}
