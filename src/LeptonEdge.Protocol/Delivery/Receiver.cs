using System.Diagnostics.CodeAnalysis;

namespace LeptonEdge.Protocol.Delivery;

/// <summary>The limits and patience of the receiving side.</summary>
public sealed record ReceiverRules
{
    /// <summary>Devices and epochs with a receipt to send; beyond it a device is answered when it sends again.</summary>
    public int ReceiptsMax { get; init; } = 100_000;

    /// <summary>Quarantined batches named in one receipt; the store has them all.</summary>
    public int QuarantinedMax { get; init; } = 16;

    /// <summary>How often a batch that cannot be read is asked for again before it goes into quarantine: what was damaged
    /// on the way comes whole the next time.</summary>
    public int UnreadableTries { get; init; } = 2;

    /// <summary>How long devices are asked to wait when the store failed. Doubles with each failure in a row, up to
    /// <see cref="HoldMax"/>.</summary>
    public TimeSpan Hold { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan HoldMax { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>Through where the store has a device's batches, as one transaction left it.</summary>
/// <param name="Through">The cursor.</param>
/// <param name="SealMark">End of the sealed batch at the cursor; 0 unknown.</param>
/// <param name="Ahead">The batch came before others that are missing, and was not stored.</param>
/// <param name="Quarantined">Why the batch is in quarantine; null when it is not.</param>
/// <param name="Forked">The batch followed another one than that at the cursor, and was not stored.</param>
public readonly record struct StoredThrough(
    ulong Through, ulong SealMark, bool Ahead, string? Quarantined, bool Forked = false);

/// <summary>A receipt to send.</summary>
/// <param name="Hold">Zero when the store takes batches.</param>
/// <param name="Quarantined">By sequence, with the reason.</param>
public sealed record PendingReceipt<TDevice>(
    TDevice Device, ulong Epoch, ulong Through, ulong Round, bool Ahead, ulong SealMark, TimeSpan Hold,
    IReadOnlyList<(ulong Sequence, string Reason)> Quarantined, bool Forked = false);

/// <summary>The receiving side of delivery, without I/O: batches are admitted, a group of them goes to the store in one
/// transaction, and what came of it becomes receipts. The cursor itself is the store's, for it must move with the batch.
/// One thread at a time.</summary>
/// <remarks>A receipt is made only of what a transaction has committed. While the store is down nothing is admitted and
/// devices are asked to wait; the first batch after the pause tries the store again.</remarks>
public sealed class Receiver<TDevice>(ReceiverRules rules)
    where TDevice : notnull
{
    // Receipts are cumulative, so one for each device and epoch is all there ever is to send.
    private readonly Dictionary<(TDevice Device, ulong Epoch), PendingReceipt<TDevice>> _pending = [];
    private readonly Queue<(TDevice Device, ulong Epoch)> _order = [];
    private readonly Dictionary<(TDevice Device, ulong Epoch), (ulong Sequence, int Tries)> _unreadable = [];
    private TimeSpan _holdUntil = TimeSpan.MinValue;
    private int _failures;

    /// <summary>The store failed at its last transaction.</summary>
    public bool StoreDown => _failures > 0;

    public bool HasReceipts => _order.Count > 0;

    /// <summary>How long the store is left alone from now; zero when it may be tried.</summary>
    public TimeSpan HoldLeft(TimeSpan now) => _holdUntil > now ? _holdUntil - now : TimeSpan.Zero;

    /// <summary>The store took something.</summary>
    public void StoreWorked() => (_failures, _holdUntil) = (0, TimeSpan.MinValue);

    /// <summary>Whether to take a message into the next group; when not, its device is asked to wait.</summary>
    public bool Admit(TDevice device, ulong epoch, ulong round, TimeSpan now)
    {
        if (now >= _holdUntil)
            return true;
        Hold(device, epoch, round, _holdUntil - now);
        return false;
    }

    /// <summary>A message cannot be opened or parsed. Whether it goes into quarantine now; when not, its device is to be
    /// told where the cursor is (as <see cref="StoredThrough.Ahead"/>), and sends again from there.</summary>
    /// <param name="cursor">Last sequence of the epoch that the store has.</param>
    public bool Condemn(TDevice device, in DeliveryTag tag, ulong cursor)
    {
        // What is stored already came whole before; what is ahead has its turn when it is next.
        if (CursorRule.Judge(cursor, tag.FirstSequence, tag.Sequence) != CursorVerdict.Next)
            return false;
        var key = (device, tag.Epoch);
        var known = _unreadable.TryGetValue(key, out var last);
        if (!known && _unreadable.Count >= rules.ReceiptsMax)
            return true;
        // One right after another: the device, not the way, is at fault, and asking again would only cost time.
        var tries = known && last.Sequence == tag.Sequence ? last.Tries + 1
            : known && last.Sequence + 1 == tag.FirstSequence && last.Tries > rules.UnreadableTries ? last.Tries
            : 1;
        _unreadable[key] = (tag.Sequence, tries);
        return tries > rules.UnreadableTries;
    }

    /// <summary>What is to be said of a message: what the transaction it was part of came to, once that is
    /// committed.</summary>
    public void Stored(TDevice device, in DeliveryTag tag, in StoredThrough outcome)
    {
        var before = Find(device, tag.Epoch);
        IReadOnlyList<(ulong, string)> quarantined = before?.Quarantined ?? [];
        if (outcome.Quarantined is { } reason && quarantined.Count < rules.QuarantinedMax)
            quarantined = [.. quarantined, (tag.Sequence, reason)];
        // Once asked to send again a device must be told, whatever was stored since.
        var ahead = outcome.Ahead || (before is { Ahead: true } && before.Round == tag.Round);
        Put(new PendingReceipt<TDevice>(
            device, tag.Epoch, outcome.Through, tag.Round, ahead, outcome.SealMark, TimeSpan.Zero, quarantined,
            outcome.Forked || (before is { Forked: true } && before.Round == tag.Round)));
    }

    /// <summary>A transaction failed: nothing of its group is stored.</summary>
    /// <returns>How long devices are asked to wait.</returns>
    public TimeSpan Failed(TimeSpan now)
    {
        var hold = _failures >= 16 ? rules.HoldMax : new TimeSpan(rules.Hold.Ticks << _failures);
        hold = hold < rules.HoldMax ? hold : rules.HoldMax;
        _failures++;
        _holdUntil = now + hold;
        return hold;
    }

    /// <summary>Asks a device to wait.</summary>
    public void Hold(TDevice device, ulong epoch, ulong round, TimeSpan hold)
    {
        var before = Find(device, epoch);
        Put(new PendingReceipt<TDevice>(
            device, epoch, before?.Through ?? 0, round, false, before?.SealMark ?? 0, hold, before?.Quarantined ?? []));
    }

    /// <summary>Takes the receipt that has waited longest.</summary>
    public bool TryTake([NotNullWhen(true)] out PendingReceipt<TDevice>? receipt)
    {
        receipt = null;
        return _order.TryDequeue(out var key) && _pending.Remove(key, out receipt);
    }

    /// <summary>A receipt could not be sent: it is kept, unless a newer one has taken its place.</summary>
    public void PutBack(PendingReceipt<TDevice> receipt)
    {
        if (Find(receipt.Device, receipt.Epoch) is null)
            Put(receipt);
    }

    private PendingReceipt<TDevice>? Find(TDevice device, ulong epoch) => _pending.GetValueOrDefault((device, epoch));

    private void Put(PendingReceipt<TDevice> receipt)
    {
        var key = (receipt.Device, receipt.Epoch);
        if (!_pending.ContainsKey(key))
        {
            if (_pending.Count >= rules.ReceiptsMax)
                return;
            _order.Enqueue(key);
        }

        _pending[key] = receipt;
    }
}
