using System.Security.Cryptography;
using System.Text;
using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Hubs.Accounts;

/// <summary>Adds to the audit log, one entry at a time; any thread. Beside the store a file holds the newest entry's
/// number and hash: a store whose newest entries were cut off, or which was set back to a backup, is told by it.</summary>
public sealed class AuditWriter
{
    /// <summary>Entries that a log may hold; beyond, the hub takes no changes until the log is put aside.</summary>
    public const long EntriesMax = 50_000_000;

    private readonly HubStore _store;
    private readonly Lock _gate = new();

    private AuditWriter(HubStore store) => _store = store;

    /// <summary>Takes up the log. A log that has not what the file beside it names gets an entry that says so.</summary>
    /// <param name="fault">What is missing; null: nothing.</param>
    public static AuditWriter Open(HubStore store, out string? fault)
    {
        var writer = new AuditWriter(store);
        fault = AuditAnchor.Read(store.Path) is { } anchor ? anchor.Compare(store.AuditEntryOf(anchor.Sequence)) : null;
        if (fault is not null)
            writer.Append(new NewAuditEntry("hub", "hub", "", "audit.break", "", "failed", null, Quote(fault)));
        return writer;
    }

    /// <summary>Returns when the entry is on the disk.</summary>
    /// <exception cref="HubStoreException">It could not be written.</exception>
    public AuditEntry Append(NewAuditEntry change)
    {
        var content = change.Cut();
        lock (_gate)
        {
            var entry = _store.Write(writer => Append(writer.Database, content, _store.NowMicros));
            AuditAnchor.Of(entry).Write(_store.Path);
            return entry;
        }
    }

    private static AuditEntry Append(Database database, NewAuditEntry change, long now)
    {
        var (sequence, previous) = Newest(database);
        if (sequence >= EntriesMax)
            throw new HubStoreException(
                $"the audit log is full with {EntriesMax} entries: put the store aside and begin a new one",
                HubStoreFault.Refused);
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
        return new AuditEntry(sequence, now, change, hash);
    }

    private static (long Sequence, byte[] Hash) Newest(Database database)
    {
        var row = database.Cached("SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1");
        if (!row.Step())
            return (0, new byte[AuditHash.Bytes]);
        var newest = (row.Int64(0), row.Blob(1).ToArray());
        row.Reset();
        return newest;
    }

    private static string Quote(string text) => $"\"{text}\"";
}

/// <summary>The newest entry as the file beside the store names it.</summary>
internal sealed record AuditAnchor(long Sequence, byte[] Hash)
{
    public static AuditAnchor Of(AuditEntry entry) => new(entry.Sequence, entry.Hash);

    public static string PathOf(string store) => store + ".audit";

    /// <summary>Null when there is none, or it cannot be read.</summary>
    public static AuditAnchor? Read(string store)
    {
        try
        {
            var parts = File.ReadAllText(PathOf(store)).Split(' ', '\n');
            return parts.Length >= 2 && long.TryParse(parts[0], out var sequence) && sequence > 0
                && parts[1].Length == 2 * AuditHash.Bytes
                ? new AuditAnchor(sequence, Convert.FromHexString(parts[1]))
                : null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }

    /// <summary>After the entry is on the disk, so that it never names one that a power cut took.</summary>
    public void Write(string store)
    {
        var path = PathOf(store);
        try
        {
            File.WriteAllText(path + ".new", $"{Sequence} {Convert.ToHexStringLower(Hash)}\n");
            File.Move(path + ".new", path, overwrite: true);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // The log itself has the entry; an older mark says less, but nothing wrong.
        }
    }

    /// <summary>What is wrong with the entry of this number; null: nothing.</summary>
    public string? Compare(AuditEntry? entry) => entry is null
        ? $"the log ends before entry {Sequence}, which it had: its newest entries were cut off, or an older copy of the "
            + "store was put back"
        : CryptographicOperations.FixedTimeEquals(entry.Hash, Hash)
            ? null
            : $"entry {Sequence} is another than the one that was written";
}
