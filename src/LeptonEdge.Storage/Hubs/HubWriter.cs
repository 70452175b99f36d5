using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Hubs;

/// <summary>Writes batches and cursors. Called under the store's writer lock, within a transaction.</summary>
internal sealed class HubWriter : IDisposable
{
    private const int NamesMax = 200_000;
    private readonly Database _database;
    private readonly RecordTables _records;
    private readonly Dictionary<(TenantId, DeviceId), long> _devices = [];
    private readonly Dictionary<(long, ulong), ulong> _cursors = [];
    private readonly Statement _findDevice;
    private readonly Statement _addDevice;
    private readonly Statement _touchDevice;
    private readonly Statement _findCursor;
    private readonly Statement _setCursor;
    private readonly Statement _addBatch;

    public HubWriter(Database database)
    {
        _database = database;
        _records = new RecordTables(database);
        _findDevice = database.Prepare("SELECT id FROM device WHERE tenant = ?1 AND device = ?2");
        _addDevice = database.Prepare(
            "INSERT INTO device (tenant, device, first_seen, last_seen) VALUES (?1, ?2, ?3, ?3)");
        _touchDevice = database.Prepare("""
            UPDATE device SET last_seen = max(last_seen, ?2), batches = batches + ?3, records = records + ?4, bytes = bytes + ?5
            WHERE id = ?1
            """);
        _findCursor = database.Prepare("SELECT through FROM cursor WHERE device_id = ?1 AND epoch = ?2");
        _setCursor = database.Prepare("""
            INSERT INTO cursor (device_id, epoch, through) VALUES (?1, ?2, ?3)
            ON CONFLICT (device_id, epoch) DO UPDATE SET through = excluded.through
            """);
        _addBatch = database.Prepare("""
            INSERT INTO batch (device_id, epoch, first_sequence, sequence, class, records, created, received, bytes)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            """);
    }

    public Database Database => _database;

    public IngestOutcome Ingest(in ReceivedBatch received, long nowMicros)
    {
        var header = received.Header;
        var device = DeviceKey(received.Tenant, header.Device, nowMicros);
        var cursor = Cursor(device, header.Epoch);
        if (header.Sequence <= cursor)
            return new IngestOutcome.AlreadyStored(cursor);
        // A gap batch may begin before the cursor: part of what the device shed had arrived.
        if (header.FirstSequence > cursor + 1)
            return new IngestOutcome.OutOfOrder(cursor);

        _addBatch.Bind(1, device).Bind(2, header.Epoch).Bind(3, header.FirstSequence).Bind(4, header.Sequence)
            .Bind(5, (long)header.Class).Bind(6, received.Records.Count).Bind(7, header.CreatedMicros)
            .Bind(8, nowMicros)
            .Bind(9, received.SealedBytes).Run();
        _records.Write(device, _database.LastInsertId, received.Records);
        _touchDevice.Bind(1, device).Bind(2, nowMicros).Bind(3, 1).Bind(4, received.Records.Count)
            .Bind(5, received.SealedBytes).Run();
        _setCursor.Bind(1, device).Bind(2, header.Epoch).Bind(3, header.Sequence).Run();
        _cursors[(device, header.Epoch)] = header.Sequence;
        return new IngestOutcome.Stored(header.Sequence);
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

    /// <summary>After a transaction that failed: what was remembered may not be in the tables.</summary>
    public void Forget()
    {
        _devices.Clear();
        _cursors.Clear();
        _records.Forget();
    }

    public void Dispose() => _records.Dispose();

    private ulong Cursor(long device, ulong epoch)
    {
        if (_cursors.TryGetValue((device, epoch), out var through))
            return through;
        _findCursor.Bind(1, device).Bind(2, epoch);
        through = _findCursor.Step() ? _findCursor.UInt64(0) : 0;
        _findCursor.Reset();
        if (_cursors.Count >= NamesMax)
            _cursors.Clear();
        _cursors[(device, epoch)] = through;
        return through;
    }
}
