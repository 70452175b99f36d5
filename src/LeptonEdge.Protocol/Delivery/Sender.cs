namespace LeptonEdge.Protocol.Delivery;

/// <summary>The sending side of delivery, without I/O: events in, one action at a time out. Whoever drives it holds the
/// outbox, the connection and the clock. One thread at a time.</summary>
/// <remarks>
/// Go-back-N over batch names: a bounded window of batches behind the last receipt, cumulative receipts, and a new round
/// behind the last receipt whenever what is in flight may be lost (a new connection, silence, a hub that says so). Only a
/// receipt trims; what the broker acknowledged means nothing.
/// Times are of a clock that only goes forward, from any start. A round is any number that this device did not use before
/// and will not again, such as a random one; never 0.
/// </remarks>
public sealed class Sender
{
    private readonly SenderRules _rules;
    private readonly Queue<(ulong Sequence, long Bytes)> _inFlight = [];
    private long _bytesInFlight;
    private ulong _trimmed;
    private ulong _mark;
    private ulong _roundBase;
    private ulong? _rewindTo;
    private bool _connected;
    private bool _probing;
    private bool _fork;
    private int _silences;
    private int _refusals;
    private TimeSpan _deadline = TimeSpan.MaxValue;
    private TimeSpan _restartAt = TimeSpan.MaxValue;
    private TimeSpan _quietUntil = TimeSpan.MinValue;
    private TimeSpan _trimAt = TimeSpan.MinValue;

    /// <param name="epoch">Of the outbox.</param>
    /// <param name="trimmed">Last sequence that the outbox has trimmed.</param>
    /// <param name="last">Last sequence that the outbox has given.</param>
    /// <exception cref="ArgumentException">The rules are outside their limits.</exception>
    public Sender(SenderRules rules, ulong epoch, ulong trimmed, ulong last)
    {
        if (rules.Faults().FirstOrDefault() is { } fault)
            throw new ArgumentException(fault, nameof(rules));
        (_rules, Epoch, _trimmed, ReceiptedThrough, SentThrough, Last) = (rules, epoch, trimmed, trimmed, trimmed, last);
    }

    public ulong Epoch { get; private set; }

    /// <summary>The hub has everything up to this.</summary>
    public ulong ReceiptedThrough { get; private set; }

    /// <summary>Last sequence sent in the present round, or receipted.</summary>
    public ulong SentThrough { get; private set; }

    /// <summary>Last sequence in the outbox.</summary>
    public ulong Last { get; private set; }

    /// <summary>The present round of sending; 0 before the first connection.</summary>
    public ulong Round { get; private set; }

    /// <summary>How often sending started again behind the last receipt, connections apart.</summary>
    public long Restarts { get; private set; }

    /// <summary>A connection stands: sending resumes behind the last receipt.</summary>
    public void Connect(ulong round, TimeSpan now)
    {
        _connected = true;
        (_silences, _refusals, _probing) = (0, 0, false);
        _quietUntil = now;
        StartRound(round);
    }

    public void Disconnect() => _connected = false;

    /// <summary>The outbox has given sequences up to this.</summary>
    public void Append(ulong last) => Last = Math.Max(Last, last);

    /// <summary>A receipt came: late, twice, out of order or from a hub that was set back, as it may be.</summary>
    public void Receive(in ReceiptNotice receipt, TimeSpan now)
    {
        // A receipt for another epoch speaks of an outbox file that this device no longer has.
        if (receipt.Epoch != Epoch)
            return;
        // Names that this outbox has yet to give are taken: it is a copy of one that went further.
        if (receipt.Through > Last)
            _fork = true;
        else if (receipt.Through > ReceiptedThrough)
            TakeProgress(receipt, now);
        if (!_connected || receipt.Round != Round || Round == 0)
            return;
        _fork |= receipt.Forked;
        if (receipt.Hold > TimeSpan.Zero)
            Pause(now, receipt.Hold < _rules.HoldMax ? receipt.Hold : _rules.HoldMax);
        else if (!receipt.Ahead)
            return;
        else if (receipt.Through < _roundBase)
            // Said of something sent after this device had a receipt for more: the hub's store was set back.
            _rewindTo = Math.Min(_rewindTo ?? ulong.MaxValue, receipt.Through);
        else if (receipt.Through == ReceiptedThrough)
            RestartAt(now);
    }

    /// <summary>The broker had nobody to pass a batch of this round to, or refused it.</summary>
    public void Refuse(ulong round, TimeSpan now)
    {
        if (_connected && round == Round && _restartAt == TimeSpan.MaxValue)
            Pause(now, Doubled(_rules.RefusedPause, _rules.RefusedPauseMax, _refusals++));
    }

    /// <summary>A batch was handed to the connection.</summary>
    public void Sent(ulong sequence, long bytes, TimeSpan now)
    {
        if (_inFlight.Count == 0)
            _deadline = Later(now, Doubled(_rules.ReceiptTimeout, _rules.ReceiptTimeoutMax, _silences));
        SentThrough = Math.Max(SentThrough, sequence);
        _inFlight.Enqueue((sequence, bytes));
        _bytesInFlight += bytes;
    }

    /// <summary>The outbox is trimmed through this.</summary>
    public void Trimmed(ulong through) => _trimmed = Math.Max(_trimmed, through);

    /// <summary>The disk did not let the outbox trim. Sending goes on; trimming is tried again.</summary>
    public void TrimFailed(TimeSpan now) => _trimAt = Later(now, _rules.TrimPause);

    /// <summary>A gap now stands behind <paramref name="through"/>, in place of what the hub has lost.</summary>
    public void Rewound(ulong through, ulong round)
    {
        (ReceiptedThrough, _trimmed, _rewindTo) = (through, through, null);
        StartRound(round);
    }

    /// <summary>The outbox found its own copy of a receipted batch to be another one; see
    /// <see cref="SenderStep.Fork"/>.</summary>
    public void Forked() => _fork = true;

    /// <summary>The outbox has begun a new epoch.</summary>
    /// <param name="trimmed">As for a new sender.</param>
    public void BeganEpoch(ulong epoch, ulong trimmed, ulong last, ulong round)
    {
        (Epoch, ReceiptedThrough, _trimmed, Last) = (epoch, trimmed, trimmed, last);
        (_fork, _rewindTo) = (false, null);
        StartRound(round);
    }

    /// <summary>What to do now.</summary>
    /// <param name="round">Used when a new round begins.</param>
    public SenderAction Next(TimeSpan now, ulong round)
    {
        if (_fork)
            return Act(SenderStep.Fork, Last);
        if (ReceiptedThrough > _trimmed && now >= _trimAt)
            return Act(SenderStep.Trim, ReceiptedThrough, _mark);
        var trimAt = ReceiptedThrough > _trimmed ? _trimAt : TimeSpan.MaxValue;
        if (!_connected)
            return Wait(trimAt);
        if (_rewindTo is { } through)
            return Act(SenderStep.Rewind, through);
        if (_inFlight.Count > 0 && now >= _deadline && _restartAt == TimeSpan.MaxValue)
        {
            // The second silence in a row: one batch is enough to find out whether the hub is back.
            _probing = _silences++ > 0;
            RestartAt(now);
        }

        if (now >= _restartAt)
        {
            Restarts++;
            StartRound(round);
        }

        if (now < _quietUntil || _restartAt != TimeSpan.MaxValue)
            return Wait(Earlier(trimAt, Earlier(_restartAt, now < _quietUntil ? _quietUntil : _restartAt)));
        var room = Room();
        return room > 0 && SentThrough < Last
            ? new SenderAction(SenderStep.Send, SentThrough, 0, room, Math.Max(1, _rules.WindowBytes - _bytesInFlight), now)
            : Wait(Earlier(trimAt, _inFlight.Count > 0 ? _deadline : TimeSpan.MaxValue));
    }

    private void TakeProgress(in ReceiptNotice receipt, TimeSpan now)
    {
        (ReceiptedThrough, _mark) = (receipt.Through, receipt.SealMark);
        SentThrough = Math.Max(SentThrough, receipt.Through);
        (_silences, _refusals, _probing) = (0, 0, false);
        _deadline = Later(now, _rules.ReceiptTimeout);
        while (_inFlight.TryPeek(out var oldest) && oldest.Sequence <= receipt.Through)
            _bytesInFlight -= _inFlight.Dequeue().Bytes;
    }

    private int Room()
    {
        if (_probing)
            return _inFlight.Count == 0 ? 1 : 0;
        if (_inFlight.Count > 0 && _bytesInFlight >= _rules.WindowBytes)
            return 0;
        return Math.Max(0, _rules.WindowBatches - _inFlight.Count);
    }

    // What was sent is gone; the next attempt is one batch, to see whether it is taken.
    private void Pause(TimeSpan now, TimeSpan pause)
    {
        _quietUntil = Later(now, pause);
        _probing = true;
        _restartAt = _quietUntil;
    }

    private void RestartAt(TimeSpan when) => _restartAt = Earlier(_restartAt, when);

    private void StartRound(ulong round)
    {
        (Round, SentThrough, _roundBase) = (round, ReceiptedThrough, ReceiptedThrough);
        (_restartAt, _deadline, _bytesInFlight) = (TimeSpan.MaxValue, TimeSpan.MaxValue, 0);
        _inFlight.Clear();
    }

    private static TimeSpan Doubled(TimeSpan first, TimeSpan max, int times) =>
        times >= 16 || first.Ticks << times > max.Ticks ? max : new TimeSpan(first.Ticks << times);

    private static TimeSpan Later(TimeSpan now, TimeSpan by) =>
        now > TimeSpan.MaxValue - by ? TimeSpan.MaxValue : now + by;

    private static TimeSpan Earlier(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static SenderAction Act(SenderStep step, ulong sequence, ulong mark = 0) =>
        new(step, sequence, mark, 0, 0, TimeSpan.MinValue);

    private static SenderAction Wait(TimeSpan until) => new(SenderStep.Wait, 0, 0, 0, 0, until);
}
