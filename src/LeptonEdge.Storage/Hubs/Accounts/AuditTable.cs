using System.Text;
using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Hubs.Accounts;

/// <summary>Adds entries to the log, within whatever transaction is open.</summary>
internal sealed class AuditTable
{
    private AuditEntry? _newest;

    public AuditEntry Append(Database database, NewAuditEntry wish, long now)
    {
        var change = wish.Cut();
        var (sequence, previous) = Newest(database);
        if (sequence - AuditArchives.Through(database) >= AuditWriter.EntriesMax)
            throw new HubStoreException(
                $"the audit log is full with {AuditWriter.EntriesMax} entries: older ones could not be put into files beside "
                + "the store for long; the hub's log says why", HubStoreFault.Refused);
        string?[] texts =
        [
            change.Actor, change.Kind, change.Address, change.Action, change.Target, change.Outcome, change.Before,
            change.After,
        ];
        var bytes = texts.Select(text => text is null ? null : Encoding.UTF8.GetBytes(text)).ToArray();
        var hash = AuditHash.Of(previous, ++sequence, now, bytes);
        var insert = database.Cached($"""
            INSERT INTO audit ({AuditQueries.Columns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
            """).Bind(1, sequence).Bind(2, now).Bind(11, hash);
        for (var i = 0; i < texts.Length; i++)
            insert.BindOptional(3 + i, texts[i]);
        insert.Run();
        return _newest = new AuditEntry(sequence, now, change, hash);
    }

    /// <summary>The entries are on the disk: the file beside the store may name the newest.</summary>
    public void Committed(string store)
    {
        if (_newest is not { } newest)
            return;
        _newest = null;
        AuditAnchor.Of(newest).Write(store);
    }

    /// <summary>They are not.</summary>
    public void Forget() => _newest = null;

    private static (long Sequence, byte[] Hash) Newest(Database database)
    {
        var row = database.Cached("SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1");
        if (!row.Step())
            return (0, new byte[AuditHash.Bytes]);
        var newest = (row.Int64(0), row.Blob(1).ToArray());
        row.Reset();
        return newest;
    }
}
