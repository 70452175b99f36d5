namespace LeptonEdge.Protocol.Delivery;

/// <summary>The limits and patience of the sending side.</summary>
public sealed record SenderRules
{
    /// <summary>Batches sent and not yet receipted, 1 to 4,096.</summary>
    public int WindowBatches { get; init; } = 256;

    /// <summary>Bytes sent and not yet receipted; one batch may always be in flight.</summary>
    public long WindowBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Without a receipt for this long, sending starts again behind the last one. Doubles with each such silence
    /// up to <see cref="ReceiptTimeoutMax"/>; a receipt that gets further sets it back.</summary>
    public TimeSpan ReceiptTimeout { get; init; } = TimeSpan.FromSeconds(5);

    public TimeSpan ReceiptTimeoutMax { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The pause after the broker had nobody to pass a batch to. Doubles up to <see cref="RefusedPauseMax"/>.</summary>
    public TimeSpan RefusedPause { get; init; } = TimeSpan.FromMilliseconds(250);

    public TimeSpan RefusedPauseMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The pause before a trim that the disk refused is tried again.</summary>
    public TimeSpan TrimPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A hub cannot silence a device for longer than this at once.</summary>
    public TimeSpan HoldMax { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Every fault, as sentences that name the field; empty when the rules are sound.</summary>
    public IEnumerable<string> Faults()
    {
        if (WindowBatches is < 1 or > 4_096)
            yield return $"window_batches: {WindowBatches} is not within 1 to 4096";
        if (WindowBytes < 1)
            yield return $"window_bytes: {WindowBytes} must be above zero";
        if (ReceiptTimeout <= TimeSpan.Zero || ReceiptTimeoutMax < ReceiptTimeout)
            yield return $"receipt_timeout: {ReceiptTimeout} must be above zero and no longer than {ReceiptTimeoutMax}";
        if (RefusedPause <= TimeSpan.Zero || RefusedPauseMax < RefusedPause)
            yield return $"refused_pause: {RefusedPause} must be above zero and no longer than {RefusedPauseMax}";
        if (TrimPause <= TimeSpan.Zero)
            yield return $"trim_pause: {TrimPause} must be above zero";
        if (HoldMax <= TimeSpan.Zero)
            yield return $"hold_max: {HoldMax} must be above zero";
    }
}

/// <summary>A receipt as the sending side sees it; see <c>Receipt</c> in sync.proto.</summary>
/// <param name="Through">Every batch up to this is stored or in quarantine.</param>
/// <param name="Round">Round of the message that it answers; 0 unknown.</param>
/// <param name="Ahead">That message came before others that are missing.</param>
/// <param name="SealMark">End of the sealed batch stored at <paramref name="Through"/>; 0 unknown.</param>
/// <param name="Hold">The hub asks for silence of this length; zero when it does not.</param>
/// <param name="Forked">That message followed another batch than the one stored at
/// <paramref name="Through"/>.</param>
public readonly record struct ReceiptNotice(
    ulong Epoch, ulong Through, ulong Round, bool Ahead, ulong SealMark, TimeSpan Hold, bool Forked = false);

/// <summary>What the sending side wants done.</summary>
public enum SenderStep
{
    /// <summary>Nothing until <see cref="SenderAction.Until"/>, or an event.</summary>
    Wait,

    /// <summary>Read batches behind <see cref="SenderAction.Sequence"/> from the outbox, publish them, and tell what was
    /// sent.</summary>
    Send,

    /// <summary>Trim the outbox through <see cref="SenderAction.Sequence"/>, and tell what came of it.</summary>
    Trim,

    /// <summary>The hub has less than it had receipted: put a gap in place of what is missing, from
    /// <see cref="SenderAction.Sequence"/> on.</summary>
    Rewind,

    /// <summary>The hub has batches under names that this outbox has yet to give: it is an old copy; begin a new
    /// epoch.</summary>
    Fork,
}

/// <param name="Sequence">See <see cref="SenderStep"/>.</param>
/// <param name="Batches">How many may be sent.</param>
/// <param name="Bytes">How many bytes may be sent; the first batch may exceed it.</param>
/// <param name="Until">When to ask again, on the clock that the sender is given; <see cref="TimeSpan.MaxValue"/>:
/// never.</param>
public readonly record struct SenderAction(
    SenderStep Step, ulong Sequence, ulong SealMark, int Batches, long Bytes, TimeSpan Until);
