using LeptonEdge.Core;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Buffers;
using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Outboxes;

/// <summary>Keeps the outbox within its byte limit: takes out the oldest batch of the lowest class and leaves a gap
/// batch in its place, joined with the gaps beside it. Called under the outbox's lock, within its
/// transaction.</summary>
internal sealed class OutboxShedder(Database database, OutboxOptions options, TimeProvider clock, ulong epoch)
    : IDisposable
{
    private const int Classes = (int)RecordClass.Bulk + 1;
    private readonly string _reason = $"the outbox was full: limit {options.BytesMax} bytes";
    private readonly PooledBufferWriter _sealed = new();

    // No batch of a class is older than this: whatever was is shed or received.
    private readonly ulong[] _oldest = new ulong[Classes];

    private readonly Statement _find = database.Prepare(
        "SELECT sequence, records, bytes FROM batch WHERE sequence >= ?1 AND class = ?2 AND shed IS NULL ORDER BY "
        + "sequence LIMIT 1");
    private readonly Statement _at =
        database.Prepare("SELECT first, sequence, records, bytes, shed FROM batch WHERE sequence = ?1");
    private readonly Statement _next = database.Prepare(
        "SELECT first, sequence, records, bytes, shed FROM batch WHERE sequence > ?1 ORDER BY sequence LIMIT 1");
    private readonly Statement _delete = database.Prepare("DELETE FROM batch WHERE sequence BETWEEN ?1 AND ?2");
    private readonly Statement _insert = database.Prepare(
        "INSERT INTO batch (sequence, first, class, records, bytes, shed, sealed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    private readonly Statement _count =
        database.Prepare("UPDATE meta SET value = value + ?1 WHERE key = 'shed_records'");

    /// <summary>Sheds until the limit holds or nothing but gaps is left; returns what became of the totals.</summary>
    /// <param name="totals">Changed in place; the caller keeps the old ones should the transaction fail.</param>
    public (long Batches, long Records) Shed(OutboxTotals totals)
    {
        var (batches, records) = (0L, 0L);
        while (totals.Bytes > options.BytesMax
            && Find(totals, out var sequence, out var recordClass, out var shed, out var bytes))
        {
            Replace(totals, sequence, recordClass, shed, bytes);
            batches++;
            records += shed;
        }

        if (batches > 0)
            _count.Bind(1, records).Run();
        totals.ShedRecords += records;
        return (batches, records);
    }

    public void Dispose() => _sealed.Dispose();

    private bool Find(
        OutboxTotals totals, out ulong sequence, out RecordClass recordClass, out int records, out int bytes)
    {
        for (var i = Classes - 1; i >= 0; i--)
        {
            if (totals.OfClass[i] == 0)
                continue;
            recordClass = (RecordClass)i;
            if (_find.Bind(1, _oldest[i]).Bind(2, i).Step())
            {
                (sequence, records, bytes) = (_find.UInt64(0), _find.Int32(1), _find.Int32(2));
                _find.Reset();
                _oldest[i] = sequence;
                return true;
            }

            _find.Reset();
        }

        (sequence, recordClass, records, bytes) = (0, default, 0, 0);
        return false;
    }

    private void Replace(OutboxTotals totals, ulong sequence, RecordClass recordClass, int records, int bytes)
    {
        var range = new ShedRange();
        var (first, last) = (sequence, sequence);
        range.Add(recordClass, sequence, sequence, records);
        totals.Remove(recordClass, gap: false, records, bytes);
        Join(_at.Bind(1, sequence - 1), range, totals, ref first, ref last);
        Join(_next.Bind(1, sequence), range, totals, ref first, ref last);
        _delete.Bind(1, first).Bind(2, last).Run();

        var gaps = range.ToBatch(clock.GetUnixMicros(), _reason);
        _sealed.Clear();
        options.SealGap(epoch, first, last, gaps, _sealed);
        Span<byte> twin = stackalloc byte[ShedRange.Bytes];
        range.Write(twin);
        _insert.Bind(1, last).Bind(2, first).Bind(3, (long)gaps.Class).Bind(4, gaps.Count)
            .Bind(5, _sealed.WrittenCount).Bind(6, twin).Bind(7, _sealed.WrittenSpan).Run();
        totals.Add(gaps.Class, gap: true, gaps.Count, _sealed.WrittenCount);
    }

    private static void Join(Statement neighbour, ShedRange range, OutboxTotals totals, ref ulong first, ref ulong last)
    {
        if (neighbour.Step() && !neighbour.IsNull(4))
        {
            range.Add(neighbour.Blob(4));
            first = Math.Min(first, neighbour.UInt64(0));
            last = Math.Max(last, neighbour.UInt64(1));
            totals.Remove(RecordClass.Event, gap: true, neighbour.Int32(2), neighbour.Int32(3));
        }

        neighbour.Reset();
    }
}

/// <summary>Running totals of an outbox.</summary>
internal sealed class OutboxTotals
{
    public long Batches { get; private set; }

    public long Records { get; private set; }

    public long Bytes { get; private set; }

    public long ShedRecords { get; set; }

    /// <summary>Batches of each class, gaps apart.</summary>
    public int[] OfClass { get; private init; } = new int[(int)RecordClass.Bulk + 1];

    public OutboxTotals Copy() => new()
    {
        Batches = Batches,
        Records = Records,
        Bytes = Bytes,
        ShedRecords = ShedRecords,
        OfClass = [.. OfClass],
    };

    public void Add(RecordClass recordClass, bool gap, int records, int bytes) =>
        Change(recordClass, gap, 1, records, bytes);

    public void Remove(RecordClass recordClass, bool gap, int records, int bytes) =>
        Change(recordClass, gap, -1, -records, -bytes);

    private void Change(RecordClass recordClass, bool gap, int batches, int records, int bytes)
    {
        Batches += batches;
        Records += records;
        Bytes += bytes;
        if (!gap)
            OfClass[(int)recordClass] += batches;
    }
}
