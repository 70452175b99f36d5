namespace LeptonEdge.Storage.Hubs.Accounts;

/// <summary>Adds entries to the audit log that stand by themselves; any thread. An entry about a change of the store goes
/// along with the change (<see cref="StoreScope"/>). Beside the store a file holds the newest entry's number and hash: a
/// store whose newest entries were cut off, or which was set back to a backup, is told by it.</summary>
public sealed class AuditWriter
{
    /// <summary>Entries that the store may hold; beyond, the hub takes no changes until older ones are put aside.</summary>
    public const long EntriesMax = 50_000_000;

    private readonly HubStore _store;

    private AuditWriter(HubStore store) => _store = store;

    /// <summary>Takes up the log. A log that has not what the file beside it names gets an entry that says so.</summary>
    /// <param name="fault">What is missing; null: nothing.</param>
    public static AuditWriter Open(HubStore store, out string? fault)
    {
        var writer = new AuditWriter(store);
        fault = AuditAnchor.Read(store.Path) is { } anchor ? anchor.Compare(store.AuditEntryOf(anchor.Sequence)) : null;
        if (fault is not null)
            writer.Append(new NewAuditEntry("hub", "hub", "", "audit.break", "", "failed", null, $"\"{fault}\""));
        return writer;
    }

    /// <summary>Returns when the entry is on the disk.</summary>
    /// <exception cref="HubStoreException">It could not be written.</exception>
    public AuditEntry Append(NewAuditEntry change) => _store.Write(
        writer => writer.Audit.Append(writer.Database, change, _store.NowMicros), scoped: false);
}
