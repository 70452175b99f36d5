namespace LeptonEdge.Protocol.Delivery;

/// <summary>What a batch is to a hub that has stored everything up to a cursor.</summary>
public enum CursorVerdict
{
    /// <summary>It follows the cursor: store it, and move the cursor in the same transaction.</summary>
    Next,

    /// <summary>All of it is stored already: store nothing, send the receipt again.</summary>
    Duplicate,

    /// <summary>Batches before it are missing: store nothing, say where the cursor is.</summary>
    Ahead,

    /// <summary>It follows another batch than the one stored under the name at the cursor: it comes from an older copy of
    /// the outbox. Store nothing, and say so.</summary>
    Forked,
}

/// <summary>Where a batch stands to the cursor of its device and epoch. Order is by sequence alone, never by
/// time.</summary>
public static class CursorRule
{
    /// <summary>Judges without marks.</summary>
    public static CursorVerdict Judge(ulong cursor, ulong first, ulong sequence) => Judge(cursor, 0, first, sequence, 0);

    /// <param name="cursor">Last sequence that is stored; 0 while there is none.</param>
    /// <param name="mark">Seal mark of the batch at the cursor; 0 unknown.</param>
    /// <param name="first">First sequence that the batch covers. A gap batch may begin at or before the cursor, for part
    /// of what the device shed had arrived.</param>
    /// <param name="sequence">Last sequence that the batch covers, at least <paramref name="first"/>.</param>
    /// <param name="previousMark">What the batch says of the one before it; 0 unknown.</param>
    public static CursorVerdict Judge(ulong cursor, ulong mark, ulong first, ulong sequence, ulong previousMark)
    {
        if (sequence <= cursor)
            return CursorVerdict.Duplicate;
        if (first - 1 > cursor)
            return CursorVerdict.Ahead;
        return first == cursor + 1 && mark != 0 && previousMark != 0 && mark != previousMark
            ? CursorVerdict.Forked
            : CursorVerdict.Next;
    }
}
