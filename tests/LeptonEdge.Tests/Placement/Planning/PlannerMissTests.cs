using LeptonEdge.Core.Plans;
using LeptonEdge.Placement.Planning;

namespace LeptonEdge.Tests.Placement.Planning;

/// <summary>A place that fails a workload is left before anything else says that it died.</summary>
public class PlannerMissTests
{
    [Fact]
    public void Work_on_a_peer_that_answers_no_more_is_elsewhere_before_the_peer_counts_as_down()
    {
        var (fleet, press, peer) = OnPeer();
        var died = fleet.Now;
        (peer.Dead, press.Misses[peer.Name]) = (true, 1);
        fleet.Run(1.5);
        var (at, move) = Assert.Single(fleet.Moves, entry => entry.Micros >= died);
        Assert.Equal(MoveCause.Missed, move.Cause);
        Assert.DoesNotContain(move.To.Near, new[] { "press", peer.Name });
        Assert.InRange(at - died, 0, 2_000_000);
        Assert.Contains($"{peer.Name} missed its deadline", move.Reason);
        Assert.False(fleet.Planner.Devices.Single(device => device.Device == peer.Name).Down);
    }

    [Fact]
    public void A_peer_that_failed_is_avoided_for_its_time_by_that_workload_alone()
    {
        var (fleet, press, peer) = OnPeer();
        press.Misses[peer.Name] = 0.5;
        fleet.Run(5);
        Assert.NotEqual(peer.Name, fleet.NodeOf("press"));
        var other = fleet.Add("lathe", shape: report => report with { Privacy = Privacy.Site });
        other.ServesPeers = true;
        var explained = fleet.Planner.Explain("press", "w1", fleet.Now)!;
        Assert.Contains(explained.Options, option => option.At.Node == peer.Name
            && option.Limit == $"{peer.Name} missed its deadline lately");
        press.Misses.Clear();
        fleet.Run(1800);
        explained = fleet.Planner.Explain("press", "w1", fleet.Now)!;
        Assert.Contains(explained.Options, option => option.At.Node == peer.Name && option.Limit is null);
    }

    [Fact]
    public void An_operators_pin_outweighs_what_the_planner_found()
    {
        var (fleet, press, peer) = OnPeer();
        fleet.Planner.SetControls(
            PlanControls.None.WithDrained("press").With(new Pin("press", "w1", peer.Name)));
        press.Misses[peer.Name] = 1;
        var before = fleet.Moves.Count;
        fleet.Run(10);
        Assert.Equal(peer.Name, fleet.NodeOf("press"));
        Assert.Equal(before, fleet.Moves.Count);
    }

    [Fact]
    public void What_stays_at_a_place_that_gets_worse_leaves_it_when_it_is_bad_indeed()
    {
        var (fleet, press, peer) = OnPeer();
        press.Load = _ => 1;
        fleet.Run(2);
        press.Misses[peer.Name] = 0.1;
        fleet.Run(10);
        press.Misses[peer.Name] = 1;
        fleet.Run(5);
        Assert.NotEqual(peer.Name, fleet.NodeOf("press"));
    }

    /// <summary>A drained device whose one workload a peer has taken over.</summary>
    private static (PlannedFleet Fleet, PlannedDevice Press, PlannedDevice Peer) OnPeer()
    {
        var fleet = new PlannedFleet();
        var press = fleet.Add("press", shape: report => report with { Privacy = Privacy.Anywhere });
        foreach (var device in new[] { press, fleet.Add("pump"), fleet.Add("mill") })
            device.ServesPeers = true;
        fleet.Planner.SetControls(PlanControls.None.WithDrained("press"));
        fleet.Run(10);
        var node = fleet.NodeOf("press");
        return (fleet, press, fleet.Devices.Single(device => device.Name == node && device != press));
    }
}
