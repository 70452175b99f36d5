using LeptonEdge.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace LeptonEdge.Storage.Outboxes;

/// <summary>Builds, beside an outbox that cannot be used as it is, the file that takes its place: in one transaction,
/// and on the disk when <see cref="Finish"/> returned.</summary>
internal sealed class OutboxSuccessor : IDisposable
{
    private readonly OutboxOptions _options;
    private readonly Database _database;
    private readonly SqliteOutboxTable _table;
    private readonly GapBatch _gap;

    /// <param name="state">Changed as rows are added; <see cref="OutboxState.Last"/> is the newest of them.</param>
    public OutboxSuccessor(OutboxOptions options, TimeProvider clock, OutboxState state)
    {
        (_options, State) = (options, state);
        var path = OutboxFile.Successor(options.Path);
        File.Delete(path);
        File.Delete(path + "-journal");
        _database = Database.Open(path, SqliteOpenMode.ReadWriteCreate, TimeSpan.Zero);
        _database.Execute($"""
            PRAGMA page_size = {OutboxFile.PageBytes};
            PRAGMA auto_vacuum = INCREMENTAL;
            PRAGMA synchronous = FULL;
            PRAGMA cache_size = -{options.CacheKiB};
            """);
        OutboxFile.Create(_database);
        _table = new SqliteOutboxTable(_database, options with { Path = path }, clock);
        _gap = new GapBatch(options.SealGap, clock);
        _table.Begin(durable: true);
    }

    public OutboxState State { get; }

    /// <summary>Adds a row that follows <see cref="OutboxState.Last"/>.</summary>
    public void Add(in OutboxRow row, ReadOnlySpan<byte> sealedBytes)
    {
        _table.Insert(row, sealedBytes);
        State.Add(row);
        State.Last = row.Sequence;
    }

    /// <summary>Names everything up to <paramref name="last"/> as lost.</summary>
    public void AddGap(ulong last, string reason) =>
        Add(_gap.OfUnknown(State, State.Last + 1, last, reason), _gap.Sealed);

    public void AddValue(string key, ReadOnlySpan<byte> value) => Devices.DeviceState.Write(_database, key, value);

    /// <summary>Commits; the file is whole.</summary>
    public void Finish()
    {
        _table.WriteState(State);
        _table.Commit();
    }

    public void Dispose()
    {
        _gap.Dispose();
        _database.Dispose();
    }
}
