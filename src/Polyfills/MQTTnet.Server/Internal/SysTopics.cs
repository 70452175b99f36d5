using System.Buffers;
using System.Globalization;
using System.Text;
using MQTTnet.Internal;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet.Server.Internal;

/// <summary>What the server tells of itself below $SYS: at once to newcomers, then at an interval.</summary>
internal sealed class SysTopics(TimeProvider clock)
{
    public const string Version = "MQTTnet.Server polyfill 5.0.1";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly long _started = clock.GetTimestamp();
    private readonly Dictionary<string, string> _published = [];
    private int _watchers;
    private long _last;
    private Totals _gone;

    private readonly record struct Totals(long MessagesIn, long MessagesOut, long BytesIn, long BytesOut)
    {
        public static Totals operator +(Totals a, Totals b) => new(
            a.MessagesIn + b.MessagesIn, a.MessagesOut + b.MessagesOut, a.BytesIn + b.BytesIn,
            a.BytesOut + b.BytesOut);
    }

    /// <summary>No client may publish there.</summary>
    public static bool IsReserved(string topic) =>
        topic.StartsWith("$SYS", StringComparison.Ordinal) && (topic.Length == 4 || topic[4] == '/');

    public void OnSubscribed(string filter) => Interlocked.Add(ref _watchers, Watches(filter) ? 1 : 0);

    public void OnUnsubscribed(string filter) => Interlocked.Add(ref _watchers, Watches(filter) ? -1 : 0);

    /// <summary>A connection's counts go on counting when it is gone.</summary>
    public void OnGone(ServerConnection connection)
    {
        lock (_published)
            _gone += Of(connection);
    }

    /// <summary>The present values of the topics that a new subscription matches.</summary>
    public IEnumerable<MqttApplicationMessage> Matching(Broker broker, string filter) => !Watches(filter)
        ? []
        : Values(broker).Where(v => TopicNames.Matches(filter, v.Topic)).Select(v => Message(v.Topic, v.Value, true));

    /// <summary>Publishes what changed, when it is time and somebody listens.</summary>
    public async Task SweepAsync(Broker broker)
    {
        if (Volatile.Read(ref _watchers) == 0 || clock.GetElapsedTime(_last) < Interval)
            return;
        _last = clock.GetTimestamp();
        foreach (var (topic, value) in Values(broker))
        {
            if (_published.TryGetValue(topic, out var old) && old == value)
                continue;
            _published[topic] = value;
            await broker.RouteOwnAsync(Message(topic, value, false)).ConfigureAwait(false);
        }
    }

    private static bool Watches(string filter) => IsReserved(
        TopicNames.TryParseShare(filter, out _, out var shared) ? shared : filter);

    private static Totals Of(ServerConnection connection) => new(
        connection.MessagesReceived, connection.MessagesSent, connection.Pipe.BytesReceived, connection.Pipe.BytesSent);

    private static MqttApplicationMessage Message(string topic, string value, bool retain) => new()
    {
        Topic = topic,
        Payload = new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(value)),
        Retain = retain,
        QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
    };

    private List<(string Topic, string Value)> Values(Broker broker)
    {
        var sessions = broker.Sessions();
        Totals totals;
        lock (_published)
            totals = _gone;
        long connected = 0, stored = broker.Retained.Count, subscriptions = 0;
        foreach (var session in sessions)
        {
            if (session.Connection is { } connection)
            {
                connected++;
                totals += Of(connection);
            }
            stored += session.PendingCount;
            subscriptions += session.Subscriptions.Count;
        }
        var uptime = (long)clock.GetElapsedTime(_started).TotalSeconds;
        return
        [
            ("$SYS/broker/version", Version),
            ("$SYS/broker/uptime", $"{uptime.ToString(CultureInfo.InvariantCulture)} seconds"),
            Count("clients/connected", connected),
            Count("clients/total", sessions.Count),
            Count("messages/received", totals.MessagesIn),
            Count("messages/sent", totals.MessagesOut),
            Count("messages/stored", stored),
            Count("subscriptions/count", subscriptions),
            Count("retained messages/count", broker.Retained.Count),
            Count("bytes/received", totals.BytesIn),
            Count("bytes/sent", totals.BytesOut),
        ];
    }

    private static (string Topic, string Value) Count(string name, long value) =>
        ($"$SYS/broker/{name}", value.ToString(CultureInfo.InvariantCulture));
}
