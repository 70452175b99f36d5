using System.Buffers;
using System.Threading.Channels;
using LeptonEdge.Core.Identity;

namespace LeptonEdge.Hub.Live;

/// <summary>One open stream: which of its channels and topics have something new. Its size is fixed when it is opened; a
/// reader that is slow finds newer values, not more of them.</summary>
internal sealed class LiveReader
{
    private readonly Lock _gate = new();
    private readonly bool[] _marked;
    private readonly int[] _order;
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly PointQueue _points = new();
    private readonly RowMarks _rows = new();
    private bool _rowsAreDue;
    private int _count;
    private LiveTopic _noted;

    public LiveReader(LiveWish wish)
    {
        var channels = wish.Channels.Count;
        (_marked, _order, Channels, Topics) = (new bool[channels], new int[channels], new LiveChannel[channels], wish.Topics);
        (Points, Rows) = (new LivePoints[wish.Points.Count], wish.Rows);
        _noted = Topics;
        _signal.Writer.TryWrite(true);
    }

    public LiveChannel[] Channels { get; }

    public LivePoints[] Points { get; }

    public LiveTopic Topics { get; }

    /// <summary>Null: of no device.</summary>
    public RowWish? Rows { get; }

    /// <summary>All rows were marked for it once. For the one who marks.</summary>
    public bool IsGreeted { get; set; }

    /// <summary>Completes when there is something to tell.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken cancellation) => _signal.Reader.ReadAsync(cancellation);

    public void Mark(int slot)
    {
        lock (_gate)
        {
            if (_marked[slot])
                return;
            _marked[slot] = true;
            _order[_count++] = slot;
        }

        _signal.Writer.TryWrite(true);
    }

    public void Note(LiveTopic topic)
    {
        if ((topic & Topics) == 0)
            return;
        lock (_gate)
            _noted |= topic & Topics;
        _signal.Writer.TryWrite(true);
    }

    /// <summary>Writes the newest values of the channels that changed since it was asked last, as a JSON array.</summary>
    /// <returns>False when none did.</returns>
    public bool TryWriteValues(ArrayBufferWriter<byte> writer)
    {
        lock (_gate)
        {
            var any = false;
            for (var at = 0; at < _count; at++)
            {
                _marked[_order[at]] = false;
                if (Channels[_order[at]].Json is not { } json)
                    continue;
                writer.Write(any ? ","u8 : "["u8);
                writer.Write(json);
                any = true;
            }

            _count = 0;
            if (any)
                writer.Write("]"u8);
            return any;
        }
    }

    /// <summary>Takes readings as an event's data.</summary>
    public void Offer(byte[] json, int count)
    {
        lock (_gate)
            _points.Add(json, count);
        _signal.Writer.TryWrite(true);
    }

    public bool TryTakePoints(out byte[] json)
    {
        lock (_gate)
            return _points.TryTake(out json);
    }

    /// <summary>Readings that this stream was too slow for, since this was asked last.</summary>
    public long TakeShed()
    {
        lock (_gate)
            return _points.TakeShed();
    }

    /// <summary>Has <see cref="Nudge"/> tell this row, in its turn.</summary>
    public void MarkRow(DeviceId device, bool urgent)
    {
        if (Rows?.Has(device) is not true)
            return;
        lock (_gate)
            _rows.Mark(device, urgent);
    }

    /// <summary>Lets it tell some of the rows that are marked.</summary>
    public void Nudge()
    {
        lock (_gate)
        {
            if (!_rows.Any)
                return;
            _rowsAreDue = true;
        }

        _signal.Writer.TryWrite(true);
    }

    /// <summary>Rows to tell now.</summary>
    public IReadOnlyList<DeviceId> TakeRows()
    {
        lock (_gate)
        {
            if (!_rowsAreDue)
                return [];
            _rowsAreDue = false;
            return _rows.Take(LiveRows.AtOnceMax);
        }
    }

    /// <summary>Topics that changed since this was asked last.</summary>
    public LiveTopic TakeNoted()
    {
        lock (_gate)
        {
            var noted = _noted;
            _noted = LiveTopic.None;
            return noted;
        }
    }
}
