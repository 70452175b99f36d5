using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using LeptonEdge.Core;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;

namespace LeptonEdge.Hub.Live;

/// <summary>Tells open streams of values and states. A value is written as JSON once, whoever follows its channel; what a
/// stream has not taken yet is replaced by what is newer. Any thread.</summary>
public sealed class LiveHub
{
    /// <summary>One more stream is refused.</summary>
    public const int ClientsMax = 512;

    private readonly ConcurrentDictionary<(DeviceId, ChannelName), LiveChannel> _channels = [];
    private readonly ConcurrentDictionary<(DeviceId, ChannelName), LivePoints> _points = [];
    private readonly ConcurrentDictionary<LiveReader, byte> _clients = [];
    private readonly Lock _joining = new();

    private long _shed;

    public int Clients => _clients.Count;

    /// <summary>Readings that slow streams did not take, of all streams since the start.</summary>
    public long Shed => Interlocked.Read(ref _shed);

    /// <returns>Null when there are too many streams already.</returns>
    internal LiveReader? Join(LiveWish wish)
    {
        lock (_joining)
        {
            if (_clients.Count >= ClientsMax)
                return null;
            var client = new LiveReader(wish);
            for (var slot = 0; slot < wish.Channels.Count; slot++)
            {
                var channel =
                    _channels.GetOrAdd(wish.Channels[slot], static name => new LiveChannel(name.Item1, name.Item2));
                channel.Add(client, slot);
                client.Channels[slot] = channel;
            }

            for (var slot = 0; slot < wish.Points.Count; slot++)
            {
                var points = _points.GetOrAdd(wish.Points[slot], static name => new LivePoints(name.Item1, name.Item2));
                points.Add(client);
                client.Points[slot] = points;
            }

            _clients.TryAdd(client, 0);
            return client;
        }
    }

    internal void Leave(LiveReader client)
    {
        lock (_joining)
        {
            _clients.TryRemove(client, out _);
            foreach (var channel in client.Channels)
            {
                if (channel.Remove(client))
                    _channels.TryRemove((channel.Device, channel.Name), out _);
            }

            foreach (var points in client.Points)
            {
                if (points.Remove(client))
                    _points.TryRemove((points.Device, points.Name), out _);
            }
        }
    }

    internal void CountShed(long readings) => Interlocked.Add(ref _shed, readings);

    /// <summary>Streams that follow rows of devices.</summary>
    internal IReadOnlyList<LiveReader> RowReaders()
    {
        var found = new List<LiveReader>();
        foreach (var (client, _) in _clients)
        {
            if (client.Rows is not null)
                found.Add(client);
        }

        return found;
    }

    /// <summary>A batch was stored.</summary>
    public void Take(DeviceId device, RecordBatch batch)
    {
        if (_channels.IsEmpty && _points.IsEmpty)
            return;
        foreach (var series in batch.Series)
        {
            if (series.Values.Count > 0 && _points.TryGetValue((device, series.Channel), out var points))
                points.Take(series);
            if (series.Values.Count > 0 && _channels.TryGetValue((device, series.Channel), out var channel))
                channel.Take(series.TimesMicros[^1], series.Values[^1]);
        }
    }

    /// <summary>Something changed there: streams that follow it are told its state.</summary>
    public void Note(LiveTopic topic)
    {
        foreach (var (client, _) in _clients)
            client.Note(topic);
    }

    /// <summary>Whether a stream follows it.</summary>
    public bool IsFollowed(LiveTopic topic)
    {
        foreach (var (client, _) in _clients)
        {
            if ((client.Topics & topic) != 0)
                return true;
        }

        return false;
    }
}

/// <summary>What one stream follows.</summary>
/// <param name="Points">Channels of which it is told each reading.</param>
/// <param name="Rows">Null: of no device.</param>
internal sealed record LiveWish(
    IReadOnlyList<(DeviceId Device, ChannelName Channel)> Channels,
    IReadOnlyList<(DeviceId Device, ChannelName Channel)> Points, RowWish? Rows, LiveTopic Topics);

/// <summary>A channel that streams follow, with its newest value as they send it.</summary>
internal sealed class LiveChannel(DeviceId device, ChannelName name)
{
    private readonly Lock _gate = new();
    private readonly string _head = $"{{\"device\":\"{device}\",\"channel\":\"{name}\",\"timeMicros\":";
    private (LiveReader Client, int Slot)[] _followers = [];
    private long _timeMicros = long.MinValue;
    private volatile byte[]? _json;

    public DeviceId Device => device;

    public ChannelName Name => name;

    /// <summary>The newest value as JSON; null while none is known.</summary>
    public byte[]? Json => _json;

    public void Add(LiveReader client, int slot)
    {
        lock (_gate)
            _followers = [.. _followers, (client, slot)];
    }

    /// <returns>True when nobody follows it any more.</returns>
    public bool Remove(LiveReader client)
    {
        lock (_gate)
        {
            _followers = [.. _followers.Where(follower => follower.Client != client)];
            return _followers.Length == 0;
        }
    }

    /// <summary>Takes a value, unless a newer one is known.</summary>
    public void Take(long timeMicros, double value)
    {
        (LiveReader Client, int Slot)[] followers;
        lock (_gate)
        {
            if (timeMicros < _timeMicros)
                return;
            _timeMicros = timeMicros;
            var text = double.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture) : "null";
            _json = Encoding.UTF8.GetBytes(
                string.Create(CultureInfo.InvariantCulture, $"{_head}{timeMicros},\"value\":{text}}}"));
            followers = _followers;
        }

        foreach (var (client, slot) in followers)
            client.Mark(slot);
    }
}
