using LeptonEdge.Sync.Uplink;

namespace LeptonEdge.Tests.Sync;

public class UplinkWindowTests
{
    [Fact]
    public void A_receipt_received_twice_equals_one()
    {
        var window = new UplinkWindow(0, 0).Sent(5).Receipted(3);

        Assert.Equal(window, window.Receipted(3));
        Assert.Equal(window, window.Receipted(2));
        Assert.Equal(3ul, window.ReceiptedThrough);
    }

    [Fact]
    public void A_restart_sends_again_from_behind_the_last_receipt()
    {
        var window = new UplinkWindow(0, 0).Sent(9).Receipted(4).Restarted();

        Assert.Equal(4ul, window.SentThrough);
        Assert.False(window.InFlight);
    }

    [Fact]
    public void No_more_than_a_window_is_in_flight()
    {
        var window = new UplinkWindow(10, 10);

        Assert.Equal(8, window.Room(8));
        Assert.Equal(1, window.Sent(17).Room(8));
        Assert.Equal(0, window.Sent(18).Room(8));
        Assert.Equal(0, window.Sent(40).Room(8));
    }

    [Fact]
    public void A_receipt_beyond_what_this_start_sent_moves_sending_on()
    {
        // The hub had stored more before the restart than the device remembers having sent.
        var window = new UplinkWindow(0, 2).Receipted(7);

        Assert.Equal(7ul, window.SentThrough);
        Assert.False(window.InFlight);
    }
}
