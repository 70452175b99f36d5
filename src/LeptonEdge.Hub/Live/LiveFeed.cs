using System.Collections.Concurrent;
using LeptonEdge.Core.Identity;

namespace LeptonEdge.Hub.Live;

/// <summary>Passes live events to every open page; none of them can slow the hub down. Any thread.</summary>
public sealed class LiveFeed
{
    /// <summary>One more page is refused.</summary>
    public const int ClientsMax = 64;

    private readonly ConcurrentDictionary<LiveClient, byte> _clients = [];
    private long _shed;

    public int Clients => _clients.Count;

    /// <summary>Events that a slow page did not take, of all pages since the start.</summary>
    public long Shed => Interlocked.Read(ref _shed);

    /// <returns>Null when there are too many pages already.</returns>
    public LiveClient? Join(DeviceId? device, ChannelName? channel)
    {
        if (_clients.Count >= ClientsMax)
            return null;
        var client = new LiveClient(device, channel, () => Interlocked.Increment(ref _shed));
        _clients.TryAdd(client, 0);
        return client;
    }

    public void Leave(LiveClient client) => _clients.TryRemove(client, out _);

    /// <summary>Whether a page follows this channel: what nobody watches is not even encoded.</summary>
    public bool IsWatched(DeviceId device, ChannelName channel)
    {
        foreach (var (client, _) in _clients)
        {
            if (client.Watches(device, channel))
                return true;
        }

        return false;
    }

    public void Send(string kind, byte[] json)
    {
        var message = LiveEvent.Format(kind, json);
        foreach (var (client, _) in _clients)
            client.Offer(message);
    }

    public void SendReadings(DeviceId device, ChannelName channel, byte[] json)
    {
        var message = LiveEvent.Format("readings", json);
        foreach (var (client, _) in _clients)
        {
            if (client.Watches(device, channel))
                client.Offer(message);
        }
    }
}
