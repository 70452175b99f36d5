using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Hubs;

/// <summary>Batches that the hub received and could not read. Called under the store's writer lock, within a
/// transaction.</summary>
internal sealed class QuarantineTable(Database database, HubStoreOptions options)
{
    private const int ReasonLengthMax = 500;
    private readonly Statement _add = database.Prepare("""
        INSERT INTO quarantine (device_id, epoch, first_sequence, sequence, reason, received, bytes, kept, sealed)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        """);
    private readonly Statement _reason = database.Prepare(
        "SELECT reason FROM quarantine WHERE device_id = ?1 AND epoch = ?2 AND sequence = ?3");
    private readonly Statement _remove = database.Prepare("""
        DELETE FROM quarantine WHERE id = ?1 AND device_id = ?2 AND epoch = ?3 AND first_sequence = ?4 AND sequence = ?5
        """);
    private long? _keptBytes;

    /// <summary>Puts a batch there and returns its reason as it is kept.</summary>
    public string Add(long device, UnreadableBatch batch, long nowMicros)
    {
        var reason = batch.Reason.Length > ReasonLengthMax ? batch.Reason[..ReasonLengthMax] : batch.Reason;
        var kept = (_keptBytes ??= database.Scalar("SELECT sum(kept * bytes) FROM quarantine")) + batch.Sealed.Length
            <= options.QuarantineBytesMax;
        _add.Bind(1, device).Bind(2, batch.Epoch).Bind(3, batch.FirstSequence).Bind(4, batch.Sequence)
            .Bind(5, reason).Bind(6, nowMicros).Bind(7, batch.Sealed.Length).Bind(8, kept ? 1L : 0L);
        if (kept)
            _add.Bind(9, batch.Sealed.Span);
        else
            _add.BindNull(9);
        _add.Run();
        if (kept)
            _keptBytes += batch.Sealed.Length;
        return reason;
    }

    /// <summary>Why a batch is in quarantine; null when it is not.</summary>
    public string? ReasonOf(long device, ulong epoch, ulong sequence)
    {
        _reason.Bind(1, device).Bind(2, epoch).Bind(3, sequence);
        var reason = _reason.Step() ? _reason.Text(0) : null;
        _reason.Reset();
        return reason;
    }

    /// <summary>Takes a batch out; false when there is none of that name under the number.</summary>
    public bool Remove(long id, long device, ulong epoch, ulong firstSequence, ulong sequence)
    {
        _remove.Bind(1, id).Bind(2, device).Bind(3, epoch).Bind(4, firstSequence).Bind(5, sequence).Run();
        _keptBytes = null;
        return database.Changes > 0;
    }

    public void Forget() => _keptBytes = null;
}
