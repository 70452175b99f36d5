using System.Text;
using LeptonEdge.Core.Records;
using LeptonEdge.Storage.Devices;

namespace LeptonEdge.Storage.Outboxes;

/// <summary>Where a sound row was found.</summary>
/// <param name="Frame">Index in the log; -1 for a page of the file.</param>
internal readonly record struct FoundRow(
    ulong Epoch, ulong First, ulong Sequence, ulong Change, bool IsGap, uint Page, int Frame, int Cell, PageView View);

/// <summary>Looks at every page of an outbox and its log by itself, and finds every row whose checksum holds, also old
/// versions of rows and rows that were deleted.</summary>
internal sealed class PageScan(PageSource source, OutboxOptions options)
{
    private const int BatchColumns = 11;
    private const int ValueColumns = 5;
    private const int LineColumns = 2;
    private readonly int _payloadBytesMax = Math.Max(options.BatchBytesMax, 4 * 1024 * 1024) + 4096;
    private readonly byte[] _page = new byte[OutboxFile.PageBytes];
    private byte[] _payload = new byte[OutboxFile.PageBytes];

    public List<FoundRow> Rows { get; } = [];

    /// <summary>The newest state; null when there is none.</summary>
    public OutboxState? State { get; private set; }

    /// <summary>The newest value of each key.</summary>
    public Dictionary<string, (long Change, byte[] Value)> Values { get; } = [];

    public void Run()
    {
        for (uint page = 1; page <= source.FilePages; page++)
        {
            if (source.TryReadFile(page, _page))
                Look(page, -1);
        }

        for (var i = 0; i < source.Frames.Count; i++)
            LookAtFrame(i);
    }

    public void LookAtFrame(int frame)
    {
        source.OfLog(source.Frames[frame]).CopyTo(_page);
        Look(source.Frames[frame].Page, frame);
    }

    /// <summary>The row again, with its sealed bytes; false when the disk no longer gives it.</summary>
    public bool TryRead(in FoundRow found, out OutboxRow row, out ReadOnlySpan<byte> sealedBytes)
    {
        row = default;
        sealedBytes = default;
        if (found.Frame >= 0)
            source.OfLog(source.Frames[found.Frame]).CopyTo(_page);
        else if (!source.TryReadFile(found.Page, _page))
            return false;
        var length = LeafCells.Read(
            _page, found.Cell, source, found.View, _payloadBytesMax, ref _payload, out var key);
        var fields = new RowFields(_payload.AsSpan(0, Math.Max(length, 0)));
        return length > 0 && fields.TryRead() && fields.Count == BatchColumns
            && TryBatch(key, fields, out row, out sealedBytes);
    }

    private void Look(uint page, int frame)
    {
        var count = LeafCells.Count(_page);
        for (var cell = 0; cell < count; cell++)
        {
            // The overflow pages of an older version of the row may be those of an older version of the file.
            for (var view = PageView.Newest; view <= PageView.File; view++)
            {
                if (TryTake(page, frame, cell, view))
                    break;
            }
        }
    }

    private bool TryTake(uint page, int frame, int cell, PageView view)
    {
        var length = LeafCells.Read(_page, cell, source, view, _payloadBytesMax, ref _payload, out var key);
        if (length < 0)
            return false;
        var fields = new RowFields(_payload.AsSpan(0, length));
        if (!fields.TryRead())
            return false;
        switch (fields.Count)
        {
            case BatchColumns when TryBatch(key, fields, out var row, out _):
                Rows.Add(new FoundRow(
                    row.Epoch, row.First, row.Sequence, row.Change, row.IsGap, page, frame, cell, view));
                return true;
            case LineColumns when OutboxState.Read(fields.Bytes(1)) is { } state:
                if (State is null || state.Change >= State.Change)
                    State = state;
                return true;
            case ValueColumns:
                return TryValue(fields);
            default:
                return false;
        }
    }

    private static bool TryBatch(long key, RowFields fields, out OutboxRow row, out ReadOnlySpan<byte> sealedBytes)
    {
        sealedBytes = fields.Bytes(10);
        row = new OutboxRow(
            (ulong)fields.Int64(6), (ulong)fields.Int64(1), (ulong)key,
            (RecordClass)Math.Clamp(fields.Int64(2), 0, (int)RecordClass.Bulk), (int)fields.Int64(3),
            (int)fields.Int64(4), (ulong)fields.Int64(5), (ulong)fields.Int64(7),
            fields.IsNull(9) ? null : fields.Bytes(9).ToArray(), (uint)fields.Int64(8));
        return row.Checksum == Crc32C.Of(row, sealedBytes) && row.First > 0 && row.First <= row.Sequence;
    }

    private bool TryValue(RowFields fields)
    {
        var key = Encoding.UTF8.GetString(fields.Bytes(1));
        var value = fields.Bytes(2);
        var change = fields.Int64(3);
        if (!DeviceState.IsSound(key, value, change, (uint)fields.Int64(4)))
            return false;
        if (!Values.TryGetValue(key, out var known) || change >= known.Change)
            Values[key] = (change, value.ToArray());
        return true;
    }
}
