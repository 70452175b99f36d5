using LeptonEdge.Protocol.Delivery;

namespace LeptonEdge.Tests.Protocol.Delivery;

public class ReceiverTests
{
    private readonly Receiver<string> _receiver = new(new ReceiverRules { QuarantinedMax = 2, ReceiptsMax = 3 });
    private TimeSpan _now = TimeSpan.FromHours(1);

    [Fact]
    public void Many_stored_batches_make_one_receipt()
    {
        for (var i = 1UL; i <= 5; i++)
            _receiver.Stored("press", Tag(i), new StoredThrough(i, 10 + i, false, null));
        Assert.True(_receiver.TryTake(out var receipt));
        Assert.Equal(("press", 5UL, 15UL, false), (receipt.Device, receipt.Through, receipt.SealMark, receipt.Ahead));
        Assert.False(_receiver.TryTake(out _));
    }

    [Fact]
    public void A_device_that_was_ahead_is_told_even_when_more_was_stored_since()
    {
        _receiver.Stored("press", Tag(3), new StoredThrough(1, 0, true, null));
        _receiver.Stored("press", Tag(2), new StoredThrough(2, 0, false, null));
        Assert.True(_receiver.TryTake(out var receipt));
        Assert.Equal((2UL, true), (receipt.Through, receipt.Ahead));
        // A new round has been told already.
        _receiver.Stored("press", Tag(3), new StoredThrough(1, 0, true, null));
        _receiver.Stored("press", Tag(2, round: 2), new StoredThrough(2, 0, false, null));
        Assert.True(_receiver.TryTake(out receipt));
        Assert.False(receipt.Ahead);
    }

    [Fact]
    public void A_receipt_that_could_not_be_sent_comes_back_unless_a_newer_one_is_there()
    {
        _receiver.Stored("press", Tag(1), new StoredThrough(1, 0, false, null));
        Assert.True(_receiver.TryTake(out var receipt));
        _receiver.PutBack(receipt);
        Assert.True(_receiver.TryTake(out receipt));
        _receiver.Stored("press", Tag(2), new StoredThrough(2, 0, false, null));
        _receiver.PutBack(receipt);
        Assert.True(_receiver.TryTake(out receipt));
        Assert.Equal(2UL, receipt.Through);
    }

    [Fact]
    public void A_store_that_is_down_admits_nothing_and_asks_devices_to_wait_longer_each_time()
    {
        var expected = TimeSpan.FromSeconds(1);
        for (var failure = 0; failure < 8; failure++)
        {
            Assert.True(_receiver.Admit("press", 1, 1, _now));
            Assert.Equal(expected, _receiver.Failed(_now));
            Assert.False(_receiver.Admit("press", 1, 1, _now + expected / 2));
            Assert.True(_receiver.TryTake(out var receipt));
            Assert.Equal(expected / 2, receipt.Hold);
            _now += expected;
            expected = expected * 2 < TimeSpan.FromSeconds(30) ? expected * 2 : TimeSpan.FromSeconds(30);
        }

        _receiver.StoreWorked();
        Assert.False(_receiver.StoreDown);
        Assert.Equal(TimeSpan.FromSeconds(1), _receiver.Failed(_now));
    }

    [Fact]
    public void What_cannot_be_read_is_asked_for_twice_before_quarantine()
    {
        Assert.False(_receiver.Condemn("press", Tag(4), 3));
        Assert.False(_receiver.Condemn("press", Tag(4), 3));
        Assert.True(_receiver.Condemn("press", Tag(4), 3));
        // The device is at fault: those right behind it are not asked for again.
        Assert.True(_receiver.Condemn("press", Tag(5), 4));
        Assert.True(_receiver.Condemn("press", Tag(6), 5));
        // One that was read between them ends that.
        Assert.False(_receiver.Condemn("press", Tag(8), 7));
    }

    [Fact]
    public void Only_the_next_batch_counts_as_unreadable()
    {
        for (var attempt = 0; attempt < 5; attempt++)
        {
            // A damaged copy of one that is stored, and one whose turn has not come.
            Assert.False(_receiver.Condemn("press", Tag(2), 3));
            Assert.False(_receiver.Condemn("press", Tag(6), 3));
        }

        Assert.False(_receiver.Condemn("press", Tag(4), 3));
        Assert.False(_receiver.Condemn("press", Tag(4), 3));
        Assert.True(_receiver.Condemn("press", Tag(4), 3));
    }

    [Fact]
    public void Quarantined_batches_are_named_in_the_receipt_up_to_a_limit()
    {
        for (var i = 1UL; i <= 3; i++)
            _receiver.Stored("press", Tag(i), new StoredThrough(i, 0, false, $"reason {i}"));
        Assert.True(_receiver.TryTake(out var receipt));
        Assert.Equal([(1UL, "reason 1"), (2UL, "reason 2")], receipt.Quarantined);
    }

    [Fact]
    public void Receipts_to_send_are_bounded()
    {
        for (var i = 0; i < 5; i++)
            _receiver.Stored($"device-{i}", Tag(1), new StoredThrough(1, 0, false, null));
        var taken = 0;
        while (_receiver.TryTake(out _))
            taken++;
        Assert.Equal(3, taken);
    }

    private static DeliveryTag Tag(ulong sequence, ulong round = 1) => new(round, 1, sequence, sequence, 0, 0);
}
