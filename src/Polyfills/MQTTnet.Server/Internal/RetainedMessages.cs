using System.Buffers;
using MQTTnet.Internal;

namespace MQTTnet.Server.Internal;

/// <summary>The last retained message of each topic, bounded in number and in bytes.</summary>
internal sealed class RetainedMessages(TimeProvider clock)
{
    private readonly Dictionary<string, Entry> _entries = [];
    private long _bytes;

    public int Count
    {
        get
        {
            lock (_entries)
                return _entries.Count;
        }
    }

    internal readonly record struct Entry(MqttApplicationMessage Message, long Stored);

    /// <summary>Sets the topic's message; an empty payload removes it.</summary>
    /// <returns>False when there is no room for another.</returns>
    public bool TrySet(MqttApplicationMessage message)
    {
        lock (_entries)
        {
            var had = _entries.TryGetValue(message.Topic, out var old);
            var bytes = _bytes - (had ? old.Message.Payload.Length : 0) + message.Payload.Length;
            if (message.Payload.IsEmpty)
                _entries.Remove(message.Topic);
            else if ((!had && _entries.Count >= ServerLimits.RetainedMax) || bytes > ServerLimits.RetainedBytesMax)
                return false;
            else
                _entries[message.Topic] = new Entry(message, clock.GetTimestamp());
            _bytes = bytes;
            return true;
        }
    }

    public MqttApplicationMessage? Get(string topic)
    {
        lock (_entries)
            return _entries.TryGetValue(topic, out var entry) ? entry.Message : null;
    }

    public List<MqttApplicationMessage> All()
    {
        lock (_entries)
            return [.. _entries.Values.Select(e => e.Message)];
    }

    public List<Entry> Matching(string filter)
    {
        lock (_entries)
        {
            if (filter.AsSpan().IndexOfAny('+', '#') < 0)
                return _entries.TryGetValue(filter, out var one) ? [one] : [];
            return [.. _entries.Values.Where(e => TopicNames.Matches(filter, e.Message.Topic))];
        }
    }

    public void Clear()
    {
        lock (_entries)
        {
            _entries.Clear();
            _bytes = 0;
        }
    }

    /// <summary>
    /// A copy that later changes of the original do not reach; the payload is copied unless it is ours.
    /// </summary>
    public static MqttApplicationMessage Freeze(MqttApplicationMessage message, bool copyPayload) => new()
    {
        Topic = message.Topic,
        Payload = copyPayload ? new ReadOnlySequence<byte>(message.Payload.ToArray()) : message.Payload,
        QualityOfServiceLevel = message.QualityOfServiceLevel,
        Retain = message.Retain,
        ContentType = message.ContentType,
        CorrelationData = message.CorrelationData,
        MessageExpiryInterval = message.MessageExpiryInterval,
        PayloadFormatIndicator = message.PayloadFormatIndicator,
        ResponseTopic = message.ResponseTopic,
        UserProperties = message.UserProperties is null ? null : [.. message.UserProperties],
    };
}
