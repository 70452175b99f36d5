using LeptonEdge.Protocol.Delivery;

namespace LeptonEdge.Tests.Protocol.Delivery;

public class SenderTests
{
    private const ulong Epoch = 7;
    private static readonly SenderRules Rules = new() { WindowBatches = 4 };
    private TimeSpan _now = TimeSpan.FromDays(3);
    private ulong _round = 100;

    [Fact]
    public void Sends_a_bounded_window_and_then_waits()
    {
        var sender = Connected(last: 10);
        var action = Next(sender);
        Assert.Equal((SenderStep.Send, 0UL, 4), (action.Step, action.Sequence, action.Batches));
        Send(sender, 1, 4);
        Assert.Equal(SenderStep.Wait, Next(sender).Step);
        sender.Receive(Receipt(2, sender.Round), _now);
        Assert.Equal((SenderStep.Trim, 2UL), Trim(sender));
        action = Next(sender);
        Assert.Equal((SenderStep.Send, 4UL, 2), (action.Step, action.Sequence, action.Batches));
    }

    [Fact]
    public void The_window_is_bounded_in_bytes_but_one_batch_always_fits()
    {
        var sender = Connected(last: 10, Rules with { WindowBytes = 1_000 });
        Assert.Equal(1_000, Next(sender).Bytes);
        sender.Sent(1, 5_000, _now);
        Assert.Equal(SenderStep.Wait, Next(sender).Step);
        sender.Receive(Receipt(1, sender.Round), _now);
        Trim(sender);
        Assert.Equal((SenderStep.Send, 1_000L), (Next(sender).Step, Next(sender).Bytes));
    }

    [Fact]
    public void Silence_begins_a_new_round_behind_the_last_receipt_and_patience_doubles()
    {
        var sender = Connected(last: 4);
        var expected = Rules.ReceiptTimeout;
        for (var silence = 0; silence < 6; silence++)
        {
            var action = Next(sender);
            var round = sender.Round;
            Assert.Equal((SenderStep.Send, 0UL), (action.Step, action.Sequence));
            Send(sender, 1, silence < 2 ? 4UL : 1);
            Assert.Equal(_now + expected, Next(sender).Until);
            _now += expected - TimeSpan.FromTicks(1);
            Assert.Equal(SenderStep.Wait, Next(sender).Step);
            Assert.Equal(round, sender.Round);
            _now += TimeSpan.FromTicks(1);
            expected = expected * 2 < Rules.ReceiptTimeoutMax ? expected * 2 : Rules.ReceiptTimeoutMax;
        }

        // After the second silence one batch asks whether the hub is back.
        Assert.Equal((SenderStep.Send, 1), (Next(sender).Step, Next(sender).Batches));
        Send(sender, 1, 1);
        sender.Receive(Receipt(1, sender.Round), _now);
        Trim(sender);
        Assert.Equal((SenderStep.Send, 4), (Next(sender).Step, Next(sender).Batches));
    }

    [Fact]
    public void A_new_connection_resumes_behind_the_last_receipt()
    {
        var sender = Connected(last: 9);
        Send(sender, 1, 4);
        sender.Receive(Receipt(3, sender.Round), _now);
        Trim(sender);
        sender.Disconnect();
        Assert.Equal(SenderStep.Wait, Next(sender).Step);
        sender.Connect(++_round, _now);
        Assert.Equal((SenderStep.Send, 3UL), (Next(sender).Step, Next(sender).Sequence));
    }

    [Fact]
    public void Being_ahead_sends_again_once_a_round()
    {
        var sender = Connected(last: 9);
        Send(sender, 1, 4);
        var round = sender.Round;
        sender.Receive(Receipt(1, round) with { Ahead = true }, _now);
        Trim(sender);
        Assert.Equal((SenderStep.Send, 1UL), (Next(sender).Step, Next(sender).Sequence));
        Assert.NotEqual(round, sender.Round);
        Send(sender, 2, 5);
        // The rest of the old round says the same; it is known.
        sender.Receive(Receipt(1, round) with { Ahead = true }, _now);
        Assert.Equal(SenderStep.Wait, Next(sender).Step);
        Assert.Equal(1, sender.Restarts);
    }

    [Fact]
    public void A_late_ahead_of_the_same_round_is_no_proof_that_the_hub_was_set_back()
    {
        var sender = Connected(last: 9);
        Send(sender, 1, 4);
        sender.Receive(Receipt(4, sender.Round), _now);
        Trim(sender);
        sender.Receive(Receipt(1, sender.Round) with { Ahead = true }, _now);
        Assert.Equal(SenderStep.Send, Next(sender).Step);
    }

    [Fact]
    public void A_hub_that_was_set_back_gets_a_gap_for_what_is_gone()
    {
        var sender = Connected(last: 9);
        Send(sender, 1, 4);
        sender.Receive(Receipt(4, sender.Round), _now);
        Trim(sender);
        sender.Disconnect();
        sender.Connect(++_round, _now);
        Send(sender, 5, 8);
        sender.Receive(Receipt(2, sender.Round) with { Ahead = true }, _now);
        Assert.Equal((SenderStep.Rewind, 2UL), (Next(sender).Step, Next(sender).Sequence));
        sender.Rewound(2, ++_round);
        Assert.Equal((SenderStep.Send, 2UL), (Next(sender).Step, Next(sender).Sequence));
        // What the old round still says is of before the gap.
        sender.Receive(Receipt(2, _round - 1) with { Ahead = true }, _now);
        Assert.Equal(SenderStep.Send, Next(sender).Step);
    }

    [Fact]
    public void A_receipt_for_names_not_yet_given_means_an_old_copy()
    {
        var sender = Connected(last: 9);
        sender.Receive(Receipt(10, 0), _now);
        Assert.Equal(SenderStep.Fork, Next(sender).Step);
        sender.BeganEpoch(8, 0, 1, ++_round);
        Assert.Equal((SenderStep.Send, 0UL), (Next(sender).Step, Next(sender).Sequence));
        // The old epoch is over.
        sender.Receive(Receipt(11, 0), _now);
        Assert.Equal(SenderStep.Send, Next(sender).Step);
    }

    [Fact]
    public void A_receipt_that_is_old_or_of_another_epoch_changes_nothing()
    {
        var sender = Connected(last: 9);
        Send(sender, 1, 4);
        sender.Receive(Receipt(4, sender.Round), _now);
        Trim(sender);
        sender.Receive(Receipt(3, sender.Round), _now);
        sender.Receive(Receipt(8, sender.Round) with { Epoch = Epoch + 1 }, _now);
        Assert.Equal(4UL, sender.ReceiptedThrough);
        Assert.Equal(SenderStep.Send, Next(sender).Step);
    }

    [Fact]
    public void A_hold_silences_and_then_one_batch_tries()
    {
        var sender = Connected(last: 9);
        Send(sender, 1, 4);
        sender.Receive(Receipt(0, sender.Round) with { Hold = TimeSpan.FromSeconds(3) }, _now);
        Assert.Equal((SenderStep.Wait, _now + TimeSpan.FromSeconds(3)), (Next(sender).Step, Next(sender).Until));
        _now += TimeSpan.FromSeconds(3);
        Assert.Equal((SenderStep.Send, 0UL, 1), (Next(sender).Step, Next(sender).Sequence, Next(sender).Batches));
        Send(sender, 1, 1);
        Assert.Equal(SenderStep.Wait, Next(sender).Step);
        sender.Receive(Receipt(1, sender.Round), _now);
        Trim(sender);
        Assert.Equal(4, Next(sender).Batches);
    }

    [Fact]
    public void No_hold_is_longer_than_the_limit()
    {
        var sender = Connected(last: 9);
        Send(sender, 1, 4);
        sender.Receive(Receipt(0, sender.Round) with { Hold = TimeSpan.MaxValue }, _now);
        Assert.Equal(_now + Rules.HoldMax, Next(sender).Until);
    }

    [Fact]
    public void Refusals_pause_longer_each_time_up_to_a_limit()
    {
        var sender = Connected(last: 9);
        var pause = Rules.RefusedPause;
        for (var refusal = 0; refusal < 8; refusal++)
        {
            Assert.Equal(SenderStep.Send, Next(sender).Step);
            Send(sender, 1, 1);
            sender.Refuse(sender.Round, _now);
            sender.Refuse(sender.Round, _now);
            Assert.Equal((SenderStep.Wait, _now + pause), (Next(sender).Step, Next(sender).Until));
            _now += pause;
            pause = pause * 2 < Rules.RefusedPauseMax ? pause * 2 : Rules.RefusedPauseMax;
        }
    }

    [Fact]
    public void A_trim_that_the_disk_refused_is_tried_again_and_sending_goes_on()
    {
        var sender = Connected(last: 9);
        Send(sender, 1, 4);
        sender.Receive(Receipt(4, sender.Round), _now);
        Assert.Equal(SenderStep.Trim, Next(sender).Step);
        sender.TrimFailed(_now);
        Assert.Equal((SenderStep.Send, 4UL), (Next(sender).Step, Next(sender).Sequence));
        Send(sender, 5, 8);
        Assert.Equal(_now + Rules.TrimPause, Next(sender).Until);
        _now += Rules.TrimPause;
        Assert.Equal((SenderStep.Trim, 4UL), Trim(sender));
    }

    private Sender Connected(ulong last, SenderRules? rules = null)
    {
        var sender = new Sender(rules ?? Rules, Epoch, 0, last);
        sender.Connect(++_round, _now);
        return sender;
    }

    private SenderAction Next(Sender sender) => sender.Next(_now, ++_round);

    private void Send(Sender sender, ulong first, ulong last)
    {
        for (var sequence = first; sequence <= last; sequence++)
            sender.Sent(sequence, 100, _now);
    }

    private (SenderStep, ulong) Trim(Sender sender)
    {
        var action = Next(sender);
        sender.Trimmed(action.Sequence);
        return (action.Step, action.Sequence);
    }

    private static ReceiptNotice Receipt(ulong through, ulong round) =>
        new(Epoch, through, round, Ahead: false, SealMark: 0, TimeSpan.Zero);
}
