using LeptonEdge.Protocol.Delivery;
using LeptonEdge.Storage.Outboxes;

namespace LeptonEdge.Sync.Uplink;

/// <summary>Does what the sending side decides: reads, publishes, trims. It holds no connection and no clock, so the
/// agent and the simulator run the same one. One thread at a time.</summary>
/// <param name="drawRound">A number never drawn before, not 0.</param>
/// <param name="publish">Hands a batch to the connection; does not wait for it.</param>
public sealed class UplinkPump(
    Sender sender, IOutbox outbox, Func<ulong> drawRound, Action<DeliveryTag, OutboxBatch> publish)
{
    // After so many steps others get their turn: receipts must be taken in while much is being sent.
    private const int StepsMax = 64;

    private static readonly TimeSpan DiskPause = TimeSpan.FromMilliseconds(500);
    private readonly List<OutboxBatch> _batches = [];
    private ulong _highest;

    public Sender Sender => sender;

    /// <summary>Sealed bytes of the largest batch that the broker takes. A larger one would end every connection: it is
    /// put aside, and a gap says so.</summary>
    public long BatchBytesMax { get; set; } = long.MaxValue;

    /// <summary>Batches handed over for the second time or more, and bytes of all that were handed over.</summary>
    public long Resent { get; private set; }

    public long SentBytes { get; private set; }

    /// <summary>A connection stands.</summary>
    public void Connect(TimeSpan now)
    {
        Follow();
        sender.Connect(drawRound(), now);
    }

    /// <summary>Acts until there is nothing to do.</summary>
    /// <returns>Until when, should nothing happen before; <paramref name="now"/> when there is more to do at once.</returns>
    /// <exception cref="IOException">The disk failed at reading; call again after a pause.</exception>
    public TimeSpan Run(TimeSpan now)
    {
        for (var step = 0; step < StepsMax; step++)
        {
            Follow();
            var action = sender.Next(now, drawRound());
            switch (action.Step)
            {
                case SenderStep.Wait:
                    return action.Until;
                case SenderStep.Send:
                    if (!Send(action, now))
                        return now + DiskPause;
                    break;
                case SenderStep.Trim:
                    Trim(action, now);
                    break;
                case SenderStep.Rewind:
                    outbox.Rewind(sender.Epoch, action.Sequence);
                    sender.Rewound(action.Sequence, drawRound());
                    break;
                case SenderStep.Fork:
                    outbox.Fork("the hub has other batches under these names, so this outbox is an old copy");
                    Follow();
                    break;
            }
        }

        return now;
    }

    // Batches are appended by others, and a damaged outbox may have mended itself into a new epoch.
    private void Follow()
    {
        var position = outbox.Position;
        if (position.Epoch == sender.Epoch)
        {
            sender.Append(position.LastSequence);
            return;
        }

        _highest = 0;
        sender.BeganEpoch(position.Epoch, position.ReceiptedThrough, position.LastSequence, drawRound());
    }

    private bool Send(in SenderAction action, TimeSpan now)
    {
        _batches.Clear();
        outbox.ReadAfter(action.Sequence, action.Batches, action.Bytes, _batches);
        foreach (var batch in _batches)
        {
            // The epoch may have changed between the decision and the reading.
            if (batch.Epoch != sender.Epoch)
                return true;
            if (batch.Sealed.Length > BatchBytesMax)
            {
                var why = $"its {batch.Sealed.Length} bytes are more than the {BatchBytesMax} that the broker takes";
                return outbox.PutAside(batch.Epoch, batch.Sequence, why);
            }

            var tag = new DeliveryTag(
                sender.Round, batch.Epoch, batch.FirstSequence, batch.Sequence, batch.SealMark,
                batch.PreviousMark);
            publish(tag, batch);
            sender.Sent(batch.Sequence, batch.Sealed.Length, now);
            SentBytes += batch.Sealed.Length;
            Resent += batch.Sequence <= _highest ? 1 : 0;
            _highest = Math.Max(_highest, batch.Sequence);
        }

        return _batches.Count > 0;
    }

    private void Trim(in SenderAction action, TimeSpan now)
    {
        try
        {
            if (outbox.Trim(sender.Epoch, action.Sequence, action.SealMark) == TrimResult.Forked)
                sender.Forked();
            else
                sender.Trimmed(action.Sequence);
        }
        catch (IOException)
        {
            // The receipt stands whatever the disk says: sending goes on, and the trim is tried again.
            sender.TrimFailed(now);
        }
    }
}
