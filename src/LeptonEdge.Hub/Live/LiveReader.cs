using System.Buffers;
using System.Threading.Channels;

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
    private int _count;
    private LiveTopic _noted;

    public LiveReader(int channels, LiveTopic topics)
    {
        (_marked, _order, Channels, Topics) = (new bool[channels], new int[channels], new LiveChannel[channels], topics);
        _noted = topics;
        _signal.Writer.TryWrite(true);
    }

    public LiveChannel[] Channels { get; }

    public LiveTopic Topics { get; }

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
