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
}

/// <summary>Where a batch stands to the cursor of its device and epoch. Order is by sequence alone, never by
/// time.</summary>
public static class CursorRule
{
    /// <param name="cursor">Last sequence that is stored; 0 while there is none.</param>
    /// <param name="first">First sequence that the batch covers. A gap batch may begin at or before the cursor, for part
    /// of what the device shed had arrived.</param>
    /// <param name="sequence">Last sequence that the batch covers, at least <paramref name="first"/>.</param>
    public static CursorVerdict Judge(ulong cursor, ulong first, ulong sequence)
    {
        if (sequence <= cursor)
            return CursorVerdict.Duplicate;
        return first - 1 > cursor ? CursorVerdict.Ahead : CursorVerdict.Next;
    }
}
