using System.Buffers;
using System.Buffers.Text;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;

namespace LeptonEdge.Hub.Live;

/// <summary>A channel of which streams follow each reading.</summary>
internal sealed class LivePoints(DeviceId device, ChannelName name)
{
    private readonly byte[] _head = System.Text.Encoding.UTF8.GetBytes(
        $"{{\"device\":\"{device}\",\"channel\":\"{name}\",\"points\":[");
    private volatile LiveReader[] _followers = [];

    public DeviceId Device => device;

    public ChannelName Name => name;

    /// <summary>One thread at a time.</summary>
    public void Add(LiveReader reader) => _followers = [.. _followers, reader];

    /// <summary>One thread at a time.</summary>
    /// <returns>True when nobody follows it any more.</returns>
    public bool Remove(LiveReader reader)
    {
        _followers = [.. _followers.Where(follower => follower != reader)];
        return _followers.Length == 0;
    }

    /// <summary>Gives readings that were stored to all who follow; they are written once.</summary>
    public void Take(Series series)
    {
        var followers = _followers;
        for (var from = 0; followers.Length > 0 && from < series.Values.Count; from += PointQueue.AtOnceMax)
        {
            var count = Math.Min(PointQueue.AtOnceMax, series.Values.Count - from);
            var json = Write(series, from, count);
            foreach (var reader in followers)
                reader.Offer(json, count);
        }
    }

    private byte[] Write(Series series, int from, int count)
    {
        var text = new ArrayBufferWriter<byte>(_head.Length + (count * 40));
        text.Write(_head);
        for (var at = from; at < from + count; at++)
        {
            text.Write(at == from ? "["u8 : ",["u8);
            var span = text.GetSpan(64);
            Utf8Formatter.TryFormat(series.TimesMicros[at], span, out var length);
            span[length++] = (byte)',';
            text.Advance(length);
            if (double.IsFinite(series.Values[at]))
            {
                series.Values[at].TryFormat(
                    text.GetSpan(64), out length, "R", System.Globalization.CultureInfo.InvariantCulture);
                text.Advance(length);
            }
            else
            {
                text.Write("null"u8);
            }

            text.Write("]"u8);
        }

        text.Write("]}"u8);
        return text.WrittenSpan.ToArray();
    }
}

/// <summary>Readings that a stream has not written yet, at most so many; the oldest are shed and counted. Not for several
/// threads.</summary>
internal sealed class PointQueue
{
    /// <summary>Readings in one event.</summary>
    public const int AtOnceMax = 1000;

    private const int PointsMax = 5000;

    private readonly Queue<(byte[] Json, int Count)> _waiting = [];
    private int _points;
    private long _shed;

    public void Add(byte[] json, int count)
    {
        while (_points + count > PointsMax && _waiting.TryDequeue(out var oldest))
        {
            _points -= oldest.Count;
            _shed += oldest.Count;
        }

        _waiting.Enqueue((json, count));
        _points += count;
    }

    public bool TryTake(out byte[] json)
    {
        var any = _waiting.TryDequeue(out var next);
        (json, _points) = (next.Json, _points - next.Count);
        return any;
    }

    /// <summary>Readings shed since this was asked last.</summary>
    public long TakeShed()
    {
        var shed = _shed;
        _shed = 0;
        return shed;
    }
}
