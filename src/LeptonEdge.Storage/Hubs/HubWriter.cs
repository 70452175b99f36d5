using LeptonEdge.Core.Identity;
using LeptonEdge.Protocol.Delivery;
using LeptonEdge.Storage.Hubs.Accounts;
using LeptonEdge.Storage.Hubs.Charts;
using LeptonEdge.Storage.Hubs.Documents;
using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Hubs;

/// <summary>Writes batches and cursors. Called under the store's writer lock, within a transaction.</summary>
internal sealed class HubWriter : IDisposable
{
    private const int NamesMax = 200_000;
    private readonly Database _database;
    private readonly RecordTables _records;
    private readonly QuarantineTable _quarantine;
    private readonly MeterTables _meters;
    private readonly OpenCharts _open;
    private readonly ChartTables _charts;
    private readonly Dictionary<(TenantId, DeviceId), long> _devices = [];
    private readonly Dictionary<(long, ulong), Cursor> _cursors = [];
    private readonly Statement _findDevice;
    private readonly Statement _addDevice;
    private readonly Statement _touchDevice;
    private readonly Statement _findCursor;
    private readonly Statement _setCursor;
    private readonly Statement _addBatch;

    public HubWriter(Database database, HubStoreOptions options, OpenCharts open)
    {
        (_database, _open) = (database, open);
        _charts = new ChartTables(database, open);
        _quarantine = new QuarantineTable(database, options);
        _records = new RecordTables(database, _charts);
        _meters = new MeterTables(database, options);
        _findDevice = database.Prepare("SELECT id FROM device WHERE tenant = ?1 AND device = ?2");
        _addDevice = database.Prepare(
            "INSERT INTO device (tenant, device, first_seen, last_seen) VALUES (?1, ?2, ?3, ?3)");
        _touchDevice = database.Prepare("""
            UPDATE device SET last_seen = max(last_seen, ?2), batches = batches + ?3, records = records + ?4, bytes = bytes + ?5
            WHERE id = ?1
            """);
        _findCursor = database.Prepare("SELECT through, mark FROM cursor WHERE device_id = ?1 AND epoch = ?2");
        _setCursor = database.Prepare("""
            INSERT INTO cursor (device_id, epoch, through, mark) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (device_id, epoch) DO UPDATE SET through = excluded.through, mark = excluded.mark
            """);
        _addBatch = database.Prepare("""
            INSERT INTO batch (device_id, epoch, first_sequence, sequence, class, records, created, received, bytes)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            """);
    }

    public Database Database => _database;

    public MeterTables Meters => _meters;

    public AuditTable Audit { get; } = new();

    public IngestOutcome Ingest(Received received, long nowMicros) => received switch
    {
        ReceivedBatch batch => Ingest(batch, nowMicros),
        UnreadableBatch batch => PutInQuarantine(batch, nowMicros),
        _ => throw new ArgumentException($"{received.GetType().Name} cannot be stored"),
    };

    /// <summary>Moves a batch from quarantine into the store. Its cursor has passed it long ago.</summary>
    /// <returns>False when it is not in quarantine any more.</returns>
    public bool Release(long id, ReceivedBatch batch, long nowMicros)
    {
        var header = batch.Header;
        var device = DeviceKey(batch.Tenant, header.Device, nowMicros);
        if (!_quarantine.Remove(id, device, header.Epoch, header.FirstSequence, header.Sequence))
            return false;
        Add(device, batch, gapsFrom: 0, isLate: true, nowMicros);
        return true;
    }

    /// <summary>The device's key in the tables; a device that is new is added.</summary>
    public long DeviceKey(TenantId tenant, DeviceId device, long nowMicros)
    {
        if (_devices.TryGetValue((tenant, device), out var key))
            return key;
        _findDevice.Bind(1, tenant.Value).Bind(2, device.Value);
        var found = _findDevice.Step();
        key = found ? _findDevice.Int64(0) : 0;
        _findDevice.Reset();
        if (!found)
        {
            _addDevice.Bind(1, tenant.Value).Bind(2, device.Value).Bind(3, nowMicros).Run();
            key = _database.LastInsertId;
        }

        if (_devices.Count >= NamesMax)
            _devices.Clear();
        _devices[(tenant, device)] = key;
        return key;
    }

    public void Seen(long device, long nowMicros) =>
        _touchDevice.Bind(1, device).Bind(2, nowMicros).Bind(3, 0).Bind(4, 0).Bind(5, 0).Run();

    /// <summary>What goes along with a change.</summary>
    public void Write(StoredAlong along, long nowMicros)
    {
        foreach (var entry in along.Entries)
            Audit.Append(_database, entry, nowMicros);
        if (along.Answer is { } answer)
            AnswerQueries.Put(_database, answer, nowMicros);
    }

    /// <summary>After a transaction that failed: what was remembered may not be in the tables.</summary>
    public void Forget()
    {
        _devices.Clear();
        _cursors.Clear();
        _records.Forget();
        _quarantine.Forget();
        _meters.Forget();
        _charts.Forget();
        Audit.Forget();
    }

    /// <summary>Writes some of the sums of readings that were begun before a time.</summary>
    /// <returns>True when there are more.</returns>
    public bool WriteCharts(long olderThanMicros, long nowMicros)
    {
        var more = !_open.IsLive && _charts.CatchUp(nowMicros);
        return _charts.WriteRipe(olderThanMicros) || more;
    }

    public void Dispose()
    {
        _records.Dispose();
        _database.Dispose();
    }

    private IngestOutcome Ingest(ReceivedBatch received, long nowMicros)
    {
        var header = received.Header;
        var device = DeviceKey(received.Tenant, header.Device, nowMicros);
        var cursor = CursorOf(device, header.Epoch);
        var verdict = CursorRule.Judge(
            cursor.Through, cursor.SealMark, header.FirstSequence, header.Sequence, received.PreviousMark);
        if (verdict != CursorVerdict.Next)
            return Unchanged(verdict, cursor, device, header.Epoch, header.Sequence);

        // Part of what the device shed may have arrived before: that part is no gap.
        Add(device, received, header.FirstSequence <= cursor.Through ? cursor.Through + 1 : 0, isLate: false, nowMicros);
        // A gap has no mark to compare: a power cut may have taken it back on the device and left what it stood for.
        var mark = received.Records.Gaps.Count > 0 ? 0 : received.SealMark;
        MoveCursor(device, header.Epoch, new Cursor(header.Sequence, mark));
        return new IngestOutcome.Stored(header.Sequence, mark);
    }

    private void Add(long device, ReceivedBatch batch, ulong gapsFrom, bool isLate, long nowMicros)
    {
        var header = batch.Header;
        _addBatch.Bind(1, device).Bind(2, header.Epoch).Bind(3, header.FirstSequence).Bind(4, header.Sequence)
            .Bind(5, (long)header.Class).Bind(6, batch.Records.Count).Bind(7, header.CreatedMicros)
            .Bind(8, nowMicros)
            .Bind(9, batch.SealedBytes).Run();
        var id = _database.LastInsertId;
        _records.Write(device, id, batch.Records, gapsFrom, isLate, nowMicros);
        _meters.Take(device, id, batch, nowMicros);
        _touchDevice.Bind(1, device).Bind(2, nowMicros).Bind(3, 1).Bind(4, batch.Records.Count)
            .Bind(5, batch.SealedBytes).Run();
    }

    private IngestOutcome PutInQuarantine(UnreadableBatch batch, long nowMicros)
    {
        var device = DeviceKey(batch.Tenant, batch.Device, nowMicros);
        var cursor = CursorOf(device, batch.Epoch);
        var verdict = CursorRule.Judge(cursor.Through, batch.FirstSequence, batch.Sequence);
        if (verdict != CursorVerdict.Next)
            return Unchanged(verdict, cursor, device, batch.Epoch, batch.Sequence);

        var reason = _quarantine.Add(device, batch, nowMicros);
        Seen(device, nowMicros);
        MoveCursor(device, batch.Epoch, new Cursor(batch.Sequence, batch.SealMark));
        return new IngestOutcome.Quarantined(batch.Sequence, batch.SealMark, reason);
    }

    private IngestOutcome Unchanged(CursorVerdict verdict, Cursor cursor, long device, ulong epoch, ulong sequence)
    {
        if (verdict == CursorVerdict.Ahead)
            return new IngestOutcome.OutOfOrder(cursor.Through, cursor.SealMark);
        if (verdict == CursorVerdict.Forked)
            return new IngestOutcome.Forked(cursor.Through, cursor.SealMark);
        return _quarantine.ReasonOf(device, epoch, sequence) is { } reason
            ? new IngestOutcome.Quarantined(cursor.Through, cursor.SealMark, reason)
            : new IngestOutcome.AlreadyStored(cursor.Through, cursor.SealMark);
    }

    private void MoveCursor(long device, ulong epoch, Cursor cursor)
    {
        _setCursor.Bind(1, device).Bind(2, epoch).Bind(3, cursor.Through).Bind(4, cursor.SealMark).Run();
        _cursors[(device, epoch)] = cursor;
    }

    private Cursor CursorOf(long device, ulong epoch)
    {
        if (_cursors.TryGetValue((device, epoch), out var cursor))
            return cursor;
        _findCursor.Bind(1, device).Bind(2, epoch);
        cursor = _findCursor.Step() ? new Cursor(_findCursor.UInt64(0), _findCursor.UInt64(1)) : default;
        _findCursor.Reset();
        if (_cursors.Count >= NamesMax)
            _cursors.Clear();
        _cursors[(device, epoch)] = cursor;
        return cursor;
    }

    private readonly record struct Cursor(ulong Through, ulong SealMark);
}
