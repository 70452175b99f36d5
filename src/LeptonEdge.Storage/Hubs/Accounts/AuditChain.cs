using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Hubs.Accounts;

/// <summary>Proves that no entry of the audit log was changed, removed or moved since it was written.</summary>
/// <remarks>What hashes cannot show is that the newest entries are gone: that shows the file beside the store, unless it
/// was changed too. Who may write both may write a whole new log: against that, keep the last hash somewhere else, and
/// give it as <c>head</c>.</remarks>
public static class AuditChain
{
    private const int Texts = 8;

    /// <summary>Walks along the log of a store file, also beside a hub that writes to it.</summary>
    /// <param name="path">The hub's store: <c>hub.db</c> in its data folder.</param>
    /// <param name="head">Sequence and hash (hexadecimal) of an entry that is known to be in it; null: none.</param>
    /// <exception cref="HubStoreException">There is no such file, or it is not a store, or it is damaged.</exception>
    public static AuditVerdict Verify(string path, (long Sequence, string Hash)? head = null)
    {
        using var store = HubStore.OpenReadOnly(path);
        return Verify(store, head);
    }

    public static AuditVerdict Verify(HubStore store, (long Sequence, string Hash)? head = null)
    {
        // Read first: the hub may add entries while we walk.
        var anchor = AuditAnchor.Read(store.Path);
        var verdict = store.Read(Walk);
        if (!verdict.IsSound)
            return verdict;
        if (anchor?.Compare(store.AuditEntryOf(anchor.Sequence)) is { } fault)
            return verdict with { FirstBroken = Math.Min(anchor.Sequence, verdict.Entries + 1), Fault = fault };
        if (head is not { } known)
            return verdict;
        var entry = store.AuditEntryOf(known.Sequence);
        return entry is not null
            && Convert.ToHexString(entry.Hash).Equals(known.Hash, StringComparison.OrdinalIgnoreCase)
            ? verdict
            : verdict with
            {
                FirstBroken = Math.Min(known.Sequence, verdict.Entries + 1),
                Fault = $"entry {known.Sequence} is not the one with the hash that was given",
            };
    }

    private static AuditVerdict Walk(Database database)
    {
        var rows = database.Cached($"SELECT {AuditQueries.Columns} FROM audit ORDER BY sequence");
        var previous = new byte[AuditHash.Bytes];
        var entries = 0L;
        while (rows.Step())
        {
            if (FaultOf(rows, entries + 1, previous) is { } fault)
                return new AuditVerdict(entries, Convert.ToHexStringLower(previous), entries + 1, fault);
            previous = rows.Blob(Texts + 2).ToArray();
            entries++;
        }

        return new AuditVerdict(entries, Convert.ToHexStringLower(previous), null, null);
    }

    private static string? FaultOf(Statement row, long expected, byte[] previous)
    {
        if (row.Int64(0) != expected)
            return $"entry {expected} is missing: entry {row.Int64(0)} comes next";
        if (!row.IsInteger(1))
            return $"entry {expected} was changed: its time is no number";
        var texts = new byte[]?[Texts];
        for (var i = 0; i < Texts; i++)
        {
            // The bytes as they lie there: as text they would end at a zero.
            texts[i] = row.IsNull(i + 2) ? null : row.Blob(i + 2).ToArray();
        }

        var hash = AuditHash.Of(previous, expected, row.Int64(1), texts);
        return row.Blob(Texts + 2).SequenceEqual(hash)
            ? null
            : $"entry {expected} was changed after it was written, or moved here from another place";
    }
}
