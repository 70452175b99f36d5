using System.Threading.Channels;
using LeptonEdge.Core.Identity;

namespace LeptonEdge.Hub.Live;

/// <summary>One open page: a bounded queue that sheds its oldest events and remembers how many.</summary>
public sealed class LiveClient
{
    private const int EventsMax = 256;

    private readonly DeviceId? _device;
    private readonly ChannelName? _channel;
    private readonly Channel<byte[]> _events;
    private int _shed;

    internal LiveClient(DeviceId? device, ChannelName? channel, Action shed)
    {
        (_device, _channel) = (device, channel);
        _events = Channel.CreateBounded<byte[]>(
            new BoundedChannelOptions(EventsMax) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
            _ =>
            {
                Interlocked.Increment(ref _shed);
                shed();
            });
    }

    public ChannelReader<byte[]> Events => _events.Reader;

    /// <summary>Events shed since this was asked last.</summary>
    public int TakeShed() => Interlocked.Exchange(ref _shed, 0);

    internal bool Watches(DeviceId device, ChannelName channel) => _device == device && _channel == channel;

    internal void Offer(byte[] message) => _events.Writer.TryWrite(message);
}

/// <summary>The text of one server-sent event (WHATWG HTML, section 9.2).</summary>
internal static class LiveEvent
{
    /// <param name="json">One line: our serialiser writes no line breaks.</param>
    public static byte[] Format(string kind, byte[] json) =>
        [.. "event: "u8, .. System.Text.Encoding.ASCII.GetBytes(kind), .. "\ndata: "u8, .. json, .. "\n\n"u8];
}
