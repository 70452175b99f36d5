using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Hubs.Accounts;

/// <summary>Proves that no entry of the audit log was changed, removed or moved since it was written, in the files beside
/// the store and in the store, which are one chain.</summary>
/// <remarks>What hashes cannot show is that the newest entries are gone: that shows the file beside the store, unless it
/// was changed too. Who may write both may write a whole new log: against that, keep the last hash somewhere else, and
/// give it as <c>head</c>.</remarks>
public static class AuditChain
{
    /// <summary>Walks along the log of a store file, also beside a hub that writes to it.</summary>
    /// <param name="path">The hub's store: <c>hub.db</c> in its data folder.</param>
    /// <param name="head">Sequence and hash (hexadecimal) of an entry that is known to be in it; null: none.</param>
    /// <exception cref="HubStoreException">There is no such file, or it is not a store, or it is damaged.</exception>
    public static AuditVerdict Verify(string path, (long Sequence, string Hash)? head = null)
    {
        using var store = HubStore.OpenReadOnly(path);
        return Verify(store, head);
    }

    /// <exception cref="OperationCanceledException">Nobody waits for the verdict any more.</exception>
    public static AuditVerdict Verify(
        HubStore store, (long Sequence, string Hash)? head = null, CancellationToken cancellation = default)
    {
        // Read first: the hub may add entries while we walk.
        var anchor = AuditAnchor.Read(store.Path);
        var walk = new AuditWalk(store, head?.Sequence ?? 0, cancellation);
        var verdict = walk.Run();
        if (!verdict.IsSound)
            return verdict;
        if (anchor?.Compare(store.AuditEntryOf(anchor.Sequence)) is { } fault)
            return verdict with { FirstBroken = Math.Min(anchor.Sequence, verdict.Entries + 1), Fault = fault };
        return head is not { } known
            || Convert.ToHexString(walk.Wanted).Equals(known.Hash, StringComparison.OrdinalIgnoreCase)
            ? verdict
            : verdict with
            {
                FirstBroken = Math.Min(known.Sequence, verdict.Entries + 1),
                Fault = $"entry {known.Sequence} is not the one with the hash that was given",
            };
    }
}

/// <summary>One walk along the chain: file by file, and then through the store, some thousand entries at a time, so that
/// nobody else waits for it.</summary>
internal sealed class AuditWalk(HubStore store, long wanted, CancellationToken cancellation)
{
    private const int Stretch = 5_000;

    private byte[] _hash = new byte[AuditHash.Bytes];
    private long _last;
    private string? _fault;

    /// <summary>The hash of the entry that was asked for; empty when it is not there.</summary>
    public byte[] Wanted { get; private set; } = [];

    public AuditVerdict Run()
    {
        while (_fault is null)
        {
            cancellation.ThrowIfCancellationRequested();
            // In the middle of the walk entries may go from the store into a file: each step looks where the next one is.
            if (store.Read(database => AuditArchives.Beginning(database, _last + 1)) is { } archive)
                Walk(archive);
            else if (!store.Read(Walk))
                break;
        }

        return new AuditVerdict(
            _last, Convert.ToHexStringLower(_hash), _fault is null ? null : _last + 1, _fault);
    }

    // False at the end. An entry that is missing may be in a file that was not there when we looked.
    private bool Walk(Database database)
    {
        var rows = database.Cached(
            $"SELECT {AuditQueries.Columns} FROM audit WHERE sequence > ?1 ORDER BY sequence LIMIT ?2")
            .Bind(1, _last).Bind(2, (long)Stretch);
        var count = 0;
        for (; rows.Step(); count++)
        {
            var link = AuditLink.Of(rows);
            if (link.Sequence != _last + 1 && AuditArchives.Through(database) > _last)
                return AuditArchives.Beginning(database, _last + 1) is not null || Miss(_last + 1);
            if (!Take(link))
                return false;
        }

        return count == Stretch;
    }

    private void Walk(AuditArchive archive)
    {
        var path = archive.PathFor(store.Path);
        var name = Path.GetFileName(path);
        try
        {
            foreach (var link in AuditArchiveFile.Read(path))
            {
                if (link.Sequence > archive.Last)
                    _fault = $"{name} has entries that are not its own";
                if (_fault is not null || !Take(link))
                    break;
                cancellation.ThrowIfCancellationRequested();
            }

            if (_fault is null && _last != archive.Last)
                _fault = $"{name} ends with entry {_last}, and should with {archive.Last}";
            if (_fault is null && !_hash.AsSpan().SequenceEqual(archive.Hash))
                _fault = $"{name} is not the one that the store had written";
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            _fault = $"entries {archive.First} to {archive.Last} are missing: {name} is not beside the store";
        }
        catch (Exception fault) when (
            fault is InvalidDataException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            _fault = $"{name} cannot be read behind entry {_last}: {fault.Message}";
        }
    }

    private bool Take(AuditLink link)
    {
        _fault = link.FaultAfter(_last, _hash);
        if (_fault is not null)
            return false;
        (_last, _hash) = (link.Sequence, link.Hash);
        if (_last == wanted)
            Wanted = _hash;
        return true;
    }

    private bool Miss(long sequence)
    {
        _fault = $"entry {sequence} is missing";
        return false;
    }
}
