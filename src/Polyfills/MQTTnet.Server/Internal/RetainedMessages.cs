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
    public bool TrySet(MqttApplicationMessage message) => TrySet(message, out _);

    /// <param name="replaced">What was there before; null: nothing.</param>
    public bool TrySet(MqttApplicationMessage message, out Entry? replaced)
    {
        lock (_entries)
        {
            var had = _entries.TryGetValue(message.Topic, out var old);
            replaced = had ? old : null;
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

    /// <summary>Takes a change back, unless another came meanwhile.</summary>
    public void Revert(MqttApplicationMessage message, Entry? replaced)
    {
        lock (_entries)
        {
            var has = _entries.TryGetValue(message.Topic, out var present);
            if (message.Payload.IsEmpty ? has : !ReferenceEquals(present.Message, message))
                return;
            _bytes -= message.Payload.Length;
            if (replaced is not { } before)
            {
                _entries.Remove(message.Topic);
                return;
            }
            _entries[message.Topic] = before;
            _bytes += before.Message.Payload.Length;
        }
    }

    /// <summary>Takes up a message that was retained before the restart.</summary>
    public void Restore(MqttApplicationMessage message, long stored)
    {
        lock (_entries)
        {
            _entries[message.Topic] = new Entry(message, stored);
            _bytes += message.Payload.Length;
        }
    }

    /// <summary>Removes what is expired.</summary>
    /// <returns>The topics that have no message any more.</returns>
    public List<string> RemoveExpired()
    {
        var topics = new List<string>();
        lock (_entries)
        {
            foreach (var (topic, entry) in _entries)
            {
                if (entry.Message.MessageExpiryInterval is > 0 and var seconds
                    && clock.GetElapsedTime(entry.Stored).TotalSeconds >= seconds)
                    topics.Add(topic);
            }
            foreach (var topic in topics)
            {
                _entries.Remove(topic, out var entry);
                _bytes -= entry.Message.Payload.Length;
            }
        }
        return topics;
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
