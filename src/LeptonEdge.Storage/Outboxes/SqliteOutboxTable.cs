using System.Globalization;
using LeptonEdge.Core.Records;
using LeptonEdge.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace LeptonEdge.Storage.Outboxes;

/// <summary>The outbox's rows in SQLite: WAL, synchronous=FULL for what must survive a power cut.</summary>
internal sealed class SqliteOutboxTable : IOutboxTable, IDisposable
{
    private const string Columns = "first, sequence, class, records, bytes, mark, epoch, change, gap, checksum";
    private readonly Database _database;
    private readonly OutboxOptions _options;
    private readonly TimeProvider _clock;
    private readonly OutboxSpace _space;
    private readonly OutboxAside _aside;
    private readonly OutboxSpare _spare;
    private readonly Statement _insert;
    private readonly Statement _delete;
    private readonly Statement _next;
    private readonly Statement _oldest;
    private readonly Statement _sealed;
    private readonly Statement _write;
    private bool _durable = true;

    public SqliteOutboxTable(Database database, OutboxOptions options, TimeProvider clock)
    {
        (_database, _options, _clock) = (database, options, clock);
        _aside = new OutboxAside(options);
        _spare = new OutboxSpare(options);
        _space = new OutboxSpace(database, options);
        _insert = database.Prepare($"""
            INSERT INTO batch ({Columns}, sealed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
            """);
        _delete = database.Prepare("DELETE FROM batch WHERE sequence BETWEEN ?1 AND ?2");
        _next = database.Prepare($"SELECT {Columns} FROM batch WHERE sequence >= ?1 ORDER BY sequence LIMIT 1");
        _oldest = database.Prepare(
            $"SELECT {Columns} FROM batch WHERE sequence >= ?1 AND class = ?2 AND gap IS NULL "
            + "ORDER BY sequence LIMIT 1");
        _sealed = database.Prepare("SELECT sealed FROM batch WHERE sequence = ?1");
        _write = database.Prepare("INSERT OR REPLACE INTO line (id, content) VALUES (1, ?1)");
    }

    public Database Database => _database;

    public OutboxState? ReadState()
    {
        using var read = new Statement(_database, "SELECT content FROM line WHERE id = 1");
        if (read.Step())
            return OutboxState.Read(read.Blob(0)) ?? throw new OutboxDamagedException(
                _options.Path, "its state is not what was written");
        return _database.Scalar("SELECT EXISTS (SELECT 1 FROM batch)") == 0
            ? null : throw new OutboxDamagedException(_options.Path, "its state is missing");
    }

    public void Begin(bool durable)
    {
        // The level cannot be changed within a transaction.
        if (_durable != durable)
            _database.Run(durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
        _durable = durable;
        _database.Cached("BEGIN IMMEDIATE").Run();
    }

    public void Commit() => _database.Cached("COMMIT").Run();

    public void RollBack() => _database.RollBack();

    public void WriteState(OutboxState state)
    {
        Span<byte> bytes = stackalloc byte[OutboxState.Bytes];
        state.Write(bytes);
        _write.Bind(1, bytes).Run();
    }

    public void Insert(in OutboxRow row, ReadOnlySpan<byte> sealedBytes)
    {
        _insert.Bind(1, row.First).Bind(2, row.Sequence).Bind(3, (long)row.Class).Bind(4, row.Records)
            .Bind(5, row.Bytes).Bind(6, row.SealMark).Bind(7, row.Epoch).Bind(8, row.Change).Bind(10, row.Checksum)
            .Bind(11, sealedBytes);
        if (row.Gap is { } gap)
            _insert.Bind(9, gap);
        else
            _insert.BindNull(9);
        _insert.Run();
    }

    public void Delete(ulong first, ulong last) => _delete.Bind(1, first).Bind(2, last).Run();

    public bool TryNext(ulong from, out OutboxRow row) => TryRead(_next.Bind(1, from), out row);

    public bool TryOldest(RecordClass recordClass, ulong from, out OutboxRow row) =>
        TryRead(_oldest.Bind(1, from).Bind(2, (long)recordClass), out row);

    public byte[] ReadSealed(ulong sequence)
    {
        var bytes = _sealed.Bind(1, sequence).Step() ? _sealed.Blob(0).ToArray() : [];
        _sealed.Reset();
        return bytes;
    }

    public bool HasRoom(int rows, long sealedBytes) => _space.HasRoom(rows, sealedBytes, BytesBeside);

    public void MakeLogRoom(long sealedBytes)
    {
        var pages = _space.PagesTooMany(sealedBytes, BytesBeside);
        if (pages <= 0)
            return;
        // The log is about to become larger than is allowed for: the file has to become smaller before.
        _database.Run(string.Create(CultureInfo.InvariantCulture, $"PRAGMA incremental_vacuum({pages})"));
        Checkpoint();
    }

    public string? KeepAside(ulong epoch, ulong sequence, ReadOnlySpan<byte> sealedBytes) =>
        _aside.Keep(epoch, sequence, sealedBytes);

    /// <summary>Not by copying the file: closing it once more would give up the lock that keeps a second agent
    /// out.</summary>
    public string KeepCopy()
    {
        var kept = OutboxFile.FreeName($"{_options.Path}.forked", _clock.GetUtcNow());
        _database.CopyTo(kept);
        return kept;
    }

    /// <summary>On a full disk: lets go of what was kept for this.</summary>
    public void GiveUpSpare() => _spare.GiveUp();

    /// <summary>Gives pages back to the disk, a bounded number at once, and sees to the spare room. As far as the disk
    /// lets it: what does not succeed now is tried again the next time.</summary>
    public void GiveBack()
    {
        try
        {
            if (_space.GiveBackSql is { } sql)
            {
                if (_durable)
                    _database.Run("PRAGMA synchronous = NORMAL");
                _durable = false;
                _database.Run(sql);
            }

            if (_spare.Bytes == 0)
                Checkpoint();
        }
        catch (SqliteException)
        {
            return;
        }

        _spare.Take();
    }

    private long BytesBeside => _aside.Bytes + _spare.Bytes;

    /// <summary>Folds the log into the file, which makes room in the log.</summary>
    private void Checkpoint() => _database.Run("PRAGMA wal_checkpoint(TRUNCATE)");

    public void Dispose() => _database.Dispose();

    private static bool TryRead(Statement statement, out OutboxRow row)
    {
        var found = statement.Step();
        row = found
            ? new OutboxRow(
                statement.UInt64(6), statement.UInt64(0), statement.UInt64(1),
                (RecordClass)Math.Clamp(statement.Int32(2), 0, (int)RecordClass.Bulk), statement.Int32(3),
                statement.Int32(4), statement.UInt64(5), statement.UInt64(7),
                statement.IsNull(8) ? null : statement.Blob(8).ToArray(), (uint)statement.Int64(9))
            : default;
        statement.Reset();
        return found;
    }
}

/// <summary>Bytes of batches that cannot be sent, each in a file of its own beside the outbox. Nothing is ever deleted
/// here, so the whole has a limit.</summary>
internal sealed class OutboxAside
{
    private readonly string _folder;
    private readonly long _bytesMax;

    public OutboxAside(OutboxOptions options)
    {
        _folder = options.Path + ".aside";
        _bytesMax = Math.Min(options.AsideBytesMax, options.BytesMax / 8);
        if (Directory.Exists(_folder))
            Bytes = new DirectoryInfo(_folder).EnumerateFiles().Sum(file => file.Length);
    }

    public long Bytes { get; private set; }

    public string? Keep(ulong epoch, ulong sequence, ReadOnlySpan<byte> sealedBytes)
    {
        if (Bytes + sealedBytes.Length > _bytesMax)
            return null;
        Directory.CreateDirectory(_folder);
        var name = Path.Combine(
            _folder, string.Create(CultureInfo.InvariantCulture, $"{epoch:x16}-{sequence}.sealed"));
        using var file = new FileStream(name, FileMode.Create, FileAccess.Write, FileShare.Read);
        file.Write(sealedBytes);
        file.Flush(flushToDisk: true);
        Bytes += sealedBytes.Length;
        return name;
    }
}
